import type { Timers } from '../../../src/sms/smpp/timers.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that only the test turns. */
export class TurnedTimers implements Timers {
  #now = 0;
  #order = 0;
  readonly #due = new Set<Due>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const due = { at: this.#now + ms, order: this.#order, run };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Runs what is due within `ms`, each at its own time; promises settle in between. */
  async turn(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order);
      if (!next) break;
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets promises settle that wait for nothing outside. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
