/** Federal holidays (5 U.S.C. 6103), as data: by day of the month, or the nth weekday of a month (-1: the last). */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../../kernel/clock.ts';

type Holiday =
  | { readonly name: string; readonly month: number; readonly day: number; readonly since: number }
  | {
      readonly name: string;
      readonly month: number;
      readonly weekday: number;
      readonly nth: number;
      readonly since: number;
    };

export const federalHolidays: readonly Holiday[] = [
  { name: 'New Year’s Day', month: 1, day: 1, since: 1870 },
  { name: 'Birthday of Martin Luther King, Jr.', month: 1, weekday: 1, nth: 3, since: 1986 },
  { name: 'Washington’s Birthday', month: 2, weekday: 1, nth: 3, since: 1971 },
  { name: 'Memorial Day', month: 5, weekday: 1, nth: -1, since: 1971 },
  { name: 'Juneteenth National Independence Day', month: 6, day: 19, since: 2021 },
  { name: 'Independence Day', month: 7, day: 4, since: 1870 },
  { name: 'Labor Day', month: 9, weekday: 1, nth: 1, since: 1894 },
  { name: 'Columbus Day', month: 10, weekday: 1, nth: 2, since: 1971 },
  { name: 'Veterans Day', month: 11, day: 11, since: 1978 },
  { name: 'Thanksgiving Day', month: 11, weekday: 4, nth: 4, since: 1942 },
  { name: 'Christmas Day', month: 12, day: 25, since: 1870 },
];

/** What kind of day it is: the holiday itself, or the working day on which it is observed (5 U.S.C. 6103(b)). */
export function isFederalHoliday(day: Temporal.PlainDate): boolean {
  return [day.year, day.year + 1].some((year) =>
    federalHolidays.some((holiday) => {
      if (year < holiday.since) return false;
      const itself = dateOf(holiday, year);
      return itself.equals(day) || observed(itself).equals(day);
    }),
  );
}

function dateOf(holiday: Holiday, year: number): Temporal.PlainDate {
  if ('day' in holiday) return Temporal.PlainDate.from({ year, month: holiday.month, day: holiday.day });
  const { month, weekday, nth } = holiday;
  if (nth > 0) {
    const first = Temporal.PlainDate.from({ year, month, day: 1 });
    return first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + (nth - 1) * 7 });
  }
  const last = Temporal.PlainDate.from({ year, month, day: 1 }).add({ months: 1 }).subtract({ days: 1 });
  return last.subtract({ days: (last.dayOfWeek - weekday + 7) % 7 });
}

const observed = (day: Temporal.PlainDate): Temporal.PlainDate =>
  day.dayOfWeek === 6 ? day.subtract({ days: 1 }) : day.dayOfWeek === 7 ? day.add({ days: 1 }) : day;

const isBusinessDay = (day: Temporal.PlainDate): boolean => day.dayOfWeek < 6 && !isFederalHoliday(day);

/** At most so many business days until a revocation is honoured (rule T4, 47 CFR 64.1200(a)(10), (d)(3)). */
export const REVOCATION_BUSINESS_DAYS = 10;

export interface RevocationClock {
  /** By when it has to be honoured: the end of the last business day, where the practice is. */
  readonly deadline: Instant;
  readonly honouredInTime: boolean;
  /** How many business days it took; 0: the same day. */
  readonly businessDays: number;
}

/** The clock of T4 as evidence. `honoured`: when texts stopped, which for us is when it was put on record. */
export function revocationClock(asked: Instant, honoured: Instant, zone: string): RevocationClock {
  const day = (at: Instant) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  let last = day(asked);
  for (let counted = 0; counted < REVOCATION_BUSINESS_DAYS; ) {
    last = last.add({ days: 1 });
    if (isBusinessDay(last)) counted += 1;
  }
  const deadline = last.add({ days: 1 }).toZonedDateTime({ timeZone: zone }).epochMilliseconds;
  let businessDays = 0;
  for (
    let next = day(asked).add({ days: 1 });
    Temporal.PlainDate.compare(next, day(honoured)) <= 0;
    next = next.add({ days: 1 })
  )
    if (isBusinessDay(next)) businessDays += 1;
  return { deadline, honouredInTime: honoured < deadline, businessDays };
}
