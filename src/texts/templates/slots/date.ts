import type { SlotType } from '../slot.ts';
import { forPhones, writes } from './writes.ts';

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

export const date: SlotType = {
  name: 'date',
  what: 'a calendar date: 2026-12-04',
  write: (value, { language }) => {
    const [, year, month, day] = DATE.exec(value) ?? [];
    const at = new Date(`${value}T00:00:00Z`);
    // 2026-02-30 would become the second of March.
    if (year === undefined || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== value) return null;
    if (!writes(language) || month === undefined || day === undefined) return null;
    return forPhones(
      new Intl.DateTimeFormat(language, { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(
        at,
      ),
    );
  },
  longest: (context) => date.write('2026-09-23', context) ?? 'Wed, Sep 23',
};
