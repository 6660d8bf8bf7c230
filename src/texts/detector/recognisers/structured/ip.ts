import { matches, type Recogniser } from '../../recogniser.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const V4 = new RegExp(`(?<![\\d.])${OCTET}(?:\\.${OCTET}){3}(?![\\d.]\\d|\\d)`, 'g');
const V6 =
  /(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:)+:(?:[0-9a-f]{1,4}:?){1,6}(?![\w:])/gi;

export const ip: Recogniser = {
  rule: 'ip',
  kind: 'identifier',
  reads: 'plain',
  *find({ text }) {
    yield* matches(text, V4);
    yield* matches(text, V6);
  },
};
