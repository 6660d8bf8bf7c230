import type { Timers } from './timers.ts';

/**
 * What became of a request. `late`: written, and no answer in time. `lost`: written, and the connection ended. `unsent`: it was not written.
 */
export type Answer =
  | { readonly kind: 'answered'; readonly command: number; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'late' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unsent' };

const LAST_SEQUENCE = 0x7fff_ffff;

interface Asked {
  readonly settle: (answer: Answer) => void;
  readonly callOff: () => void;
}

/** Requests that have no answer yet, by their sequence number. A second answer, and one that comes late, meets nothing here. */
export class Pending {
  readonly #timers: Timers;
  readonly #asked = new Map<number, Asked>();
  readonly #whenEmpty: (() => void)[] = [];
  #sequence = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** A number for the next request (SMPP 3.4, section 3.2.3), and what becomes of it; `atOnce` hears it before anything else happens. */
  add(
    withinMs: number,
    atOnce: (answer: Answer) => void = () => undefined,
  ): { readonly sequence: number; readonly answer: Promise<Answer> } {
    do this.#sequence = this.#sequence >= LAST_SEQUENCE ? 1 : this.#sequence + 1;
    while (this.#asked.has(this.#sequence));
    const sequence = this.#sequence;
    const answer = new Promise<Answer>((resolve) => {
      const callOff = this.#timers.after(withinMs, () => {
        this.answered(sequence, { kind: 'late' });
      });
      const settle = (settled: Answer): void => {
        atOnce(settled);
        resolve(settled);
      };
      this.#asked.set(sequence, { settle, callOff });
    });
    return { sequence, answer };
  }

  /** Whether somebody had asked. */
  answered(sequence: number, answer: Answer): boolean {
    const asked = this.#asked.get(sequence);
    if (!asked) return false;
    this.#asked.delete(sequence);
    asked.callOff();
    asked.settle(answer);
    if (this.#asked.size === 0) for (const run of this.#whenEmpty.splice(0)) run();
    return true;
  }

  /** Runs it once when nobody waits for an answer. */
  whenEmpty(run: () => void): void {
    if (this.#asked.size === 0) run();
    else this.#whenEmpty.push(run);
  }

  lose(): void {
    for (const sequence of [...this.#asked.keys()]) this.answered(sequence, { kind: 'lost' });
  }
}
