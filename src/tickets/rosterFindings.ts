import type { Instant } from '../kernel/clock.ts';
import type { Dispatch, Practice } from './dispatchSchema.ts';
import { type Shift, type Tier, trackOf } from './schedule.ts';
import { addDays, localDay, onDay, wallText } from './times.ts';

/** Something in a roster that leaves a page with nobody, or with the same person twice. */
export interface RosterFinding {
  readonly code: 'hole' | 'same-person' | 'agreement-ended' | 'agreement-ends' | 'no-schedule';
  readonly account: string;
  readonly role?: string;
  readonly tier?: Tier;
  readonly from?: Instant;
  readonly until?: Instant;
  readonly what: string;
}

const DAY_MS = 24 * 3_600_000;

/**
 * What is wrong with an account's roster in a period: holes of the holder or the backup, times in which both are the same person, and
 * an agreement with another organisation that has ended or will have.
 */
export function rosterFindings(
  dispatch: Dispatch,
  account: string,
  from: Instant,
  until: Instant,
): readonly RosterFinding[] {
  const practice = Object.hasOwn(dispatch.practices, account) ? dispatch.practices[account] : undefined;
  if (!practice) {
    const what = `no schedule: tickets go to ${dispatch.site.default_oncall.join(', ') || 'nobody'}`;
    return [{ code: 'no-schedule', account, what }];
  }
  return [
    ...Object.keys(practice.roles).flatMap((role) => roleFindings(practice, account, role, from, until)),
    ...coverageFindings(practice, account, from, until),
  ];
}

function roleFindings(practice: Practice, account: string, role: string, from: Instant, until: Instant) {
  const primary = trackOf(practice, role, 'primary');
  const backup = trackOf(practice, role, 'backup');
  const findings: RosterFinding[] = [];
  for (const [tier, track] of [
    ['primary', primary],
    ['backup', backup],
  ] as const) {
    for (const shift of track?.shifts(from, until) ?? []) {
      if (shift.who !== null) continue;
      const name = tier === 'primary' ? role : `${role}.backup`;
      const falls = practice.default[0];
      const what = `${name} empty ${period(shift, practice.tz)}: falls to ${falls}`;
      findings.push({ code: 'hole', account, role, tier, from: shift.from, until: shift.until, what });
    }
  }
  if (!primary || !backup) return findings;
  for (const shift of primary.shifts(from, until)) {
    if (shift.who === null) continue;
    for (const other of backup.shifts(shift.from, shift.until)) {
      if (other.who !== shift.who) continue;
      const what = `backup is ${shift.who} too: same person as primary, ${period(other, practice.tz)}`;
      findings.push({ code: 'same-person', account, role, from: other.from, until: other.until, what });
    }
  }
  return findings;
}

function coverageFindings(practice: Practice, account: string, from: Instant, until: Instant): RosterFinding[] {
  const coverage = practice.cross_org_backup;
  if (!coverage) return [];
  const ends = onDay(addDays(coverage.valid_to, 1), '00:00', practice.tz);
  const { agreement, org, valid_to: validTo } = coverage;
  if (ends <= from)
    return [
      { code: 'agreement-ended', account, what: `${agreement} with ${org} ended ${validTo}: its step is skipped` },
    ];
  if (ends <= until) return [{ code: 'agreement-ends', account, what: `${agreement} with ${org} ends ${validTo}` }];
  return [];
}

/**
 * Whom a page of this account may be meant for in a period, by their keys: holders, backups, and who stands in for a hole or where there
 * is no schedule.
 */
export function peopleOnDuty(dispatch: Dispatch, account: string, from: Instant, until: Instant): readonly string[] {
  const practice = Object.hasOwn(dispatch.practices, account) ? dispatch.practices[account] : undefined;
  if (!practice) return dispatch.site.default_oncall;
  const standIn = practice.default[0];
  const people = Object.keys(practice.roles).flatMap((role) =>
    (['primary', 'backup'] as const).flatMap((tier) =>
      (trackOf(practice, role, tier)?.shifts(from, until) ?? []).map(({ who }) => who ?? standIn),
    ),
  );
  const known = people.filter((who) => who !== undefined);
  return [...new Set(known.length > 0 ? known : practice.default)];
}

/** `2026-11-28 20:00-21:00`, local; with both dates where they differ. */
export function period({ from, until }: Pick<Shift, 'from' | 'until'>, tz: string): string {
  const [begins, ends] = [wallText(from, tz), wallText(until, tz)].map((text) => text.replace('T', ' '));
  const sameDay = localDay(from, tz) === localDay(until, tz);
  return `${begins}-${sameDay ? ends!.slice(11) : ends}`;
}

/** The hole around an instant, for as far as three days each way. */
export function holeAt(practice: Practice, role: string, tier: Tier, at: Instant): Shift | null {
  const track = trackOf(practice, role, tier);
  if (!track || track.at(at).who !== null) return null;
  const around = track.shifts(at - 3 * DAY_MS, at + 3 * DAY_MS);
  return around.find((shift) => shift.from <= at && at < shift.until) ?? null;
}
