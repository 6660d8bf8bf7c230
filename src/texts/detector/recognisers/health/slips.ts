import { EVERYDAY } from '../../names/everydayWords.ts';

/**
 * Finds words of a list with one slip of the pen: a letter too many, missing, wrong, or two changed places (`diabetis`, `scizophrenia`).
 * By deletions (as in SymSpell): a word and its slip share one form with a letter less. The first letter has to be right.
 */
export class Slips {
  readonly #words: ReadonlySet<string>;
  readonly #shorter = new Map<string, string[]>();

  constructor(words: readonly string[]) {
    this.#words = new Set(words);
    for (const word of words)
      for (const form of formsOf(word)) {
        const there = this.#shorter.get(form);
        if (there) there.push(word);
        else this.#shorter.set(form, [word]);
      }
  }

  /** Whether a lower-case token is a word of the list with one slip. */
  has(token: string): boolean {
    // No word of the lists is longer.
    if (token.length > 24 || EVERYDAY.has(token)) return false;
    return [token, token.replace(/(?:s|es|ed|ing|al)$/, '')].some((form) => this.#near(form));
  }

  #near(token: string): boolean {
    if (token.length < 6 || this.#words.has(token)) return this.#words.has(token);
    const candidates = formsOf(token).flatMap((form) => this.#shorter.get(form) ?? []);
    return candidates.some((word) => word[0] === token[0] && withinOneSlip(word, token));
  }
}

/** The word, and the word without each one of its letters. */
function formsOf(word: string): string[] {
  return [word, ...Array.from(word, (_, i) => word.slice(0, i) + word.slice(i + 1))];
}

/** One insertion, deletion, substitution or exchange of neighbours (Damerau). */
export function withinOneSlip(one: string, other: string): boolean {
  if (one === other) return true;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let i = 0;
  while (i < short.length && short[i] === long[i]) i += 1;
  if (short.length < long.length) return short.slice(i) === long.slice(i + 1);
  if (short.slice(i + 1) === long.slice(i + 1)) return true;
  return short[i] === long[i + 1] && short[i + 1] === long[i] && short.slice(i + 2) === long.slice(i + 2);
}
