/** When the record of activity is reviewed (45 CFR 164.308(a)(1)(ii)(D)): weekly, by the policy's time zone. */
import type { Instant } from '../../kernel/clock.ts';
import { addDays, dayAt, daysBetween, startOfDay, weekdayOf } from '../values.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** Days after the week turned on which an unsigned summary is asked for; after the last of them daily, with an alarm. */
const CHASES = [3, 7];

/** What one summary covers: whole days, the last one excluded. Longer than a week where Wardroom was away. */
export interface ReviewPeriod {
  readonly from: string;
  readonly to: string;
}

/** The latest day on which the week turned. */
export function lastTurn(now: Instant, weekday: Weekday, timeZone: string): string {
  const today = dayAt(now, timeZone);
  return addDays(today, -((weekdayOf(today) - 1 - weekdays.indexOf(weekday) + 7) % 7));
}

/**
 * The period that ended and was not summed up. `covered`: the day up to which summaries reach; null: there is none, and `since` is when the record
 * began. Null: none yet.
 */
export function periodDue(
  covered: string | null,
  since: Instant,
  now: Instant,
  weekday: Weekday,
  timeZone: string,
): ReviewPeriod | null {
  const to = lastTurn(now, weekday, timeZone);
  const from = covered ?? dayAt(since, timeZone);
  return daysBetween(from, to) > 0 ? { from, to } : null;
}

export const beginning = (day: string, timeZone: string): Instant => startOfDay(day, timeZone);

/** A chase that is due, as the days it stands for: 3, 7, then each day. Null: none, or it was done. */
export function chaseDue(
  to: string,
  chased: readonly number[],
  now: Instant,
  timeZone: string,
): { readonly days: number; readonly alarm: boolean } | null {
  const days = daysBetween(to, dayAt(now, timeZone));
  const last = CHASES.at(-1)!;
  const reached = days > last ? days : Math.max(...CHASES.filter((one) => days >= one));
  return Number.isFinite(reached) && !chased.includes(reached) ? { days: reached, alarm: reached > last } : null;
}
