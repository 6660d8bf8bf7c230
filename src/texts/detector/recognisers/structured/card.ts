import { digitsOf, matches, type Recogniser } from '../../recogniser.ts';
import { luhn } from './checks.ts';

const CARD = /(?<![\d])\d(?:[\s.-]{0,2}\d){12,18}(?!\d)/g;
const ENDING =
  /(?<![a-z])(?:card|visa|mastercard|amex|discover|debit|tarjeta)(?![a-z])[^0-9\n]{0,20}(?:ending|ends|terminada)?[^0-9\n]{0,8}\d{4}(?!\d)/gi;

/** Cards by their check digit, and what a card ends in. */
export const card: Recogniser = {
  rule: 'card',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    yield* matches(text, CARD, ([match]) => luhn(digitsOf(match)));
    yield* matches(text, ENDING);
  },
};
