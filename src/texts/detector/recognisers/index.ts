/** The explicit list: a recogniser is one file and one line here. */
import type { Recogniser } from '../recogniser.ts';
import { healthRecognisers } from './health/index.ts';

export const recognisers: readonly Recogniser[] = [...healthRecognisers];
