/** Durations of the machine, in milliseconds: timeouts, pauses, rates. Tests turn them. */
export interface Timers {
  /** Never goes back. */
  now(): number;
  /** Runs once after `ms`; returns what calls it off. */
  after(ms: number, run: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
