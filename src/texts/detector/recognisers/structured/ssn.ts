import { matches, type Recogniser } from '../../recogniser.ts';
import { isSsn } from './checks.ts';

const WHOLE = /(?<![\d-])(\d{3})[\s./_-]{0,3}(\d{2})[\s./_-]{0,3}(\d{4})(?![\d-])/g;
/** The last four, or any digits, beside the words. */
const ANNOUNCED =
  /(?<![a-z])(?:ssn|s\.s\.n\.?|ss ?#|social(?: security)?(?: (?:number|no|num|#))?|seguro social|itin|tax id)(?![a-z])[^0-9\n]{0,24}\d[\d\s-]{2,12}\d/gi;

export const ssn: Recogniser = {
  rule: 'ssn',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    yield* matches(text, WHOLE, ([, area = '', group = '', serial = '']) => isSsn(area, group, serial));
    yield* matches(text, ANNOUNCED);
  },
};
