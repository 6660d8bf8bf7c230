/** A text as a recogniser reads it: changed, with the way back to the original. */
export interface View {
  readonly text: string;
  /** For each code unit of `text`, where it came from in the original: from `starts[i]` up to `ends[i]`. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where in the original a part of a view came from. */
export function spanOf(view: View, start: number, end: number): Span {
  return { start: view.starts[start] ?? 0, end: view.ends[Math.max(start, end - 1)] ?? 0 };
}

/** Makes a view out of pieces of another one. */
export class ViewBuilder {
  #text = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Text that stands for the original from `start` up to `end`. */
  add(text: string, start: number, end: number): void {
    this.#text += text;
    for (let i = 0; i < text.length; i += 1) {
      this.#starts.push(start);
      this.#ends.push(end);
    }
  }

  /** A part of another view, as it is. */
  copy(view: View, start: number, end: number): void {
    this.#text += view.text.slice(start, end);
    for (let i = start; i < end; i += 1) {
      this.#starts.push(view.starts[i] ?? 0);
      this.#ends.push(view.ends[i] ?? 0);
    }
  }

  build(): View {
    return { text: this.#text, starts: this.#starts, ends: this.#ends };
  }
}

/** A view in which each match of the pattern is replaced; null: there is none, it would be the same. */
export function replaced(view: View, pattern: RegExp, by: (match: string) => string | null): View | null {
  const builder = new ViewBuilder();
  let done = 0;
  for (const match of view.text.matchAll(pattern)) {
    const text = by(match[0]);
    if (text === null || text === match[0]) continue;
    const end = match.index + match[0].length;
    builder.copy(view, done, match.index);
    if (text.length === match[0].length)
      for (let i = 0; i < text.length; i += 1)
        builder.add(text[i] ?? '', view.starts[match.index + i] ?? 0, view.ends[match.index + i] ?? 0);
    else builder.add(text, view.starts[match.index] ?? 0, view.ends[end - 1] ?? 0);
    done = end;
  }
  if (done === 0) return null;
  builder.copy(view, done, view.text.length);
  return builder.build();
}
