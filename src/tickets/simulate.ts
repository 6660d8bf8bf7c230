import type { Instant } from '../kernel/clock.ts';
import { accountId } from '../kernel/ids.ts';
import { roleOfLadder } from './climb.ts';
import { compileLadder } from './compileLadder.ts';
import type { DispatchDirectory } from './directory.ts';
import type { Dispatch } from './dispatchSchema.ts';
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
  const tz = practice?.tz ?? dispatch.site.tz;
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
    const after = elapsed(planned.dueAt - at);
    const clock = wallText(planned.dueAt, tz).slice(11);
    if (told && told.kind !== 'dispatcher' && told.kind !== 'organisation')
      for (const code of told.alarms) alarms.add(code);
    if (practice && planned.to !== undefined) {
      const meant = readTarget(planned.to, practice, (name) => Object.hasOwn(dispatch.people, name));
      const named =
        meant.kind === 'role'
          ? meant.role
          : meant.kind === 'phone'
            ? (role ?? Object.keys(practice.roles)[0])
            : undefined;
      if (named !== undefined && (meant.kind === 'role' || meant.kind === 'phone')) {
        const hole = holeAt(practice, named, meant.tier, planned.dueAt);
        const name = meant.tier === 'backup' ? `${named}.backup` : named;
        if (hole) find('hole', `${name} empty ${period(hole, tz)}: falls to the default list, ${practice.default[0]}`);
        const holder = trackOf(practice, named, meant.tier)?.at(planned.dueAt).who;
        const until = doNotDisturbUntil(holder ? dispatch.people[holder]?.dnd : undefined, planned.dueAt, tz);
        if (holder && until !== null && told?.kind === 'skip' && told.code === 'do-not-disturb')
          find(
            'do-not-disturb',
            `${meant.tier === 'backup' ? 'backup ' : ''}${holder} is in do-not-disturb until ${wallText(until, tz).slice(11)}: the ${urgency.toUpperCase()} step at ${after} (${clock}) would be skipped`,
          );
      }
      const coverage = practice.cross_org_backup;
      if (coverage && told?.kind === 'skip' && told.code === 'agreement-ended')
        find('agreement-ended', `step at ${after} skipped: ${coverage.agreement} ended ${coverage.valid_to}`);
    }
    return {
      step: planned.step,
      repeat: planned.repeat,
      dueAt: planned.dueAt,
      do: planned.do,
      to: planned.to ?? null,
      ...described(planned, told),
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

const needsPeople = ({ do: action }: PlannedStep) =>
  action === 'room' || action === 'sms' || action === 'voice' || action === 'patch';

function described(
  planned: PlannedStep,
  told: Resolution | null,
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
      return { people, how: 'skipped: no text message channel is configured', skipped: 'not-configured' };
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
