import type { View } from '../views/view.ts';
import { EVERYDAY } from './everydayWords.ts';
import { FIRST_NAMES } from './firstNames.ts';
import { SURNAMES } from './surnames.ts';

/** A word of a text and what its writing tells. */
export interface Word {
  readonly text: string;
  readonly lower: string;
  readonly start: number;
  readonly end: number;
  /** Written large: `Rosa`, `McCoy`, `ROSA` in a text that is not all large. */
  readonly isLarge: boolean;
  /** A list's first name or surname, and no everyday word. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** In a list, and an everyday word as well. */
  readonly isDoubtful: boolean;
  readonly isEveryday: boolean;
  /** What stands between it and the word before. */
  readonly gap: string;
}

/** The words of a view. In a text without small letters, large ones say nothing. */
export function wordsOf({ text }: View): readonly Word[] {
  const shouts = !/[a-z]{2}/.test(text);
  let last = 0;
  return [...text.matchAll(/[A-Za-z](?:[A-Za-z]|['-](?=[A-Za-z]))*/g)].map((match) => {
    // A name's "'s" is not part of it.
    const word = match[0].replace(/'s$/i, '');
    const lower = word.toLowerCase();
    const parts = lower.split('-');
    const gap = text.slice(last, match.index);
    last = match.index + word.length;
    // "We'll", "don't"
    const isEveryday = EVERYDAY.has(lower) || /(?:n't|'(?:ll|re|ve|d|m))$/.test(lower);
    const isFirst = parts.some((part) => FIRST_NAMES.has(part));
    const isLast = parts.some((part) => SURNAMES.has(part));
    return {
      text: word,
      lower,
      start: match.index,
      end: last,
      isLarge: !shouts && /^[A-Z]/.test(word),
      isFirst: isFirst && !isEveryday,
      isLast: isLast && !isEveryday,
      isDoubtful: (isFirst || isLast) && isEveryday,
      isEveryday,
      gap,
    };
  });
}
