import type { SlotType } from '../slot.ts';

/** The number or letter to reply with: never a word, since carriers act on some (CANCEL opts the patient out). */
export const choice: SlotType = {
  name: 'n',
  what: 'a token to reply with: up to four digits',
  write: (value) => (/^[1-9]\d{0,3}$/.test(value) ? value : null),
  longest: () => '999',
};
