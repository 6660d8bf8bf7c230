import { matches, type Recogniser } from '../../recogniser.ts';
import { isDea } from './checks.ts';

export const dea: Recogniser = {
  rule: 'dea',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    yield* matches(text, /(?<![A-Za-z0-9])[A-Z][A-Z9][\s-]?\d{7}(?!\d)/gi, ([match]) =>
      isDea(match.replace(/[\s-]/g, '')),
    );
    yield* matches(
      text,
      /(?<![a-z])dea(?![a-z])[^A-Za-z0-9\n]{0,4}(?:(?:number|no|num|is)[^A-Za-z0-9\n]{0,3})*[A-Z][A-Z9]\d{7}(?!\d)/gi,
    );
  },
};
