/** Pauses between tries that end early when their owner stops. */
export class Pauses {
  readonly #running = new Set<() => void>();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves after `ms`, sooner when `sooner` resolves or `end` is called. */
  for(ms: number, sooner?: Promise<unknown>): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#running.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#running.add(done);
      void sooner?.then(done);
    });
  }

  end(): void {
    this.#ended = true;
    for (const done of [...this.#running]) done();
  }
}
