import { digitsOf, matches, type Recogniser } from '../../recogniser.ts';
import { isIban } from './checks.ts';

/** Six digits and more say who somebody is to whoever has the list: "any other unique number" (45 CFR 164.514(b)(2)(i)(R)). */
const LONG = /(?<![\d.,$])\d(?:[-\s]?\d){5,}(?![\d]|,\d{3})/g;
const MIXED =
  /(?<![A-Za-z0-9-])(?=[A-Z0-9-]*[A-Z])(?=(?:[A-Z-]*\d){4,})[A-Z0-9]{2,}(?:-?[A-Z0-9]{2,}){1,6}(?![A-Za-z0-9])/g;
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}(?![A-Za-z0-9])/gi;

export const number: Recogniser = {
  rule: 'number',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }, { ownPhones }) {
    const own = ownPhones.map((phone) => digitsOf(phone).slice(-10)).filter((phone) => phone !== '');
    yield* matches(text, LONG, ([match]) => {
      const digits = digitsOf(match);
      return !own.some((phone) => phone.includes(digits) || digits === `1${phone}`) && !isDateOrTime(match);
    });
    yield* matches(text, MIXED, ([match]) => digitsOf(match).length >= 4 && match.length >= 6 && !isDateOrTime(match));
    yield* matches(text, IBAN, ([match]) => isIban(match));
  },
};

/** `2026-12-04`, `12-04-2026`, `10 30 2026`: found as dates, if at all. */
const isDateOrTime = (text: string): boolean =>
  /^\d{1,2}-?(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)-?\d{2,4}$|^(?:19|20)\d\d[-\s]\d{1,2}[-\s]\d{1,2}$|^\d{1,2}[-\s]\d{1,2}[-\s](?:19|20)?\d\d$/.test(
    text,
  );
