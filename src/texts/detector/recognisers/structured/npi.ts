import { digitsOf, matches, type Recogniser } from '../../recogniser.ts';
import { isNpi } from './checks.ts';

export const npi: Recogniser = {
  rule: 'npi',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    yield* matches(text, /(?<!\d)[12]\d{9}(?!\d)/g, ([match]) => isNpi(match));
    yield* matches(
      text,
      /(?<![a-z])npi(?![a-z])[^0-9\n]{0,12}\d[\d\s-]{8,12}\d/gi,
      ([match]) => digitsOf(match).length === 10,
    );
  },
};
