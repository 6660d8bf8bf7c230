import type { Finding } from './finding.ts';
import { type Known, nothingKnown } from './known.ts';
import { recognisers } from './recognisers/index.ts';
import { run } from './run.ts';

/**
 * What in a text identifies somebody or tells of health: the PHI detector for words that people write. Pure and deterministic. Throws
 * nothing of its own; a caller who catches treats a throw as "not known", which the gate blocks.
 */
export const detect = (text: string, known: Known = nothingKnown): readonly Finding[] => run(text, known, recognisers);
