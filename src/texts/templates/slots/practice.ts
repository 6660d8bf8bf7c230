import { healthIn } from '../../detector/healthIn.ts';
import type { SlotType } from '../slot.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,&'’/-]*$/u;
const LONGEST = 30;

/** A name that tells what somebody is treated for says it to whoever sees the phone: such a practice texts under a neutral one. */
/** Everyday speech of the body is left out: a practice may be called Burns or Walker. */
const reveals = (name: string): boolean => healthIn(name).some(({ rule }) => rule !== 'health');

export const practice: SlotType = {
  name: 'practice',
  what: `the practice's name, at most ${LONGEST} characters, which does not reveal a specialty: Lark Street Clinic`,
  write: (value) => {
    const name = value.trim().normalize('NFC').replaceAll('’', "'");
    return name.length <= LONGEST && NAME.test(name) && !reveals(name) ? name : null;
  },
  longest: () => 'Lark Street Family Clinic',
};
