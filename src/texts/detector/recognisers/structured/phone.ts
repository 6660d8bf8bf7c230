import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Known } from '../../known.ts';
import { digitsOf, matches, type Recogniser } from '../../recogniser.ts';

/** Ten digits of the North American plan, however they are set apart; an extension. */
const NORTH_AMERICA =
  /(?<![\d.])(?:\+?1[\s./_-]{0,3})?\(?\s?[2-9]\d{2}\s?\)?[\s./_-]{0,3}[2-9]\d{2}[\s./_-]{0,3}\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\d)/g;
const INTERNATIONAL = /(?<!\d)(?:\+|00)\s?[1-9](?:[\s().-]{0,2}\d){6,14}(?!\d)/g;
const LOCAL = /(?<![\d-])[2-9]\d{2}[\s.-]\d{4}(?![\d-])/g;

/** Telephones and faxes, except the practice's own. */
export const phone: Recogniser = {
  rule: 'phone',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }, known) {
    const own = new Set(known.ownPhones.map(national).filter((number) => number !== ''));
    const foreign = ([match]: RegExpExecArray) => !own.has(national(match));
    yield* matches(text, NORTH_AMERICA, (match) => foreign(match) && isPossible(match[0]));
    yield* matches(text, INTERNATIONAL, (match) => foreign(match) && isPossible(match[0].replace(/^00/, '+')));
    yield* matches(text, LOCAL, ([match]) => !isOwnLocal(match, known));
  },
};

/** Without the country code and an extension. */
const national = (number: string): string => digitsOf(number.replace(/(?:x|ext).*$/i, '')).replace(/^1(?=\d{10}$)/, '');

/** Not whether it is in use: 555-01xx is in nobody's, and still reads as somebody's. */
const isPossible = (written: string): boolean =>
  parsePhoneNumberFromString(written, { defaultCountry: 'US' })?.isPossible() ?? false;

const isOwnLocal = (written: string, { ownPhones }: Known): boolean =>
  ownPhones.some((number) => national(number).endsWith(digitsOf(written)));
