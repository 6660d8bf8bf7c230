import type { Known } from '../../known.ts';
import { type Match, matches, type Recogniser } from '../../recogniser.ts';
import { BIRTH, type Day, daysOf, FORMS } from './forms.ts';

/** Older than this, a day with its year is somebody's past: of birth, of an operation. Not an appointment. */
const LONG_AGO = 2020;

/** Days and everything nearer than a year (45 CFR 164.514(b)(2)(i)(C)), as an appointment has them. */
export const date: Recogniser = {
  rule: 'date',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    const lower = text.toLowerCase();
    for (const form of FORMS) yield* matches(lower, form);
  },
};

/** Days of birth: announced, known to be the patient's, or long ago. */
export const birthDate: Recogniser = {
  rule: 'birth-date',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }, known) {
    const lower = text.toLowerCase();
    yield* matches(lower, BIRTH);
    for (const form of FORMS) yield* matches(lower, form, ([written]) => isPersonal(written, known));
    yield* compact(lower, known);
  },
};

function isPersonal(written: string, known: Known): boolean {
  return daysOf(written).some((day) => (day.year !== null && day.year < LONG_AGO) || isKnown(day, known));
}

const isKnown = ({ year, month, day }: Day, { dates }: Known): boolean =>
  dates.some((date) => {
    const [y, m, d] = date.split('-').map(Number);
    // Without a year a day of the month is an appointment's as well.
    return year !== null && year % 100 === (y ?? 0) % 100 && month === m && day === d;
  });

/** `03041961`, `030461`. */
function* compact(text: string, { dates }: Known): Generator<Match> {
  for (const date of dates) {
    const [y = '', m = '', d = ''] = date.split('-');
    if (y.length !== 4) continue;
    const forms = [`${m}${d}${y}`, `${y}${m}${d}`, `${d}${m}${y}`, `${m}${d}${y.slice(2)}`];
    yield* matches(text, new RegExp(`(?<!\\d)(?:${forms.join('|')})(?!\\d)`, 'g'));
  }
}
