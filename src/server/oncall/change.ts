import { readFileSync } from 'node:fs';
import { changeSchedule, withdrawScheduleChange } from '../../flows/changeSchedule.ts';
import type { ScheduleChange } from '../../flows/onCallPort.ts';
import type { Store } from '../../flows/ports.ts';
import type { PlannedChanges } from '../../flows/scheduleDeskPort.ts';
import type { Practice } from '../../tickets/dispatchSchema.ts';
import { type Tier, trackOf } from '../../tickets/schedule.ts';
import { wallInstant, wallText } from '../../tickets/times.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import { ScheduleFault } from './fault.ts';
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

function target(roster: Planning, account: string, role: string): Practice {
  const practice = requirePractice(roster, account);
  requireRole(practice, role);
  return practice;
}

type Planning = Pick<Roster, 'dispatch' | 'clock'>;
type PlanOptions = Pick<ChangeOptions, 'tier' | 'reason'>;

/** From now until a time, or until the shift that runs now would end. */
export function planSet(
  roster: Planning,
  account: string,
  role: string,
  person: string,
  options: PlanOptions & { readonly until?: string | undefined },
): PlannedChanges {
  const practice = target(roster, account, role);
  const now = roster.clock.now();
  const shift = trackOf(practice, role, options.tier)?.shifts(now, now + HORIZON_MS)[0];
  const until = options.until === undefined ? shift?.until : timeOf(options.until, practice.tz, '--until').at;
  if (until === undefined)
    throw new ScheduleFault(exitCode.usage, 'say until when: --until 2026-12-01T07:00', {
      code: 'bad-argument',
      argument: '--until',
      why: 'missing',
    });
  const [from, to] = [wallText(now, practice.tz), wallText(until, practice.tz)];
  return planned([changeOf(roster, practice, account, role, person, from, to, options, '--until')]);
}

export async function setNow(
  roster: Roster,
  account: string,
  role: string,
  person: string,
  options: ChangeOptions & { readonly until?: string | undefined },
): Promise<Changed> {
  return keep(roster, planSet(roster, account, role, person, options), options.by);
}

export function planOverride(
  roster: Planning,
  account: string,
  role: string,
  person: string,
  from: string,
  to: string,
  options: PlanOptions,
): PlannedChanges {
  const practice = target(roster, account, role);
  const times = [timeOf(from, practice.tz, 'FROM'), timeOf(to, practice.tz, 'TO')];
  const [begins, ends] = times.map(({ at }) => wallText(at, practice.tz));
  const findings = times.flatMap(({ finding }) => finding ?? []);
  const { changes, findings: more } = planned([
    changeOf(roster, practice, account, role, person, begins!, ends!, options),
  ]);
  return { changes, findings: [...findings.map((what) => ({ code: 'clock-change', what })), ...more] };
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
  return keep(roster, planOverride(roster, account, role, person, from, to, options), options.by);
}

/** In a period, each holds what the other would have held. */
export function planSwap(
  roster: Planning,
  account: string,
  role: string,
  people: readonly [string, string],
  from: string,
  to: string,
  options: PlanOptions,
): PlannedChanges {
  const practice = target(roster, account, role);
  const [one, other] = people.map((name) => requirePerson(roster.dispatch, name)) as [string, string];
  const period = [timeOf(from, practice.tz, 'FROM').at, timeOf(to, practice.tz, 'TO').at] as const;
  if (period[0] >= period[1]) throw notAfter(to, from);
  const changes = (trackOf(practice, role, options.tier)?.shifts(...period) ?? []).flatMap((shift) => {
    if (shift.who !== one && shift.who !== other) return [];
    const [begins, ends] = [wallText(shift.from, practice.tz), wallText(shift.until, practice.tz)];
    return [changeOf(roster, practice, account, role, shift.who === one ? other : one, begins, ends, options)];
  });
  if (changes.length === 0)
    throw new ScheduleFault(
      exitCode.failed,
      `neither ${one} nor ${other} holds ${role} in that time: nothing was changed`,
      { code: 'nothing-to-swap' },
    );
  return planned(changes);
}

export async function swap(
  roster: Roster,
  account: string,
  role: string,
  people: readonly [string, string],
  from: string,
  to: string,
  options: ChangeOptions,
): Promise<Changed> {
  return keep(roster, planSwap(roster, account, role, people, from, to, options), options.by);
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
  return keep(roster, { changes, findings }, options.by);
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
  roster: Planning,
  practice: Practice,
  account: string,
  role: string,
  person: string,
  from: string,
  to: string,
  { tier, reason }: PlanOptions,
  end = 'TO',
): ScheduleChange {
  const who = requirePerson(roster.dispatch, person);
  if (wallInstant(from, practice.tz) >= wallInstant(to, practice.tz)) throw notAfter(to, from, end);
  return { account, role, tier, from, to, who, reason: reason ?? null };
}

const notAfter = (to: string, from: string, argument = 'TO') =>
  new ScheduleFault(exitCode.usage, `${to} is not after ${from}`, { code: 'bad-argument', argument });

/** Changes with what is odd about them: times at which nobody is there. */
const planned = (changes: readonly ScheduleChange[]): PlannedChanges => ({
  changes,
  findings: changes
    .filter(({ who }) => who === '')
    .map(({ role, from, to }) => ({ code: 'hole', what: `${role} has nobody from ${from} to ${to}` })),
});

async function keep(roster: Roster, { changes, findings }: PlannedChanges, by: string): Promise<Changed> {
  const [first, ...rest] = changes;
  if (!first) return { changes: [], findings: [] };
  const ids = await changeSchedule({ store: storeOf(roster), clock: roster.clock }, [first, ...rest], by);
  return { changes: changes.map((change, index) => ({ ...change, id: ids[index] ?? null })), findings };
}

function storeOf({ store }: Roster): Store {
  if (store) return store();
  throw new CommandError(
    exitCode.later,
    'changes are kept in the database, and there is none yet: start Wardroom once, or change dispatch.yaml',
  );
}
