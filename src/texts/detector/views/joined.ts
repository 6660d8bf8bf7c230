import { replaced, type View } from './view.ts';

const DIGITS: Readonly<Record<string, string>> = {
  zero: '0',
  oh: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  cero: '0',
  uno: '1',
  dos: '2',
  tres: '3',
  cuatro: '4',
  cinco: '5',
  seis: '6',
  siete: '7',
  ocho: '8',
  nueve: '9',
};
const WORDS = Object.keys(DIGITS).join('|');
/** Three or more digits in words: less may be "one or two". */
const SPELT = new RegExp(`(?<![a-z])(?:(?:${WORDS})[\\s,.-]{1,3}){2,}(?:${WORDS})(?![a-z])`, 'gi');
/** Four or more characters that stand alone: `5 5 5 1`, `H.I.V. +`, `d-i-a-b`. */
const SPACED = /(?<![A-Za-z0-9])(?:[A-Za-z0-9@$!][ .\-_*|/,~]{1,3}){2,}[A-Za-z0-9@$!](?![A-Za-z0-9])/g;
/** Separators inside a word: `dia-betes`, `hiv_pos`, `metha*done`. Read as one word beside the reading as two. */
const BROKEN = /(?<![A-Za-z0-9])[A-Za-z0-9]{1,}(?:[._*|~-]{1,3}[A-Za-z0-9]{1,})+(?![A-Za-z0-9])/g;

/** With digits in words as digits, spaced letters and digits together, and words that are broken by signs whole. Null: no difference. */
export function joinedView(view: View): View | null {
  const digits = replaced(view, SPELT, (match) =>
    match
      .toLowerCase()
      .split(/[\s,.-]+/)
      .map((word) => DIGITS[word] ?? '')
      .join(''),
  );
  const together = replaced(digits ?? view, SPACED, (match) => match.replace(/[ .\-_*|/,~]/g, ''));
  const whole = replaced(together ?? digits ?? view, BROKEN, (match) =>
    /\d/.test(match) ? null : match.replace(/[._*|~-]/g, ''),
  );
  return whole ?? together ?? digits;
}
