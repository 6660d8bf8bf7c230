import type { Recogniser } from '../../recogniser.ts';
import { age } from './age.ts';
import { birthDate, date } from './date.ts';

/** The explicit list: days and ages. */
export const dateRecognisers: readonly Recogniser[] = [date, birthDate, age];
