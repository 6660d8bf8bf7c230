import ICAL from 'ical.js';
import { csvRows } from '../../flows/csvRows.ts';
import { wallInstant, wallText } from '../../tickets/times.ts';
import { readTime } from './readTime.ts';

/** A shift that somebody else's system planned; local wall times of the practice. `place`: where it stands in the file. */
export interface ImportedShift {
  readonly place: string;
  readonly from: string;
  readonly to: string;
  /** As it is written there: a person's key, Matrix id or, in a calendar, an attendee's or the event's name. */
  readonly who: string;
}

export interface Imported {
  readonly shifts: readonly ImportedShift[];
  /** What could not be read, each with its place. */
  readonly faults: readonly string[];
}

const MAX_SHIFTS = 5_000;

/** CSV (RFC 4180) with a header that names the columns `from`, `to` and `who`; times local to the practice, or with an offset. */
export function readCsv(text: string, tz: string): Imported {
  const rows = csvRows(text);
  const shifts: ImportedShift[] = [];
  const faults: string[] = [];
  for (const { place, values: row } of rows.slice(0, MAX_SHIFTS)) {
    const from = wallOf(row.from, tz);
    const to = wallOf(row.to, tz);
    if (from === null || to === null) faults.push(`${place}: from and to must be times, 2026-12-01T07:00`);
    else if (row.who === undefined) faults.push(`${place}: who is missing`);
    else shifts.push({ place, from, to, who: row.who });
  }
  if (rows.length > MAX_SHIFTS) faults.push(`more than ${MAX_SHIFTS} shifts`);
  return { shifts, faults };
}

/**
 * iCalendar (RFC 5545): each VEVENT, and each time that a recurring one takes place before `until`, is a shift. Who: the first
 * ATTENDEE's common name or address, else the SUMMARY.
 */
export function readCalendar(text: string, tz: string, from: number, until: number): Imported {
  const shifts: ImportedShift[] = [];
  const faults: string[] = [];
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  for (const [index, component] of calendar.getAllSubcomponents('vevent').entries()) {
    const place = `event ${index + 1}`;
    const event = new ICAL.Event(component);
    if (!event.startDate || !event.endDate) {
      faults.push(`${place}: has no DTSTART or DTEND`);
      continue;
    }
    const who = attendee(component) ?? event.summary ?? '';
    const local = (time: ICAL.Time): string =>
      isFloating(time) ? floatingText(time) : wallText(time.toJSDate().getTime(), tz);
    const add = (start: ICAL.Time, end: ICAL.Time): void => {
      shifts.push({ place, from: local(start), to: local(end), who });
    };
    if (!event.isRecurring()) add(event.startDate, event.endDate);
    else {
      const times = event.iterator();
      for (let start = times.next(); start && shifts.length < MAX_SHIFTS; start = times.next()) {
        const { startDate, endDate } = event.getOccurrenceDetails(start);
        if (wallInstant(local(startDate), tz) >= until) break;
        if (wallInstant(local(endDate), tz) > from) add(startDate, endDate);
      }
    }
    if (shifts.length >= MAX_SHIFTS) {
      faults.push(`more than ${MAX_SHIFTS} shifts`);
      break;
    }
  }
  return { shifts, faults };
}

/** Dates, and times without a zone, are meant where the practice is. */
const isFloating = (time: ICAL.Time): boolean => time.isDate || time.zone === ICAL.Timezone.localTimezone;

const floatingText = (time: ICAL.Time): string =>
  time.isDate ? `${time.toString()}T00:00` : time.toString().slice(0, 16);

function attendee(component: ICAL.Component): string | null {
  const property = component.getFirstProperty('attendee');
  if (!property) return null;
  const name = property.getParameter('cn');
  return typeof name === 'string' ? name : String(property.getFirstValue()).replace(/^mailto:/i, '');
}

function wallOf(text: string | undefined, tz: string): string | null {
  const read = text === undefined ? null : readTime(text, tz);
  return read && wallText(read.at, tz);
}
