import { replaced, type View } from './view.ts';

const LETTERS: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '+': 't',
  '(': 'c',
};
/** A word with signs in it that stand for letters. */
const WORD = /(?<![A-Za-z0-9@$])[A-Za-z0-9@$!|+(]*[A-Za-z][A-Za-z0-9@$!|+(]*(?![A-Za-z0-9@$])/g;

/** Words with digits and signs for letters (`d1ab3t3s`), `1` read as the given letter. Null: there are none. */
export function leetView(view: View, one: 'i' | 'l'): View | null {
  return replaced(view, WORD, (match) =>
    /[0-9@$!|+(]/.test(match) && (match.match(/[A-Za-z]/g)?.length ?? 0) >= 1
      ? match.replace(/[0134578@$!|+(9]/g, (sign) => (sign === '1' ? one : (LETTERS[sign] ?? sign)))
      : null,
  );
}
