import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../kernel/clock.ts';

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,6})(s|m|h|d)$/;
const CLOCK_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When the practice's office is open, local wall times. */
export interface OfficeHours {
  readonly days: readonly Weekday[];
  readonly open: string;
  readonly close: string;
}

/** Milliseconds of `90s`, `5m`, `1h`, `2d`; null for anything else. */
export function durationMs(text: string): number | null {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : null;
}

/** `07:30`. */
export const isClockTime = (text: string) => CLOCK_TIME.test(text);

/** Whether the IANA time zone exists. */
export function isTimeZone(tz: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(tz);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first instant at or after `from` when the practice's wall clock shows `time`. A wall time that does not exist moves
 * forward by the gap; one that happens twice means the first (data README, "Schedules").
 */
export function nextClockTime(from: Instant, time: string, tz: string): Instant {
  const today = localDate(from, tz);
  for (let days = 0; ; days += 1) {
    const at = onDay(today.add({ days }), time, tz);
    if (at >= from) return at;
  }
}

/** When the office is next open: at once if it is open now. Null when the hours name no day. */
export function nextOfficeOpen(from: Instant, hours: OfficeHours, tz: string): Instant | null {
  const today = localDate(from, tz);
  for (let days = 0; days <= 7; days += 1) {
    const day = today.add({ days });
    if (!hours.days.includes(WEEKDAYS[day.dayOfWeek - 1]!)) continue;
    const open = onDay(day, hours.open, tz);
    if (open >= from) return open;
    if (onDay(day, hours.close, tz) > from) return from;
  }
  return null;
}

const localDate = (at: Instant, tz: string) =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(tz).toPlainDate();

const onDay = (day: Temporal.PlainDate, time: string, tz: string): Instant =>
  day.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(tz, { disambiguation: 'compatible' })
    .epochMilliseconds;
