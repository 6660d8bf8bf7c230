/** Lets shared work overlap; exclusive work runs alone, in the order it came, and is not overtaken. */
export class ReadWriteLock {
  #lastExclusive: Promise<unknown> = Promise.resolve();
  #shared = new Set<Promise<unknown>>();

  shared<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#lastExclusive.then(work);
    const settled = running.catch(() => undefined).finally(() => this.#shared.delete(settled));
    this.#shared.add(settled);
    return running;
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const before = [this.#lastExclusive, ...this.#shared];
    const running = Promise.all(before).then(work);
    this.#lastExclusive = running.catch(() => undefined);
    return running;
  }
}
