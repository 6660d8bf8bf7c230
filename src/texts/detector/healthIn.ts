import type { Finding } from './finding.ts';
import { nothingKnown } from './known.ts';
import { healthRecognisers } from './recognisers/health/index.ts';
import { run } from './run.ts';

/** What in a text tells of health, care or its payment; identifiers are not looked for. */
export const healthIn = (text: string): readonly Finding[] => run(text, nothingKnown, healthRecognisers);
