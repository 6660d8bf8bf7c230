/** A text on one of the telephones of the local carrier. */
export interface ShownText {
  /** As the carrier names it, for `POST report`. */
  readonly id: string;
  readonly at: string;
  /** From the telephone's side: `in` came from a line of ours. */
  readonly direction: 'in' | 'out';
  readonly line: string;
  readonly body: string;
}

/** So many texts are remembered of one telephone, and so many telephones. */
const TEXTS = 200;
const PHONES = 500;

/** What telephones show: in memory, the oldest goes first. */
export class Phones {
  readonly #byNumber = new Map<string, ShownText[]>();

  show(number: string, text: ShownText): void {
    const shown = this.#byNumber.get(number) ?? [];
    this.#byNumber.delete(number);
    this.#byNumber.set(number, [...shown, text].slice(-TEXTS));
    const [oldest] = this.#byNumber.keys();
    if (this.#byNumber.size > PHONES && oldest !== undefined) this.#byNumber.delete(oldest);
  }

  of(number: string): readonly ShownText[] {
    return this.#byNumber.get(number) ?? [];
  }

  numbers(): readonly string[] {
    return [...this.#byNumber.keys()].reverse();
  }
}
