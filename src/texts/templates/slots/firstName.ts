import { healthIn } from '../../detector/healthIn.ts';
import type { SlotType } from '../slot.ts';

/** Up to two words, so that no surname follows by mistake; initials as in "J.R." */
const NAME = /^\p{Lu}[\p{L}\p{M}'’.-]*(?: \p{Lu}[\p{L}\p{M}'’.-]*)?$/u;
const LONGEST = 20;

export const firstName: SlotType = {
  name: 'first_name',
  what: `the patient's first name, at most ${LONGEST} characters: Rosa`,
  write: (value) => {
    const name = value.trim().normalize('NFC').replaceAll('’', "'");
    return name.length <= LONGEST && NAME.test(name) && healthIn(name).length === 0 ? name : null;
  },
  longest: () => 'Christopher',
};
