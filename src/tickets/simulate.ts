import type { Instant } from '../kernel/clock.ts';
import { accountId } from '../kernel/ids.ts';
import { roleOfLadder } from './climb.ts';
import { compileLadder } from './compileLadder.ts';
import type { DispatchDirectory } from './directory.ts';
import type { Dispatch, Practice } from './dispatchSchema.ts';
import { readTarget } from './onCall.ts';
import { holeAt, period } from './rosterFindings.ts';
import { trackOf } from './schedule.ts';
import type { AlarmCode, PlannedStep, Resolution, Urgency } from './ticket.ts';
import { addDays, doNotDisturbUntil, localDay, onDay, wallText } from './times.ts';

export interface SimulatedStep {
  /** Position in the protocol, from 0. */
  readonly step: number;
  readonly repeat: number;
  readonly dueAt: Instant;
  readonly do: PlannedStep['do'];
  readonly to: string | null;
  readonly people: readonly string[];
  /** In words: how they are alerted, or why nobody is. */
  readonly how: string;
  readonly skipped?: string;
}

export interface Simulation {
  readonly protocol: string;
  /** Whom the first step that names people alerts. */
  readonly resolve: readonly string[];
  readonly steps: readonly SimulatedStep[];
  readonly findings: readonly { readonly code: string; readonly what: string }[];
  readonly alarms: readonly AlarmCode[];
  /** Who hears the alarms. */
  readonly alarmsTo: readonly string[];
}

/** What would be done for a ticket of this urgency, accepted at this instant, of which nobody takes notice; and what is wrong with it. */
export function simulate(
  dispatch: Dispatch,
  directory: DispatchDirectory,
  account: string,
  at: Instant,
  urgency: Urgency,
): Simulation {
  const id = accountId(account);
  const practice = Object.hasOwn(dispatch.practices, account) ? (dispatch.practices[account] ?? null) : null;
  const chosen = directory.protocolFor(id, urgency);
  const { plan } = compileLadder(chosen.protocol, urgency, at, directory.placeOf(id));
  const findings = new Map<string, { code: string; what: string }>();
  const find = (code: string, what: string) => findings.set(what, { code, what });
  const alarms = new Set<AlarmCode>(chosen.alarms);
  if (!practice) find('no-schedule', `no schedule: falls to ${dispatch.site.default_oncall.join(', ') || 'nobody'}`);
  else if (chosen.alarms.includes('no-protocol'))
    find('no-protocol', `no protocol for this urgency: ${chosen.name} applies`);

  const steps = plan.map((planned): SimulatedStep => {
    const role = roleOfLadder(directory, id, plan, planned);
    const told = needsPeople(planned)
      ? directory.resolve(id, planned.to ?? '', planned.dueAt, { urgency, role })
      : null;
    if (told && 'alarms' in told) for (const code of told.alarms) alarms.add(code);
    if (practice)
      for (const { code, what } of stepFindings(dispatch, practice, {
        planned,
        role,
        told,
        after: planned.dueAt - at,
        urgency,
      }))
        find(code, what);
    return {
      step: planned.step,
      repeat: planned.repeat,
      dueAt: planned.dueAt,
      do: planned.do,
      to: planned.to ?? null,
      ...described(planned, told, directory.texts(id)),
    };
  });

  if (practice) {
    for (const role of new Set(plan.flatMap(({ to }) => (to === undefined ? [] : (directory.roleOf(id, to) ?? []))))) {
      const holder = trackOf(practice, role, 'primary')?.at(at).who;
      if (holder && holder === trackOf(practice, role, 'backup')?.at(at).who)
        find('same-person', `backup is ${holder} too: same person as primary`);
    }
  }
  return {
    protocol: chosen.name,
    resolve: steps.find(({ people }) => people.length > 0)?.people ?? [],
    steps,
    findings: [...findings.values()],
    alarms: [...alarms],
    alarmsTo: dispatch.site.alarms_to,
  };
}

interface Simulating {
  readonly planned: PlannedStep;
  readonly role: string | undefined;
  readonly told: Resolution | null;
  /** Since the acceptance, in milliseconds. */
  readonly after: number;
  readonly urgency: Urgency;
}

/** What a scheduler should know of one step: a hole, somebody who is not to be disturbed, an agreement that is over. */
function stepFindings(
  dispatch: Dispatch,
  practice: Practice,
  { planned, role, told, after, urgency }: Simulating,
): readonly { readonly code: string; readonly what: string }[] {
  const skipped = told?.kind === 'skip' ? told.code : null;
  const { tz, cross_org_backup: coverage } = practice;
  if (coverage && skipped === 'agreement-ended') {
    const what = `step at ${elapsed(after)} skipped: ${coverage.agreement} ended ${coverage.valid_to}`;
    return [{ code: 'agreement-ended', what }];
  }
  const meant = readTarget(planned.to ?? '', practice, (name) => Object.hasOwn(dispatch.people, name));
  if (meant.kind !== 'role' && meant.kind !== 'phone') return [];
  const named = meant.kind === 'role' ? meant.role : (role ?? Object.keys(practice.roles)[0]);
  if (named === undefined) return [];
  const hole = holeAt(practice, named, meant.tier, planned.dueAt);
  if (hole) {
    const name = meant.tier === 'backup' ? `${named}.backup` : named;
    return [
      { code: 'hole', what: `${name} empty ${period(hole, tz)}: falls to the default list, ${practice.default[0]}` },
    ];
  }
  const holder = trackOf(practice, named, meant.tier)?.at(planned.dueAt).who;
  const until = doNotDisturbUntil(holder ? dispatch.people[holder]?.dnd : undefined, planned.dueAt, tz);
  if (!holder || until === null || skipped !== 'do-not-disturb') return [];
  const [who, ends] = [meant.tier === 'backup' ? `backup ${holder}` : holder, wallText(until, tz).slice(11)];
  const step = `the ${urgency.toUpperCase()} step at ${elapsed(after)} (${wallText(planned.dueAt, tz).slice(11)})`;
  return [{ code: 'do-not-disturb', what: `${who} is in do-not-disturb until ${ends}: ${step} would be skipped` }];
}

const needsPeople = ({ do: action }: PlannedStep) =>
  action === 'room' || action === 'sms' || action === 'voice' || action === 'patch';

function described(
  planned: PlannedStep,
  told: Resolution | null,
  canText: boolean,
): Pick<SimulatedStep, 'people' | 'how'> & { skipped?: string } {
  const people = told?.kind === 'people' ? told.people.map(({ person }) => person) : [];
  if (told?.kind === 'skip') return { people, how: `skipped: ${told.code}`, skipped: told.code };
  const phones =
    told?.kind === 'people' ? told.people.map(({ person, phone }) => [person, phone].filter(Boolean).join(' ')) : [];
  switch (planned.do) {
    case 'room':
      if (told?.kind === 'organisation') return { people, how: `the operator rings ${told.role} at ${told.org}` };
      if (told?.kind === 'dispatcher') return { people, how: 'a to-do for the operator' };
      return { people, how: `${planned.mention ? 'mentioned' : 'posted'} in the room` };
    case 'renotify':
      return { people, how: 'those alerted last are reminded in the room' };
    case 'todo':
      return {
        people,
        how: planned.text === undefined ? 'a to-do for the operator' : `a to-do for the operator: ${planned.text}`,
      };
    case 'voice':
    case 'patch':
      return { people, how: `the operator dials ${phones.join(', ')}` };
    case 'sms':
      return canText
        ? { people, how: `a text to ${phones.join(', ')}` }
        : { people, how: 'skipped: no text message channel is configured', skipped: 'not-configured' };
    case 'report':
    case 'digest':
      return { people, how: `${planned.do} in ${planned.to}` };
  }
}

/** `20m`, `1h30m`, `45s`. */
function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds % 60 !== 0) return `${seconds}s`;
  const minutes = seconds / 60;
  if (minutes < 100) return `${minutes}m`;
  return `${Math.floor(minutes / 60)}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
}

/** Midnight to midnight of the local day of an instant. */
export function dayOf(at: Instant, tz: string): { readonly from: Instant; readonly until: Instant } {
  const day = localDay(at, tz);
  return { from: onDay(day, '00:00', tz), until: onDay(addDays(day, 1), '00:00', tz) };
}
