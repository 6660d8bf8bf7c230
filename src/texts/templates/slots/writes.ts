import { septets } from '../../segments/gsm7.ts';

/** Whether dates can be written in the language: a tag that nobody knows would give the machine's own. */
export function writes(language: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language).length === 1;
  } catch {
    // Not a language tag at all.
    return false;
  }
}

/**
 * Words of Intl for a phone: its no-break spaces and accents such as that of "sáb" are outside the phones' alphabet, and one such letter halves
 * the length of a text.
 */
export function forPhones(text: string): string {
  const spaced = text.replace(/[\u00a0\u202f\u2009]/g, ' ');
  return Array.from(spaced, (letter) => (septets(letter) === null ? withoutAccent(letter) : letter)).join('');
}

function withoutAccent(letter: string): string {
  const bare = letter.normalize('NFD').replace(/\p{M}/gu, '');
  return septets(bare) === null ? letter : bare;
}
