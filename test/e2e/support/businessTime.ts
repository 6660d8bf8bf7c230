import { devClock } from '../../../src/dev/commands.ts';

/** Business time of a hospital, as a test turns it: forward only. Between turns it runs on. */
export class BusinessTime {
  readonly #dir: string;
  /** From which moment of this process on (as `performance.now()` counts) which offset held. */
  readonly #turns: { readonly from: number; readonly offset: number }[] = [{ from: 0, offset: 0 }];

  constructor(dir: string) {
    this.#dir = dir;
  }

  now(): number {
    return this.at(performance.now());
  }

  /** What the clock read at a moment of this process (as `performance.now()` counts). */
  at(moment: number): number {
    const turn = this.#turns.findLast(({ from }) => from <= moment);
    return performance.timeOrigin + moment + (turn?.offset ?? 0);
  }

  /** Begins at an instant, whatever the clock read. */
  async begin(instant: number): Promise<void> {
    // What comes while it is turned comes because of that.
    const from = performance.now();
    const { offset_ms: offset } = await devClock({ dir: this.#dir, change: { set: instant } });
    this.#turns.push({ from, offset });
  }

  /** To an instant; everything that is due by then has been done when it returns. Nothing to turn when it is past. */
  async to(instant: number): Promise<void> {
    // The offset is rounded: a step must not miss its instant by half a millisecond.
    if (instant > this.now()) await this.begin(instant + 1);
  }
}
