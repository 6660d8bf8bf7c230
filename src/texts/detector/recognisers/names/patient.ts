import type { Known } from '../../known.ts';
import { EVERYDAY } from '../../names/everydayWords.ts';
import { FIRST_NAMES } from '../../names/firstNames.ts';
import { calledBy } from '../../names/nicknames.ts';
import { type Word, wordsOf } from '../../names/words.ts';
import type { Match, Recogniser } from '../../recogniser.ts';
import { plainView } from '../../views/plain.ts';
import { withinOneSlip } from '../health/slips.ts';

/** The names of a record as words: given names, and what may be a surname. */
export function partsOf(names: readonly string[]): {
  readonly first: readonly string[];
  readonly rest: readonly string[];
} {
  const words = names.map((name) => {
    // "Delgado, Rosa" is "Rosa Delgado".
    const turned = /^([^,]+),\s*(.+)$/.exec(name);
    return plainView(turned ? `${turned[2]} ${turned[1]}` : name)
      .text.toLowerCase()
      .split(/[^a-z']+/)
      .filter((word) => word.length > 1);
  });
  // "Rosa Maria Delgado" is called Maria as well as Rosa; the last word is always a surname.
  const isGiven = (word: string, i: number, all: readonly string[]) =>
    i === 0 || (i < all.length - 1 && FIRST_NAMES.has(word));
  return {
    first: words.flatMap((all) => all.filter(isGiven)),
    rest: words.flatMap((all) => all.filter((word, i) => !isGiven(word, i, all))),
  };
}

const PARTICLES = new Set([
  'de',
  'la',
  'del',
  'los',
  'las',
  'van',
  'von',
  'der',
  'den',
  'da',
  'dos',
  'di',
  'jr',
  'sr',
  'ii',
  'iii',
]);

/** A word is the name, or the name with a slip of the pen: only in long ones, and not where it is a word of its own. */
export function isName(word: string, name: string): boolean {
  if (word === name) return true;
  return (
    name.length >= 5 && word.length >= 4 && word[0] === name[0] && !EVERYDAY.has(word) && withinOneSlip(word, name)
  );
}

/** The patient's surname, or the whole name: on record, so no list has to know it. */
export const patientName: Recogniser = {
  rule: 'name-patient',
  kind: 'identifier',
  reads: 'words',
  *find(view, { names }) {
    if (names.length === 0) return;
    const { first, rest } = partsOf(names);
    const surnames = rest.filter((name) => !PARTICLES.has(name));
    for (const word of wordsOf(view)) {
      const pieces = word.lower.split('-');
      const isDoubtful = EVERYDAY.has(word.lower) && !word.isLarge;
      if (
        !isDoubtful &&
        surnames.some(
          (name) => pieces.some((piece) => isName(piece, name)) || isName(word.lower.replace(/['-]/g, ''), name),
        )
      )
        yield word;
    }
    yield* initials(view.text, first, surnames);
  },
};

/** `R.D.`, `R. D.`, `RD` as a word of its own, beside "patient" or alone with full stops. */
function* initials(text: string, first: readonly string[], surnames: readonly string[]): Generator<Match> {
  for (const one of first)
    for (const other of surnames) {
      const [a, b] = [(one[0] ?? '').toUpperCase(), (other[0] ?? '').toUpperCase()];
      const pattern = new RegExp(
        `(?<![A-Za-z.])(?:${a}\\.\\s?${b}\\.|(?<=(?:pt|patient|for|re:?)\\s)${a}\\.?${b}\\.?(?![A-Za-z]))`,
        'g',
      );
      for (const match of text.matchAll(pattern)) yield { start: match.index, end: match.index + match[0].length };
    }
}

/** What the patient, and who answers for them, is called: the names of the record; lower case. */
export function callNames({ names, contacts }: Known): readonly string[] {
  const { first, rest } = partsOf([...names, ...contacts]);
  return [...new Set([...first, ...rest])];
}

/** Whether a word is one of those names, or what somebody with that name is called. */
export const isAddressee = (word: Word, called: readonly string[]): boolean =>
  called.some((name) => isName(word.lower, name) || calledBy(name).has(word.lower));
