/** The explicit list: a type of slot is one file and one line here. */
import type { SlotType } from '../slot.ts';
import { choice } from './choice.ts';
import { date } from './date.ts';
import { firstName } from './firstName.ts';
import { link } from './link.ts';
import { phone } from './phone.ts';
import { practice } from './practice.ts';
import { ref } from './ref.ts';
import { time } from './time.ts';

export const slotTypes: readonly SlotType[] = [firstName, date, time, practice, phone, link, ref, choice];

export const slotType = (name: string): SlotType | null => slotTypes.find((type) => type.name === name) ?? null;
