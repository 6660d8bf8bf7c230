import type { Clock, Instant } from '../kernel/clock.ts';
import { userId } from '../kernel/ids.ts';
import type { NonEmpty } from '../kernel/result.ts';
import {
  decide,
  endOfDay,
  type Facts,
  type Grant,
  grantRole,
  isInForce,
  type Policy,
  privilegedRoles,
  type RoleEvent,
} from '../policy/index.ts';
import { factsOf, type Surroundings } from './policyFacts.ts';
import type { AuditEntry, Store } from './ports.ts';

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
  /** Who has a role and is not in the file loses it. Roles that open Wardroom itself are left alone. */
  readonly prune: boolean;
  readonly by: string;
}

/**
 * Brings roles in step with a list, all of it or nothing (45 CFR 164.308(a)(3)(ii)(C): who left loses access). Roles that open Wardroom itself take two people
 * and are refused here.
 */
export async function importRoles(
  flow: ImportRolesFlow,
  rows: readonly RoleRow[],
  { dryRun, prune, by }: ImportOptions,
): Promise<RoleDiff> {
  const { store, clock } = flow;
  let diff: RoleDiff = { granted: [], revoked: [], unchanged: 0, refused: [], done: false };
  await store.change(async (tx) => {
    await tx.lock('roles');
    const now = clock.now();
    const facts = await factsOf(tx, { ...flow, now });
    const plan = planOf(rows, facts, prune, by);
    const isDone = !dryRun && plan.refused.length === 0;
    diff = { ...summary(plan), done: isDone };
    const audit = plan.events.map((event): AuditEntry => {
      const { type, user, role } = event;
      return { action: `role.${type}`, outcome: 'ok', actor: by, code: 'import', detail: { user, role } };
    });
    const [first, ...rest] = audit;
    if (!isDone || first === undefined) return null;
    for (const event of plan.events) await tx.roles.append(event);
    const entries: NonEmpty<AuditEntry> = [first, ...rest];
    return { value: null, audit: entries };
  });
  return diff;
}

interface Plan {
  readonly events: readonly RoleEvent[];
  /** Of `granted`: until when, as it was written. */
  readonly days: ReadonlyMap<RoleEvent, string | null>;
  readonly unchanged: number;
  readonly refused: RoleDiff['refused'];
}

function planOf(rows: readonly RoleRow[], facts: Facts, prune: boolean, by: string): Plan {
  const events: RoleEvent[] = [];
  const days = new Map<RoleEvent, string | null>();
  const refused: { place: string; code: string }[] = [];
  const named = new Set<string>();
  let unchanged = 0;
  const { now } = facts;
  const grants = facts.grants.filter((one) => isInForce(one, now));
  for (const row of rows) {
    const key = keyOf(row.user, row.role);
    if (named.has(key)) refused.push({ place: row.place, code: 'twice' });
    named.add(key);
    const made = eventOf(row, facts, by);
    if (typeof made === 'string') {
      refused.push({ place: row.place, code: made });
      continue;
    }
    const held = grants.filter((one) => keyOf(one.user, one.role) === key);
    const latest = held.reduce((end, one) => Math.max(end, endOf(one)), Number.NEGATIVE_INFINITY);
    if (held.length > 0 && latest === endOf(made)) {
      unchanged += 1;
      continue;
    }
    // What ends earlier than it did is ended, and given anew.
    if (latest > endOf(made)) events.push(revoked(made.user, made.role, by, now));
    const event: RoleEvent = { type: 'granted', at: now, ...made };
    events.push(event);
    days.set(event, row.until);
  }
  if (prune) {
    const left = grants.filter(({ user, role }) => !named.has(keyOf(user, role)) && !privilegedRoles.includes(role));
    const once = new Map(left.map((one) => [keyOf(one.user, one.role), one]));
    for (const { user, role } of once.values()) events.push(revoked(user, role, by, now));
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
