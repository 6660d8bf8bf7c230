import { realClock } from '../../kernel/clock.ts';
import { accountId } from '../../kernel/ids.ts';
import { peopleOfPractice, usersOf } from '../../tickets/onCall.ts';
import { urgencyOf } from '../../tickets/readTicket.ts';
import { rosterFindings } from '../../tickets/rosterFindings.ts';
import { trackOf } from '../../tickets/schedule.ts';
import { simulate } from '../../tickets/simulate.ts';
import { wallText } from '../../tickets/times.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import { deviceFindings } from './devices.ts';
import { ScheduleFault } from './fault.ts';
import { readTime } from './readTime.ts';
import { practiceOf, type Roster, requirePractice, requireRole, tzOf } from './roster.ts';

const DAY_MS = 24 * 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

/** `argument`: what the command calls it. */
export function timeOf(text: string, tz: string, argument = 'TIME') {
  const read = readTime(text, tz);
  if (read) return read;
  throw new ScheduleFault(exitCode.usage, `${text} is no time: 2026-11-29T10:22 (local, ${tz}) or with an offset`, {
    code: 'bad-argument',
    argument,
  });
}

/** Who is on call: of every role, or of one. */
export function whoIs(
  roster: Roster,
  account: string,
  options: { readonly time?: string | undefined; readonly role?: string | undefined },
) {
  const tz = tzOf(roster, account);
  const time = options.time === undefined ? { at: roster.clock.now(), finding: null } : timeOf(options.time, tz);
  const practice = practiceOf(roster, account);
  if (practice && options.role !== undefined) requireRole(practice, options.role);
  const roles = practice ? (options.role === undefined ? Object.keys(practice.roles) : [options.role]) : [];
  const told = (target: string) => {
    const found = roster.directory.resolve(accountId(account), target, time.at);
    return found.kind === 'people'
      ? { people: found.people.map(({ person }) => person), alarms: found.alarms }
      : { people: [] as string[], alarms: found.kind === 'skip' ? found.alarms : [] };
  };
  const held = roles.map((role) => {
    const primary = told(role);
    return { role, holder: primary.people, backup: told(`${role}.backup`).people, alarms: primary.alarms };
  });
  return {
    account,
    at: iso(time.at),
    tz,
    // An account without a practice, or a practice without roles.
    roles:
      held.length > 0
        ? held
        : [
            {
              role: null,
              holder: told('site.default_oncall').people,
              backup: [],
              alarms: practice ? [] : ['no-schedule'],
            },
          ],
    findings: time.finding === null ? [] : [{ code: 'clock-change', what: time.finding }],
  };
}

/** The shifts of an account's roles. */
export function shiftsOf(
  roster: Roster,
  account: string,
  options: { readonly from?: string | undefined; readonly days: number; readonly role?: string | undefined },
) {
  const practice = requirePractice(roster, account);
  if (options.role !== undefined) requireRole(practice, options.role);
  const from = options.from === undefined ? roster.clock.now() : timeOf(options.from, practice.tz, '--from').at;
  const until = from + options.days * DAY_MS;
  const roles = options.role === undefined ? Object.keys(practice.roles) : [options.role];
  return {
    account,
    tz: practice.tz,
    shifts: roles.flatMap((role) =>
      (['primary', 'backup'] as const).flatMap((tier) =>
        (trackOf(practice, role, tier)?.shifts(from, until) ?? []).map((shift) => ({
          role,
          tier,
          from: wallText(shift.from, practice.tz),
          to: wallText(shift.until, practice.tz),
          who: shift.who,
          via: shift.via,
        })),
      ),
    ),
  };
}

/** What would be done for a ticket. */
export function dryRun(roster: Roster, account: string, time: string | undefined, word: string | undefined) {
  const tz = tzOf(roster, account);
  const read = time === undefined ? { at: roster.clock.now(), finding: null } : timeOf(time, tz);
  const urgency = urgencyOf(word ?? 'STAT');
  if (urgency === null)
    throw new ScheduleFault(exitCode.usage, `${word} is no urgency: STAT, URGENT, ROUTINE or FYI`, {
      code: 'bad-argument',
      argument: 'URGENCY',
    });
  const simulated = simulate(roster.dispatch, roster.directory, account, read.at, urgency);
  return {
    account,
    at: iso(read.at),
    tz,
    urgency,
    protocol: simulated.protocol,
    resolve: simulated.resolve,
    alarms: simulated.alarms,
    alarms_to: simulated.alarmsTo,
    findings: [...(read.finding === null ? [] : [{ code: 'clock-change', what: read.finding }]), ...simulated.findings],
    steps: simulated.steps.map(({ dueAt, ...step }) => ({ ...step, at: iso(dueAt), local: wallText(dueAt, tz) })),
  };
}

/** Holes and the like in the coming days, and people whom no page reaches. */
export async function gapsOf(
  roster: Roster,
  account: string | undefined,
  options: { readonly days: number; readonly unseenDays?: number | undefined; readonly devices: boolean },
) {
  const { dispatch, clock, config } = roster;
  const named = account === undefined ? accountsOf(dispatch) : [account];
  if (account !== undefined && !accountsOf(dispatch).includes(account))
    throw new CommandError(exitCode.usage, `${account} is no account of dispatch.yaml`);
  const now = clock.now();
  const gaps: { readonly code: string; readonly account: string | null; readonly what: string }[] = named.flatMap(
    (one) =>
      rosterFindings(dispatch, one, now, now + options.days * DAY_MS).map(({ code, what, role, from, until }) => ({
        code,
        account: one,
        ...(role === undefined ? {} : { role }),
        ...(from === undefined ? {} : { from: iso(from) }),
        ...(until === undefined ? {} : { until: iso(until) }),
        what: `${one}: ${what}`,
      })),
  );
  const notes: string[] = [];
  if (options.devices) {
    const keys = named.flatMap((one) => {
      const practice = practiceOf(roster, one);
      return practice ? peopleOfPractice(practice) : dispatch.site.default_oncall;
    });
    const people = usersOf(dispatch, keys);
    const unseenMs = options.unseenDays === undefined ? config.oncall.unseen_after : options.unseenDays * DAY_MS;
    // The homeserver's times are the machine's.
    const { findings, seenKnown } = await deviceFindings(config, people, realClock.now(), unseenMs);
    for (const { code, what, person } of findings)
      gaps.push({ code, account: null, what, ...(person === '' ? {} : { person }) });
    if (!seenKnown) notes.push('when people were last seen is not known: the bot is no server admin of the homeserver');
  }
  return { days: options.days, gaps, notes };
}

const accountsOf = (dispatch: Roster['dispatch']): readonly string[] => [
  ...new Set([
    ...Object.values(dispatch.services).flatMap(({ accounts }) => accounts),
    ...Object.keys(dispatch.practices),
  ]),
];
