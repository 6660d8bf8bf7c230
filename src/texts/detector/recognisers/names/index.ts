import type { Recogniser } from '../../recogniser.ts';
import { addressedName, otherName } from './addressed.ts';
import { listedName } from './listed.ts';
import { patientName } from './patient.ts';

/** The explicit list: names. */
export const nameRecognisers: readonly Recogniser[] = [patientName, listedName, addressedName, otherName];
