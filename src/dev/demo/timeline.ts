/** Prints what happens, when, and how long it took since what it is measured from. */
export class Timeline {
  readonly #start: number;
  #failed = 0;

  constructor() {
    this.#start = performance.now();
  }

  heading(text: string): void {
    process.stdout.write(`\n${text}\n`);
  }

  /** `since`: an earlier instant (performance.now()) the latency is counted from. */
  happened(who: string, what: string, at: number, since?: { readonly at: number; readonly of: string }): void {
    const clock = `${((at - this.#start) / 1000).toFixed(2).padStart(7)} s`;
    const latency = since ? `  (${Math.round(at - since.at)} ms after ${since.of})` : '';
    process.stdout.write(`${clock}  ${who.padEnd(18)} ${what}${latency}\n`);
  }

  check(what: string, holds: boolean, detail = ''): void {
    if (!holds) this.#failed += 1;
    process.stdout.write(`  ${holds ? 'ok  ' : 'FAIL'}  ${what}${detail ? `: ${detail}` : ''}\n`);
  }

  get failed(): number {
    return this.#failed;
  }
}
