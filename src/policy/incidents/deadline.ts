/**
 * The clock of an incident (45 CFR 164.404(b), 164.408, 164.410(b)): without unreasonable delay, and in no case later than 60 calendar days
 * after discovery. Days are those of the policy's time zone.
 */
import type { Instant } from '../../kernel/clock.ts';
import { addDays, dayAt, daysBetween } from '../values.ts';
import { type Incident, isRunning } from './incident.ts';

const LIMIT_DAYS = 60;
/** So many days before the last one the officers are reminded; from the last day on, daily. */
const REMINDERS = [30, 14, 7, 1];
/** From so many people on, HHS and, within one state, the media have to be told as soon as the people themselves. */
const MANY = 500;

/** The last day on which those whom it concerns can be told in time. */
export const lastDay = ({ discovered }: Pick<Incident, 'discovered'>): string => addDays(discovered, LIMIT_DAYS);

/** Whole days that are left; 0 on the last day, negative when it is over. */
export const daysLeft = (incident: Pick<Incident, 'discovered'>, now: Instant, timeZone: string): number =>
  daysBetween(dayAt(now, timeZone), lastDay(incident));

/**
 * The reminder that is due, as the number of days it stands for: 30, 14, 7 or 1, and from the last day on 0, -1, -2 ... Null: none, or it was
 * given. Of several that were missed only the last one is due.
 */
export function reminderDue(incident: Incident, now: Instant, timeZone: string): number | null {
  if (!isRunning(incident)) return null;
  const left = daysLeft(incident, now, timeZone);
  const reached = left <= 0 ? left : Math.min(...REMINDERS.filter((days) => left <= days));
  return Number.isFinite(reached) && !incident.told.includes(reached) ? reached : null;
}

/** Somebody who has to be told of a breach. */
export interface Notification {
  readonly whom: 'individuals' | 'media' | 'hhs';
  /** The last day. */
  readonly by: string;
  readonly when: string;
  readonly cite: string;
}

/** Who has to be told of a breach, and by when; where nobody has counted the people yet, for few and for many. */
export function notifications({
  discovered,
  affected,
}: Pick<Incident, 'discovered' | 'affected'>): readonly Notification[] {
  const last = lastDay({ discovered });
  const individuals: Notification = { whom: 'individuals', by: last, when: 'always', cite: '45 CFR 164.404' };
  const afterTheYear: Notification = {
    whom: 'hhs',
    by: addDays(`${discovered.slice(0, 4)}-12-31`, LIMIT_DAYS),
    when: `fewer than ${MANY} people`,
    cite: '45 CFR 164.408(c)',
  };
  const atOnce: readonly Notification[] = [
    { whom: 'hhs', by: last, when: `${MANY} people or more`, cite: '45 CFR 164.408(b)' },
    { whom: 'media', by: last, when: `more than ${MANY} residents of one state`, cite: '45 CFR 164.406' },
  ];
  if (affected === null) return [individuals, afterTheYear, ...atOnce];
  return [
    individuals,
    ...(affected < MANY ? [afterTheYear] : atOnce.filter(({ whom }) => whom !== 'media' || affected > MANY)),
  ];
}
