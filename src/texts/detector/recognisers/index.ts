/** The explicit list: a recogniser is one file and one line here or in its group. */
import type { Recogniser } from '../recogniser.ts';
import { dateRecognisers } from './dates/index.ts';
import { healthRecognisers } from './health/index.ts';
import { nameRecognisers } from './names/index.ts';
import { structuredRecognisers } from './structured/index.ts';

export const recognisers: readonly Recogniser[] = [
  ...structuredRecognisers,
  ...dateRecognisers,
  ...nameRecognisers,
  ...healthRecognisers,
];
