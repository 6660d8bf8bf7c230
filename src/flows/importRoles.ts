import type { Clock, Instant } from '../kernel/clock.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import {
  decide,
  endOfDay,
  type Facts,
  foldGrants,
  type Grant,
  grantRole,
  isInForce,
  type Policy,
  privilegedRoles,
  type RoleEvent,
} from '../policy/index.ts';
import { factsOf, type Surroundings } from './policyFacts.ts';
import type { AuditEntry, Store, Tx } from './ports.ts';

/** Who should hold what, as a personnel system says it. */
export interface RoleRow {
  /** Where it stands in the file: `line 2`. */
  readonly place: string;
  readonly user: string;
  readonly role: string;
  /** The last day; null: until it is revoked. */
  readonly until: string | null;
}

export interface RoleChange {
  readonly user_id: string;
  readonly role: string;
  readonly until: string | null;
}

/** What the import would do, or did. */
export interface RoleDiff {
  readonly granted: readonly RoleChange[];
  readonly revoked: readonly Omit<RoleChange, 'until'>[];
  readonly unchanged: number;
  /** Rows that cannot be: with any, nothing is done. */
  readonly refused: readonly { readonly place: string; readonly code: string }[];
  readonly done: boolean;
}

export interface ImportRolesFlow extends Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
}

export interface ImportOptions {
  readonly dryRun: boolean;
  /** Who has a role and is not in the list loses it. Roles that open Wardroom itself are left alone. */
  readonly prune: boolean;
  /** The list is about this person only: nobody else loses anything. */
  readonly person?: UserId;
  readonly by: string;
  /** What brought it, for the audit log: `import`, `api`. */
  readonly code: string;
}

/** What became of a list, and what everybody holds afterwards. */
export interface InStep {
  readonly diff: RoleDiff;
  readonly grants: readonly Grant[];
  readonly audit: readonly AuditEntry[];
}

/**
 * Brings roles in step with a list, all of it or nothing (45 CFR 164.308(a)(3)(ii)(C): who left loses access). Roles that open Wardroom itself take two people
 * and are refused here.
 */
export async function importRoles(
  flow: ImportRolesFlow,
  rows: readonly RoleRow[],
  options: Omit<ImportOptions, 'code'>,
): Promise<RoleDiff> {
  let diff: RoleDiff = { granted: [], revoked: [], unchanged: 0, refused: [], done: false };
  await flow.store.change(async (tx) => {
    const made = await bringInStep(tx, flow, rows, { ...options, code: 'import' });
    diff = made.diff;
    const [first, ...rest] = made.audit;
    return first === undefined ? null : { value: null, audit: [first, ...rest] };
  });
  return diff;
}

/** The same inside a transaction of somebody else's, who keeps the entries. */
export async function bringInStep(
  tx: Tx,
  flow: ImportRolesFlow,
  rows: readonly RoleRow[],
  options: ImportOptions,
): Promise<InStep> {
  await tx.lock('roles');
  const facts = await factsOf(tx, { ...flow, now: flow.clock.now() });
  const plan = planOf(rows, facts, options);
  const isDone = !options.dryRun && plan.refused.length === 0;
  const diff = { ...summary(plan), done: isDone };
  if (!isDone) return { diff, grants: foldGrants(plan.events, facts.grants), audit: [] };
  for (const event of plan.events) await tx.roles.append(event);
  const audit = plan.events.map((event): AuditEntry => {
    const { type, user, role } = event;
    return { action: `role.${type}`, outcome: 'ok', actor: options.by, code: options.code, detail: { user, role } };
  });
  return { diff, grants: foldGrants(plan.events, facts.grants), audit };
}

interface Plan {
  readonly events: readonly RoleEvent[];
  /** Of `granted`: until when, as it was written. */
  readonly days: ReadonlyMap<RoleEvent, string | null>;
  readonly unchanged: number;
  readonly refused: RoleDiff['refused'];
}

function planOf(rows: readonly RoleRow[], facts: Facts, { prune, person, by }: ImportOptions): Plan {
  const events: RoleEvent[] = [];
  const days = new Map<RoleEvent, string | null>();
  const refused: { place: string; code: string }[] = [];
  const named = new Set<string>();
  let unchanged = 0;
  const { now } = facts;
  const held = new Map<string, Grant[]>();
  for (const one of facts.grants) {
    if (!isInForce(one, now)) continue;
    const key = keyOf(one.user, one.role);
    held.set(key, [...(held.get(key) ?? []), one]);
  }
  for (const row of rows) {
    const key = keyOf(row.user, row.role);
    if (named.has(key)) refused.push({ place: row.place, code: 'twice' });
    named.add(key);
    const made = eventOf(row, facts, by);
    if (typeof made === 'string') {
      refused.push({ place: row.place, code: made });
      continue;
    }
    const latest = Math.max(Number.NEGATIVE_INFINITY, ...(held.get(key) ?? []).map(endOf));
    if (latest === endOf(made)) {
      unchanged += 1;
      continue;
    }
    // What ends earlier than it did is ended, and given anew.
    if (latest > endOf(made)) events.push(revoked(made.user, made.role, by, now));
    const event: RoleEvent = { type: 'granted', at: now, ...made };
    events.push(event);
    days.set(event, row.until);
  }
  for (const [key, [one]] of prune ? held : []) {
    if (one === undefined || named.has(key) || privilegedRoles.includes(one.role)) continue;
    if (person === undefined || one.user === person) events.push(revoked(one.user, one.role, by, now));
  }
  return { events, days, unchanged, refused };
}

/** The grant that a row asks for, or the code of why there can be none. */
function eventOf({ user, role, until }: RoleRow, facts: Facts, by: string): Grant | string {
  const { policy, now } = facts;
  if (!/^@[^:\s]+:\S+$/.test(user)) return 'user';
  if (privilegedRoles.includes(role)) return 'needs-second-person';
  const end = until === null ? null : endOfDay(until, policy);
  if (until !== null && end === null) return 'until';
  const [violation] = decide({ kind: 'grant', user: userId(user), role }, facts);
  if (violation) return violation.code;
  const event = grantRole({ user: userId(user), role, from: now, until: end, by }, policy, now);
  if (!event.ok) return event.error;
  if (event.value.type !== 'granted') return 'role-unknown';
  const { type: _type, at: _at, ...grant } = event.value;
  return grant;
}

const revoked = (user: Grant['user'], role: string, by: string, at: Instant): RoleEvent => ({
  type: 'revoked',
  user,
  role,
  by,
  at,
});

const summary = ({ events, days, unchanged, refused }: Plan): Omit<RoleDiff, 'done'> => {
  const again = new Set(events.flatMap((one) => (one.type === 'granted' ? [keyOf(one.user, one.role)] : [])));
  return {
    granted: events.flatMap((one) =>
      one.type === 'granted' ? [{ user_id: one.user, role: one.role, until: days.get(one) ?? null }] : [],
    ),
    revoked: events.flatMap((one) =>
      one.type === 'revoked' && !again.has(keyOf(one.user, one.role)) ? [{ user_id: one.user, role: one.role }] : [],
    ),
    unchanged,
    refused,
  };
};

const keyOf = (user: string, role: string): string => `${user}\0${role}`;
const endOf = ({ until }: Pick<Grant, 'until'>): number => until ?? Number.POSITIVE_INFINITY;
