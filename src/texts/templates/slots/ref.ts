import type { SlotType } from '../slot.ts';

/** Wardroom's own short reference of a ticket or a message: says nothing of anybody. */
export const ref: SlotType = {
  name: 'ref',
  what: "Wardroom's own short reference: K7X2M9",
  write: (value) => (/^[A-Z0-9][A-Z0-9-]{0,11}$/.test(value) ? value : null),
  longest: () => 'K7X2M9QD',
};
