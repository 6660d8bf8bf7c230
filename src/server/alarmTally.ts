/** How often which alarm was raised since it was last kept. What a process that is killed had not kept yet is missing: seconds of it. */
export class AlarmTally {
  #times = new Map<string, number>();

  add(code: string): void {
    this.#times.set(code, (this.#times.get(code) ?? 0) + 1);
  }

  /** Hands out what came since the last time; when that fails, it is handed out again. */
  async flush(keep: (times: ReadonlyMap<string, number>) => Promise<void>): Promise<void> {
    const times = this.#times;
    if (times.size === 0) return;
    this.#times = new Map();
    try {
      await keep(times);
    } catch (error) {
      for (const [code, count] of times) this.#times.set(code, (this.#times.get(code) ?? 0) + count);
      throw error;
    }
  }
}
