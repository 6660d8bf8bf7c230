import type { Clock, Instant } from '../kernel/clock.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import { dayAt, foldGrants, type Grant, type Policy, privilegedRoles } from '../policy/index.ts';
import { type HeldRole, heldRoles } from './heldRoles.ts';
import { bringInStep, type RoleDiff } from './importRoles.ts';
import type { Surroundings } from './policyFacts.ts';
import type { AuditEntry, Store, Tx } from './ports.ts';
import { readRoleDocument, readRoleList } from './roleRows.ts';
import type { PersonRoles, RolesApi, RolesOutcome, ShownRole } from './rolesApi.ts';
import type { InvalidField } from './ticketApi.ts';

export interface RolesByApiFlow extends Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  /** Null: it cannot be read, and then nothing is decided and nothing shown. */
  readonly policy: () => Policy | null;
}

/** Who did it, in the audit log and beside what was given. */
const ACTOR = 'api:roles';
/** So many of a refused list's faults are told. */
const MOST_FAULTS = 1_000;
const USER = /^@[^:\s]+:\S+$/;

type Call = Pick<AuditEntry, 'action'> & { readonly detail: Readonly<Record<string, unknown>> };
type Answer<T> = { readonly outcome: RolesOutcome<T>; readonly audit: readonly AuditEntry[] };

/**
 * Roles as an identity system keeps them in step (45 CFR 164.308(a)(3)(ii)(B), (C)). Every call is in the audit log with its outcome, in the
 * transaction that does it. What opens Wardroom itself is neither given nor taken: that takes two people.
 */
export function rolesByApi(flow: RolesByApiFlow): RolesApi {
  const shown = (one: HeldRole, { time_zone }: Policy): ShownRole => ({
    role: one.role,
    until: one.until === null ? null : dayAt(Date.parse(one.until) - 1, time_zone),
    review_by: one.review_by,
    overdue: one.overdue,
    by: one.by,
    privileged: privilegedRoles.includes(one.role),
  });
  const rolesNow = (grants: readonly Grant[], user: string, policy: Policy, now: Instant): readonly ShownRole[] =>
    heldRoles(grants, now, (grant) => grant.user === user).map((one) => shown(one, policy));

  /** Runs a call and keeps what it did together with the entry that says so. */
  async function call<T>(
    { action, detail }: Call,
    work: (tx: Tx, policy: Policy, now: Instant) => Promise<Answer<T>>,
  ): Promise<RolesOutcome<T>> {
    const done = await flow.store.change<RolesOutcome<T>>(async (tx) => {
      const policy = flow.policy();
      const { outcome, audit } =
        policy === null ? { outcome: NO_POLICY, audit: [] } : await work(tx, policy, flow.clock.now());
      return { value: outcome, audit: [entryOf(action, detail, outcome), ...audit] };
    });
    if (done === null) throw new Error('nothing-kept');
    return done;
  }

  return {
    list: (role) =>
      call({ action: 'roles.listed', detail: {} }, async (tx, policy, now) => {
        if (role !== null && !Object.hasOwn(policy.roles, role)) return refused('role', 'role-unknown');
        const held = heldRoles(
          foldGrants(await tx.roles.events()),
          now,
          (grant) => role === null || grant.role === role,
        );
        const people = new Map<UserId, ShownRole[]>();
        for (const one of held) people.set(one.user_id, [...(people.get(one.user_id) ?? []), shown(one, policy)]);
        return done({ people: [...people].map(([user_id, roles]): PersonRoles => ({ user_id, roles })) });
      }),

    show: (user) =>
      call({ action: 'roles.shown', detail: about(user) }, async (tx, policy, now) => {
        if (!USER.test(user)) return refused('user_id', 'user');
        return done({ user_id: user, roles: rolesNow(foldGrants(await tx.roles.events()), user, policy, now) });
      }),

    put: (user, document, dryRun) =>
      call({ action: 'roles.set', detail: { ...about(user), dry_run: dryRun } }, async (tx, policy, now) => {
        if (!USER.test(user)) return refused('user_id', 'user');
        const rows = readRoleDocument(user, document);
        if (!rows.ok) return { outcome: { kind: 'refused', errors: rows.error }, audit: [] };
        const options = { dryRun, prune: true, person: userId(user), by: ACTOR, code: 'api' };
        const { diff, grants, audit } = await bringInStep(tx, { ...flow, policy }, rows.value, options);
        if (diff.refused.length > 0) return faulty(diff);
        return done(
          {
            user_id: user,
            granted: diff.granted.map(({ role, until }) => ({ role, until })),
            revoked: diff.revoked.map(({ role }) => ({ role })),
            unchanged: diff.unchanged,
            done: diff.done,
            roles: rolesNow(grants, user, policy, now),
          },
          audit,
        );
      }),

    import: (csv, { dryRun, prune }) =>
      call({ action: 'roles.imported', detail: { dry_run: dryRun, prune } }, async (tx, policy) => {
        const rows = readRoleList(csv);
        if (!rows.ok) return refused('', rows.error);
        const options = { dryRun, prune, by: ACTOR, code: 'api' };
        const { diff, audit } = await bringInStep(tx, { ...flow, policy }, rows.value, options);
        if (diff.refused.length > 0) return faulty(diff);
        const { granted, revoked, unchanged, done: isDone } = diff;
        return done({ granted, revoked, unchanged, done: isDone }, audit);
      }),
  };
}

const NO_POLICY = { kind: 'no-policy' } as const;

const done = <T>(value: T, audit: readonly AuditEntry[] = []): Answer<T> => ({
  outcome: { kind: 'done', value },
  audit,
});

const refused = (path: string, code: string): Answer<never> => ({
  outcome: { kind: 'refused', errors: [{ path, code }] },
  audit: [],
});

const faulty = ({ refused: rows }: RoleDiff): Answer<never> => ({
  outcome: {
    kind: 'refused',
    errors: rows.slice(0, MOST_FAULTS).map(({ place, code }): InvalidField => ({ path: place, code })),
  },
  audit: [],
});

/** What is no Matrix id is not kept. */
const about = (user: string) => (USER.test(user) ? { user } : {});

const entryOf = (action: string, detail: Call['detail'], outcome: RolesOutcome<unknown>): AuditEntry => {
  const common = { action, actor: ACTOR };
  if (outcome.kind === 'done') return { ...common, outcome: 'ok', detail };
  const [code = 'invalid'] =
    outcome.kind === 'refused' ? outcome.errors.map((error) => error.code) : ['policy-unreadable'];
  return { ...common, outcome: 'refused', code, detail };
};
