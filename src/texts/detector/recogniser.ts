import type { FindingKind } from './finding.ts';
import type { Known } from './known.ts';
import type { View } from './views/view.ts';

/** A match in a view: code units, `end` exclusive. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/** One kind of thing that may not travel. Recognisers know nothing of each other; the order they are asked in never matters. */
export interface Recogniser {
  readonly rule: string;
  readonly kind: FindingKind;
  /**
   * The views it wants. `plain`: the text as it is read. `joined`: and with what is spaced out together. `words`: and with digits and signs
   * for letters.
   */
  readonly reads: 'plain' | 'joined' | 'words';
  readonly find: (view: View, known: Known) => Iterable<Match>;
}

/** Matches of a pattern; `accept` may refuse one, or shorten it to a group. */
export function* matches(
  text: string,
  pattern: RegExp,
  accept: (match: RegExpExecArray) => boolean = () => true,
): Generator<Match> {
  for (const match of text.matchAll(pattern))
    if (match[0] !== '' && accept(match)) yield { start: match.index, end: match.index + match[0].length };
}

/** The digits of a text, nothing else. */
export const digitsOf = (text: string): string => text.replace(/\D/g, '');
