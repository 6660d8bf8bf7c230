/** Work for one key is done one after the other, in the order of asking; work for different keys at once. */
export class InOrder {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? work() : before.then(work);
    const ended: Promise<void> = result.then(
      () => this.#ended(key, ended),
      () => this.#ended(key, ended),
    );
    this.#last.set(key, ended);
    return result;
  }

  #ended(key: string, one: Promise<void>): void {
    if (this.#last.get(key) === one) this.#last.delete(key);
  }
}
