import type { Pace } from './pace.ts';
import type { Timers } from './timers.ts';

interface Waiting {
  readonly go: (mayGo: boolean) => void;
}

/**
 * Who may submit next: in the order of asking, at most `window` at a time, at the pace. Nobody gets a turn while it is shut; who waits
 * then is sent away.
 */
export class Turns {
  readonly #window: number;
  readonly #pace: Pace;
  readonly #timers: Timers;
  #waiting: Waiting[] = [];
  #first = 0;
  #running = 0;
  #isOpen = false;
  #callOff: (() => void) | null = null;

  constructor(window: number, pace: Pace, timers: Timers) {
    this.#window = window;
    this.#pace = pace;
    this.#timers = timers;
  }

  /** Resolves to true when it is one's turn, which `done` ends; to false: there is no connection. */
  take(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting.push({ go: resolve });
      this.#serve();
    });
  }

  done(): void {
    this.#running -= 1;
    this.#serve();
  }

  open(): void {
    this.#isOpen = true;
  }

  shut(): void {
    this.#isOpen = false;
    this.#callOff?.();
    this.#callOff = null;
    const away = this.#waiting.slice(this.#first);
    this.#waiting = [];
    this.#first = 0;
    for (const { go } of away) go(false);
  }

  #serve(): void {
    while (this.#first < this.#waiting.length && this.#running < this.#window && this.#callOff === null) {
      const { waitMs } = this.#pace;
      if (waitMs > 0) {
        this.#callOff = this.#timers.after(waitMs, () => {
          this.#callOff = null;
          this.#serve();
        });
        return;
      }
      this.#pace.take();
      this.#running += 1;
      (this.#waiting[this.#first] as Waiting).go(true);
      this.#first += 1;
    }
    if (this.#first > 1_000 || this.#first === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
  }
}
