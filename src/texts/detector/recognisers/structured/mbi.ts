import { matches, type Recogniser } from '../../recogniser.ts';

const A = '[AC-HJKMNP-RT-Y]';
const AN = '[AC-HJKMNP-RT-Y0-9]';
/** A Medicare Beneficiary Identifier: eleven characters in a fixed order of letters and digits, without S, L, O, I, B, Z (CMS). */
const MBI = new RegExp(
  `(?<![A-Z0-9])[1-9]${A}${AN}\\d[\\s-]{0,2}${A}${AN}\\d[\\s-]{0,2}${A}{2}\\d{2}(?![A-Z0-9])`,
  'gi',
);

export const mbi: Recogniser = {
  rule: 'mbi',
  kind: 'identifier',
  reads: 'joined',
  find: ({ text }) => matches(text, MBI),
};
