import type { Finding } from './finding.ts';
import { type Known, nothingKnown } from './known.ts';
import { recognisers } from './recognisers/index.ts';
import { run } from './run.ts';

/** More than any carrier takes (ten parts of 153): nothing that long is read. */
const LONGEST = 4000;

/**
 * What in a text identifies somebody or tells of health: the PHI detector for words that people write. Pure and deterministic. Throws
 * nothing of its own; a caller who catches treats a throw as "not known", which the gate blocks.
 */
export const detect = (text: string, known: Known = nothingKnown): readonly Finding[] =>
  text.length > LONGEST
    ? [{ start: 0, end: text.length, rule: 'too-long', kind: 'health' }]
    : run(text, known, recognisers);
