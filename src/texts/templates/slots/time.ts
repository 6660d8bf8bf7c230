import type { SlotType } from '../slot.ts';
import { forPhones, writes } from './writes.ts';

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

export const time: SlotType = {
  name: 'time',
  what: 'a time of day in the practice, 24 hours: 14:30',
  write: (value, { language }) => {
    if (!TIME.test(value) || !writes(language)) return null;
    const at = new Date(`2026-01-01T${value}:00Z`);
    return forPhones(
      new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(at),
    );
  },
  longest: (context) => time.write('22:30', context) ?? '10:30 PM',
};
