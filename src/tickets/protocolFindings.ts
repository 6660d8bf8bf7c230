import type { Dispatch, Practice } from './dispatchSchema.ts';
import { peopleOfRotation, readTarget, type Target } from './onCall.ts';
import type { Protocol, ProtocolStep } from './protocol.ts';
import type { Urgency } from './ticket.ts';
import { durationMs } from './times.ts';

export type FindingCode =
  | 'no-human'
  | 'order'
  | 'target-unknown'
  | 'phone-unreachable'
  | 'no-coverage'
  | 'no-office-hours'
  | 'person-unknown'
  | 'practice-unknown'
  | 'account-without-schedule'
  | 'account-without-protocol'
  | 'account-without-service'
  | 'clock-change'
  | 'no-report'
  | 'empty-period'
  | 'anchor-weekday'
  | 'default-missing'
  | 'nobody'
  | 'phone-loop';

/** Something in dispatch.yaml that can be loaded and should not be relied on as it stands. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly what: string;
}

/** What a protocol is judged against. `practice`: null for an account without one, and for the site's default protocol. */
export interface ProtocolContext {
  readonly urgency: Urgency;
  readonly practice: Practice | null;
  readonly dispatch: Dispatch;
}

/**
 * What is wrong with a protocol that could be loaded: it would run, but not do what its author expects. Paths count from the
 * protocol. At run time such a step falls to somebody else or is skipped with an alarm; nothing is dropped.
 */
export function protocolFindings(protocol: Protocol, context: ProtocolContext): readonly Finding[] {
  return [
    ...humanFindings(protocol, context.urgency),
    ...orderFindings(protocol),
    ...protocol.steps.flatMap((step, index) => stepFindings(step, index, context)),
  ];
}

const warning = (path: readonly (string | number)[], code: FindingCode, what: string): Finding => ({
  path,
  severity: 'warning',
  code,
  what,
});

function humanFindings({ steps }: Protocol, urgency: Urgency): Finding[] {
  const last = steps.at(-1);
  if (urgency !== 'stat' || last?.do === 'todo' || last?.do === 'voice') return [];
  return [warning(['steps', steps.length - 1], 'no-human', 'a STAT ladder must end with a person: todo or voice')];
}

/** Only durations compare: a clock time may come before or after them. */
function orderFindings({ steps }: Protocol): Finding[] {
  const findings: Finding[] = [];
  let latest = 0;
  for (const [index, { at }] of steps.entries()) {
    const ms = at === undefined ? null : durationMs(at);
    if (ms === null) continue;
    if (ms < latest) findings.push(warning(['steps', index, 'at'], 'order', 'is earlier than the step before it'));
    latest = ms;
  }
  return findings;
}

function stepFindings(step: ProtocolStep, index: number, context: ProtocolContext): Finding[] {
  const { practice, dispatch } = context;
  const findings: Finding[] = [];
  if (step.at === 'next_office_open' && !(practice?.office_hours?.days.length ?? 0)) {
    findings.push(warning(['steps', index, 'at'], 'no-office-hours', 'the practice has no office hours: due at once'));
  }
  if (step.to === undefined) return findings;
  const target = readTarget(step.to, practice, (name) => Object.hasOwn(dispatch.people, name));
  const path = ['steps', index, 'to'];
  if (target.kind === 'unknown') findings.push(warning(path, 'target-unknown', unknownTarget(practice)));
  if (target.kind === 'cross-org' && !practice?.cross_org_backup) {
    findings.push(warning(path, 'no-coverage', 'the practice has no cross_org_backup'));
  }
  if (target.kind === 'phone' && !hasPhone(target, practice, dispatch)) {
    findings.push(
      warning(path, 'phone-unreachable', `unreachable step: no ${target.tier} has a ${target.phone} phone`),
    );
  }
  return findings;
}

const unknownTarget = (practice: Practice | null) =>
  practice
    ? 'no such role in the practice, and nobody of that name'
    : 'the account has no practice, and there is nobody of that name';

/** Whether anybody who can hold this tier has this phone. */
function hasPhone(
  { tier, phone }: Extract<Target, { kind: 'phone' }>,
  practice: Practice | null,
  dispatch: Dispatch,
): boolean {
  return holdersOf(tier, practice, dispatch).some((name) => {
    const person = Object.hasOwn(dispatch.people, name) ? dispatch.people[name] : undefined;
    return person?.[phone] !== undefined;
  });
}

function holdersOf(tier: 'primary' | 'backup', practice: Practice | null, dispatch: Dispatch): readonly string[] {
  if (!practice) return tier === 'primary' ? dispatch.site.default_oncall : dispatch.site.default_oncall.slice(1);
  const roles = Object.values(practice.roles);
  if (tier === 'backup')
    return [...practice.default.slice(1), ...roles.flatMap(({ backup }) => peopleOfRotation(backup))];
  const overrides = roles.flatMap(({ overrides: list }) => list?.map(({ who }) => who) ?? []);
  return [...practice.default, ...roles.flatMap(({ rotation }) => peopleOfRotation(rotation)), ...overrides];
}
