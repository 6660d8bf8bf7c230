/** When something may arrive, by the wall clocks of several zones at once. */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../../kernel/clock.ts';
import { isFederalHoliday } from './holidays.ts';
import type { StateHours } from './stateHours.ts';

/** Minutes of the day, up to but not including the second. */
export type Minutes = readonly [from: number, until: number];
/** What a day allows; null: nothing. */
export type Hours = (day: Temporal.PlainDate) => Minutes | null;

/** The federal hours of solicitation (rule T8, 47 CFR 64.1200(c)(1)). */
export const FEDERAL: Minutes = [8 * 60, 21 * 60];

const zoned = (at: Instant, zone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

/** `HH:MM` as minutes of the day. */
export function minutesOf(time: string): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(time);
  if (match === null) throw new TypeError('not a time of day');
  return Number(match[1]) * 60 + Number(match[2]);
}

/** What all of them allow. */
export const together =
  (all: readonly Hours[]): Hours =>
  (day) => {
    let from = 0;
    let until = 24 * 60;
    for (const hours of all) {
      const span = hours(day);
      if (span === null) return null;
      from = Math.max(from, span[0]);
      until = Math.min(until, span[1]);
    }
    return from < until ? [from, until] : null;
  };

/** The hours of these states that apply at an instant; a state without a row has the federal ones. */
export function hoursOfStates(rows: readonly StateHours[], at: Instant): Hours {
  const applying = rows.filter(({ from }) => Date.parse(from) <= at);
  return together(
    applying.map((row) => (day) => {
      if (row.notOnHolidays && isFederalHoliday(day)) return null;
      const span = day.dayOfWeek === 7 ? row.sunday : day.dayOfWeek === 6 ? row.saturday : row.weekdays;
      return span === null ? null : [span[0] * 60, span[1] * 60];
    }),
  );
}

/** Whether it may arrive in each of these zones. */
export const isOpen = (at: Instant, zones: readonly string[], hours: Hours): boolean =>
  zones.every((zone) => {
    const there = zoned(at, zone);
    const span = hours(there.toPlainDate());
    const minute = there.hour * 60 + there.minute;
    return span !== null && span[0] <= minute && minute < span[1];
  });

/** How far ahead is looked. */
const DAYS_AHEAD = 14;

/**
 * The first instant from `at` on at which it may arrive in each of these zones; null: not within two weeks. It is the beginning of the hours of one of
 * them. A wall time that a night skips begins after the gap.
 */
export function nextOpen(at: Instant, zones: readonly string[], hours: Hours): Instant | null {
  if (isOpen(at, zones, hours)) return at;
  let found: readonly Instant[] = [];
  for (let days = 0; days <= DAYS_AHEAD; days += 1) {
    const before = found.length > 0;
    found = [...found, ...beginnings(at, days, zones, hours)];
    // A day later it may begin earlier: where today is still yesterday.
    if (before) break;
  }
  return found.length === 0 ? null : Math.min(...found);
}

/** When the hours begin in each of the zones, so many days on from today there, where they then are open in all of them. */
const beginnings = (at: Instant, days: number, zones: readonly string[], hours: Hours): readonly Instant[] =>
  zones.flatMap((zone) => {
    const day = zoned(at, zone).toPlainDate().add({ days });
    const span = hours(day);
    if (span === null) return [];
    const plainTime = Temporal.PlainTime.from({ hour: Math.floor(span[0] / 60), minute: span[0] % 60 });
    const begin = day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
    return begin > at && isOpen(begin, zones, hours) ? [begin] : [];
  });
