import { readFileSync } from 'node:fs';
import { changeSchedule, withdrawScheduleChange } from '../../flows/changeSchedule.ts';
import type { ScheduleChange } from '../../flows/onCallPort.ts';
import type { Store } from '../../flows/ports.ts';
import type { Practice } from '../../tickets/dispatchSchema.ts';
import { type Tier, trackOf } from '../../tickets/schedule.ts';
import { wallInstant, wallText } from '../../tickets/times.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import { type Imported, readCalendar, readCsv } from './importShifts.ts';
import { timeOf } from './look.ts';
import { personNamed, type Roster, requirePerson, requirePractice, requireRole } from './roster.ts';

const DAY_MS = 24 * 3_600_000;
/** How far ahead the next handover is looked for, and a recurring event of a calendar followed. */
const HORIZON_MS = 400 * DAY_MS;

export interface ChangeOptions {
  readonly tier: Tier;
  readonly reason?: string | undefined;
  /** Who says so, for the record; default the operating system's user. */
  readonly by: string;
}

/** What was kept, as it is printed. */
export interface Changed {
  readonly changes: readonly (ScheduleChange & { readonly id: number | null })[];
  readonly findings: readonly { readonly code: string; readonly what: string }[];
}

function target(roster: Roster, account: string, role: string): Practice {
  const practice = requirePractice(roster, account);
  requireRole(practice, role);
  return practice;
}

/** From now until a time, or until the shift that runs now would end. */
export async function setNow(
  roster: Roster,
  account: string,
  role: string,
  person: string,
  options: ChangeOptions & { readonly until?: string | undefined },
): Promise<Changed> {
  const practice = target(roster, account, role);
  const now = roster.clock.now();
  const shift = trackOf(practice, role, options.tier)?.shifts(now, now + HORIZON_MS)[0];
  const until = options.until === undefined ? shift?.until : timeOf(options.until, practice.tz).at;
  if (until === undefined) throw new CommandError(exitCode.usage, 'say until when: --until 2026-12-01T07:00');
  const [from, to] = [wallText(now, practice.tz), wallText(until, practice.tz)];
  return keep(roster, [changeOf(roster, practice, account, role, person, from, to, options)], options.by);
}

export async function override(
  roster: Roster,
  account: string,
  role: string,
  person: string,
  from: string,
  to: string,
  options: ChangeOptions,
): Promise<Changed> {
  const practice = target(roster, account, role);
  const [begins, ends] = [from, to].map((text) => wallText(timeOf(text, practice.tz).at, practice.tz));
  const findings = [from, to].flatMap((text) => timeOf(text, practice.tz).finding ?? []);
  const kept = await keep(
    roster,
    [changeOf(roster, practice, account, role, person, begins!, ends!, options)],
    options.by,
  );
  return { ...kept, findings: [...findings.map((what) => ({ code: 'clock-change', what })), ...kept.findings] };
}

/** In a period, each holds what the other would have held. */
export async function swap(
  roster: Roster,
  account: string,
  role: string,
  people: readonly [string, string],
  from: string,
  to: string,
  options: ChangeOptions,
): Promise<Changed> {
  const practice = target(roster, account, role);
  const [one, other] = people.map((name) => requirePerson(roster.dispatch, name)) as [string, string];
  const period = [from, to].map((text) => timeOf(text, practice.tz).at) as [number, number];
  if (period[0] >= period[1]) throw new CommandError(exitCode.usage, `${to} is not after ${from}`);
  const changes = (trackOf(practice, role, options.tier)?.shifts(...period) ?? []).flatMap((shift) => {
    if (shift.who !== one && shift.who !== other) return [];
    const [begins, ends] = [wallText(shift.from, practice.tz), wallText(shift.until, practice.tz)];
    return [changeOf(roster, practice, account, role, shift.who === one ? other : one, begins, ends, options)];
  });
  if (changes.length === 0)
    throw new CommandError(
      exitCode.failed,
      `neither ${one} nor ${other} holds ${role} in that time: nothing was changed`,
    );
  return keep(roster, changes, options.by);
}

/** Shifts of a CSV or iCalendar file, as overrides. With any fault nothing is kept. */
export async function importFile(
  roster: Roster,
  account: string,
  role: string,
  file: string,
  options: ChangeOptions & { readonly dryRun: boolean },
): Promise<Changed> {
  const practice = target(roster, account, role);
  const { shifts, faults } = readShifts(roster, practice, file);
  const problems = [...faults];
  const changes = shifts.flatMap(({ place, from, to, who }) => {
    const person = personNamed(roster.dispatch, who);
    const isPeriod = wallInstant(from, practice.tz) < wallInstant(to, practice.tz);
    if (person === null) problems.push(`${place}: there is no ${who} under people`);
    if (!isPeriod) problems.push(`${place}: ${to} is not after ${from}`);
    return person === null || !isPeriod
      ? []
      : [{ account, role, tier: options.tier, from, to, who: person, reason: options.reason ?? null }];
  });
  if (problems.length > 0)
    throw new CommandError(
      exitCode.failed,
      [...problems.map((what) => `${file}: ${what}`), 'nothing was kept'].join('\n'),
    );
  if (changes.length === 0) throw new CommandError(exitCode.failed, `${file}: no shift in it`);
  const findings = overlaps(changes, practice.tz);
  if (options.dryRun) return { changes: changes.map((change) => ({ ...change, id: null })), findings };
  const kept = await keep(roster, changes, options.by);
  return { ...kept, findings };
}

export async function withdraw(roster: Roster, id: number, by: string): Promise<void> {
  if (!(await withdrawScheduleChange({ store: storeOf(roster), clock: roster.clock }, id, by)))
    throw new CommandError(exitCode.failed, `there is no change ${id} that stands`);
}

function readShifts(roster: Roster, practice: Practice, file: string): Imported {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(exitCode.usage, `${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  const now = roster.clock.now();
  try {
    return text.trimStart().startsWith('BEGIN:VCALENDAR')
      ? readCalendar(text, practice.tz, now - DAY_MS, now + HORIZON_MS)
      : readCsv(text, practice.tz);
  } catch {
    throw new CommandError(
      exitCode.failed,
      `${file}: neither a CSV file with the columns from,to,who nor an iCalendar file`,
    );
  }
}

function overlaps(changes: readonly ScheduleChange[], tz: string): Changed['findings'] {
  const sorted = [...changes].sort((one, other) => wallInstant(one.from, tz) - wallInstant(other.from, tz));
  return sorted.slice(1).flatMap((change, index) => {
    const before = sorted[index]!;
    const apart = wallInstant(change.from, tz) - wallInstant(before.to, tz);
    if (apart < 0)
      return [
        {
          code: 'overlap',
          what: `${before.who} until ${before.to} and ${change.who} from ${change.from}: the one further down counts`,
        },
      ];
    if (apart > 0)
      return [{ code: 'between', what: `from ${before.to} to ${change.from} the schedule of dispatch.yaml counts` }];
    return [];
  });
}

function changeOf(
  roster: Roster,
  practice: Practice,
  account: string,
  role: string,
  person: string,
  from: string,
  to: string,
  { tier, reason }: ChangeOptions,
): ScheduleChange {
  const who = requirePerson(roster.dispatch, person);
  if (wallInstant(from, practice.tz) >= wallInstant(to, practice.tz))
    throw new CommandError(exitCode.usage, `${to} is not after ${from}`);
  return { account, role, tier, from, to, who, reason: reason ?? null };
}

async function keep(roster: Roster, changes: readonly ScheduleChange[], by: string): Promise<Changed> {
  const [first, ...rest] = changes;
  if (!first) return { changes: [], findings: [] };
  const ids = await changeSchedule({ store: storeOf(roster), clock: roster.clock }, [first, ...rest], by);
  const holes = changes.filter(({ who }) => who === '');
  return {
    changes: changes.map((change, index) => ({ ...change, id: ids[index] ?? null })),
    findings: holes.map(({ role, from, to }) => ({ code: 'hole', what: `${role} has nobody from ${from} to ${to}` })),
  };
}

function storeOf({ store }: Roster): Store {
  if (store) return store();
  throw new CommandError(
    exitCode.later,
    'changes are kept in the database, and there is none yet: start Wardroom once, or change dispatch.yaml',
  );
}
