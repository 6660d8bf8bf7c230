/** The kinds of value a policy is written in. They stay as they were written, so that a policy reads the same everywhere. */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import type { Instant } from '../kernel/clock.ts';

/** A year counts as 366 days: six years are never a day short of what the law asks for. */
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 366 * 86_400_000 } as const;
const DURATION = /^(\d{1,5})(s|m|h|d|y)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** `30s`, `15m`, `12h`, `30d`, `6y`. */
export const duration = () =>
  z
    .string()
    .regex(DURATION, 'must be a number with a unit: 30s, 15m, 12h, 30d or 6y')
    .meta({ examples: ['30d'] });

/** Milliseconds of a duration that was checked. */
export function durationMs(text: string): number {
  const match = DURATION.exec(text);
  if (match === null) throw new TypeError('not a duration');
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** A calendar date that exists, 2026-11-30. */
export const date = () => z.string().refine(isDate, 'must be a date, 2026-11-30');

export function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/** A Matrix server name in lower case (Matrix specification, appendix "Server name"). */
export const domain = () =>
  z
    .string()
    .regex(
      /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,255})(:[0-9]{1,5})?$/,
      'must be a Matrix server name in lower case, host or host:port',
    );

/** Name of a room class, a role or a course. */
export const slug = () => z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and "-"');

export const timeZone = () => z.string().refine(isTimeZone, 'must be an IANA time zone, America/New_York');

function isTimeZone(tz: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(tz);
    return true;
  } catch {
    return false;
  }
}

/** The first instant of a date there. */
export const startOfDay = (day: string, tz: string): Instant =>
  Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: tz }).epochMilliseconds;

/** The date there at an instant. */
export const dayAt = (at: Instant, tz: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(tz).toPlainDate().toString();

export const addDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

/** Whole days from one date to another; negative when the other is earlier. */
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days;

/** 1 for Monday to 7 for Sunday. */
export const weekdayOf = (day: string): number => Temporal.PlainDate.from(day).dayOfWeek;

/** A time of day, 21:30. */
export const timeOfDay = () => z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, 21:30');

/** Minutes since midnight of a time of day that was checked. */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Minutes since midnight, as the clocks there show it. */
export function minutesAt(at: Instant, tz: string): number {
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(tz);
  return hour * 60 + minute;
}
