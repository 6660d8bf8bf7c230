/** Takes known values out of a ticket's document, so that whatever is left can be shown as it stands. */
export class DocumentReader {
  readonly #document: Readonly<Record<string, unknown>>;
  readonly #taken = new Set<string>();

  constructor(document: Readonly<Record<string, unknown>>) {
    this.#document = document;
  }

  /** A text or number at this path; null, and nothing taken, when there is none or something else. */
  take(...path: string[]): string | null {
    const value = this.#at(path);
    if (typeof value === 'number') return this.#takeAs(path, String(value));
    return typeof value === 'string' && value.trim() !== '' ? this.#takeAs(path, value) : null;
  }

  /** A truth value at this path; null, and nothing taken, when there is none or something else. */
  takeTruth(...path: string[]): boolean | null {
    const value = this.#at(path);
    return typeof value === 'boolean' ? this.#takeAs(path, value) : null;
  }

  /** What was not taken: values with their names, and the names of empty ones. */
  rest(): {
    readonly given: readonly { readonly label: string; readonly value: string }[];
    readonly empty: readonly string[];
  } {
    const given: { label: string; value: string }[] = [];
    const empty: string[] = [];
    const visit = (value: unknown, path: readonly string[]): void => {
      if (path.length > 0 && this.#taken.has(keyOf(path))) return;
      if (isEmpty(value)) empty.push(labelOf(path, false));
      else if (typeof value !== 'object') given.push({ label: labelOf(path, true), value: scalar(value) });
      else if (Array.isArray(value) && value.every((item) => typeof item !== 'object' && !isEmpty(item)))
        given.push({ label: labelOf(path, true), value: value.map(scalar).join(', ') });
      else if (Array.isArray(value))
        for (const [index, item] of value.entries()) visit(item, [...path, String(index + 1)]);
      else for (const [key, item] of Object.entries(value ?? {})) visit(item, [...path, key]);
    };
    for (const [key, value] of Object.entries(this.#document)) visit(value, [key]);
    return { given, empty };
  }

  #at(path: readonly string[]): unknown {
    let value: unknown = this.#document;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
        return undefined;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    return value;
  }

  #takeAs<T>(path: readonly string[], value: T): T {
    this.#taken.add(keyOf(path));
    return value;
  }
}

const keyOf = (path: readonly string[]) => JSON.stringify(path);

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (typeof value === 'string' && value.trim() === '') ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const scalar = (value: unknown): string => (value === true ? 'yes' : value === false ? 'no' : String(value));

/** `patient weeks pregnant` of `patient`, `weeks_pregnant`. */
function labelOf(path: readonly string[], capital: boolean): string {
  const words = path.map((key) => key.replace(/_/g, ' ')).join(' ');
  return capital ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}
