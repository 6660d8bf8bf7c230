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
    const at = onDay(today.add({ days }).toString(), time, tz);
    if (at >= from) return at;
  }
}

/** When the office is next open: at once if it is open now. Null when the hours name no day. */
export function nextOfficeOpen(from: Instant, hours: OfficeHours, tz: string): Instant | null {
  const today = localDate(from, tz);
  for (let days = 0; days <= 7; days += 1) {
    const day = today.add({ days });
    if (!hours.days.includes(WEEKDAYS[day.dayOfWeek - 1]!)) continue;
    const open = onDay(day.toString(), hours.open, tz);
    if (open >= from) return open;
    if (onDay(day.toString(), hours.close, tz) > from) return from;
  }
  return null;
}

/** The local date at an instant, 2026-11-27. */
export const localDay = (at: Instant, tz: string): string => localDate(at, tz).toString();

export const addDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

/** Whole days from one date to another; negative when the other is earlier. */
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days;

/** The instant at which the wall clock shows `time` on that day. */
export const onDay = (day: string, time: string, tz: string): Instant => wallInstant(`${day}T${time}`, tz);

/**
 * The instant of a local wall time, 2026-11-27T07:00. One that does not exist moves forward by the gap; of one that happens twice
 * the first is meant.
 */
export const wallInstant = (wall: string, tz: string): Instant =>
  Temporal.PlainDateTime.from(wall).toZonedDateTime(tz, { disambiguation: 'compatible' }).epochMilliseconds;

/** The local wall time at an instant, 2026-11-27T07:00. */
export const wallText = (at: Instant, tz: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(tz)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' });

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The local wall time at an instant as people read it: `Sat 28 Nov 10:30`. */
export function spokenTime(at: Instant, tz: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(tz);
  return `${WEEKDAYS[local.dayOfWeek - 1]} ${local.day} ${MONTHS[local.month - 1]} ${spokenHour(at, tz)}`;
}

/** The time alone where it is of the same local day as `now`, else with its day: `02:04`, `Sat 28 Nov 02:04`. */
export const shortTime = (at: Instant, now: Instant, tz: string): string =>
  localDay(at, tz) === localDay(now, tz) ? spokenHour(at, tz) : spokenTime(at, tz);

const spokenHour = (at: Instant, tz: string): string => wallText(at, tz).slice(11);

export const weekdayOf = (day: string): Weekday => WEEKDAYS[Temporal.PlainDate.from(day).dayOfWeek - 1]!;

/** Whether the clocks change over this wall time: it is skipped, or happens twice. */
export function wallOddity(wall: string, tz: string): 'skipped' | 'twice' | null {
  const plain = Temporal.PlainDateTime.from(wall);
  const earlier = plain.toZonedDateTime(tz, { disambiguation: 'earlier' });
  if (earlier.epochMilliseconds === plain.toZonedDateTime(tz, { disambiguation: 'later' }).epochMilliseconds)
    return null;
  return earlier.toPlainDateTime().equals(plain) ? 'twice' : 'skipped';
}

/** `Sat 09:00-13:00`, local; an end that is not after the beginning is on the next day. */
export interface WeeklyWindow {
  readonly day: Weekday;
  readonly from: string;
  readonly to: string;
}

const WINDOW = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)$/;

export function weeklyWindow(text: string): WeeklyWindow | null {
  const match = WINDOW.exec(text);
  return match ? { day: match[1] as Weekday, from: match[2]!, to: match[3]! } : null;
}

/** When the window that is open now ends; null when it is not open. */
export function windowEnd({ day, from, to }: WeeklyWindow, at: Instant, tz: string): Instant | null {
  for (const back of [0, -1]) {
    const date = localDate(at, tz).add({ days: back });
    if (WEEKDAYS[date.dayOfWeek - 1] !== day) continue;
    const ends = onDay(date.add({ days: to > from ? 0 : 1 }).toString(), to, tz);
    if (onDay(date.toString(), from, tz) <= at && at < ends) return ends;
  }
  return null;
}

/** When somebody's do-not-disturb ends; null when there is none now. */
export function doNotDisturbUntil(windows: readonly string[] | undefined, at: Instant, tz: string): Instant | null {
  const ends = (windows ?? []).flatMap((text) => {
    const window = weeklyWindow(text);
    const end = window && windowEnd(window, at, tz);
    return end === null ? [] : [end];
  });
  return ends.length > 0 ? Math.max(...ends) : null;
}

const localDate = (at: Instant, tz: string) =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(tz).toPlainDate();
