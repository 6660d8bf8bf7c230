import type { Timers } from './timers.ts';

/** A timer that came at most so late is caught up with; what was not used for longer is gone, so that there are no bursts. */
const CATCH_UP_MS = 10;
/** Slowing down: to a half each time, to a sixteenth at the slowest; back by a twentieth of the configured rate a second. */
const SLOWEST = 1 / 16;
const RECOVERY_PER_MS = 0.05 / 1000;
/** A window full of answers "throttled" is one reason to slow down, not ten. */
const ONE_REASON_MS = 1_000;
/** What is sent again waits at least so long. */
const LEAST_WAIT_MS = 1_000;

/** When the next submit_sm may go: evenly, at most so many a second, fewer while the SMSC says that it is too fast. */
export class Pace {
  readonly #perSecond: number;
  readonly #timers: Timers;
  #next = Number.NEGATIVE_INFINITY;
  #share = 1;
  #slowedAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, timers: Timers) {
    this.#perSecond = perSecond;
    this.#timers = timers;
  }

  /** Milliseconds until the next one may go; 0: now. Timers count in whole milliseconds: less than one is not waited for. */
  get waitMs(): number {
    const ms = this.#next - this.#timers.now();
    return ms < 1 ? 0 : ms;
  }

  /** One goes. */
  take(): void {
    const now = this.#timers.now();
    const isLate = now - this.#next <= CATCH_UP_MS;
    this.#next = (isLate ? this.#next : now) + 1_000 / (this.#perSecond * this.#shareAt(now));
  }

  /** The SMSC said that it was too fast. Returns after how many milliseconds the text may be tried again. */
  slowDown(): number {
    const now = this.#timers.now();
    if (now - this.#slowedAt >= ONE_REASON_MS) {
      this.#share = Math.max(SLOWEST, this.#shareAt(now) / 2);
      this.#slowedAt = now;
    }
    return Math.round(LEAST_WAIT_MS / this.#share);
  }

  #shareAt(now: number): number {
    if (this.#share === 1) return 1;
    return Math.min(1, this.#share + (now - this.#slowedAt) * RECOVERY_PER_MS);
  }
}
