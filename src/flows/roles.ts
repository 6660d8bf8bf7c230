import { type Clock, isoInstant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import {
  decide,
  endOfDay,
  foldGrants,
  type Grant,
  grantRole,
  type Policy,
  privilegedRoles,
  type RoleEvent,
  reviewRole,
  roleReview,
  rolesOf,
  whoHolds,
} from '../policy/index.ts';
import type { Asked, Decided, GivenCommand } from './commandsPort.ts';
import { type HeldRole, heldRoles } from './heldRoles.ts';
import { factsOf, type Surroundings } from './policyFacts.ts';
import type { AuditEntry, Store, Tx } from './ports.ts';

export interface RolesFlow extends Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  /** Null: it cannot be read, and then nobody is given anything. */
  readonly policy: () => Policy | null;
}

/** Somebody and a role that the configuration names. */
export interface InitialRole {
  readonly user: UserId;
  readonly role: string;
}

/** What is due within this time is listed for review. */
const REVIEW_AHEAD_MS = 30 * 86_400_000;
const LOCK = 'roles';

/**
 * Who holds which role (workforce authorization and its regular review, 45 CFR 164.308(a)(3)(ii)(A), (a)(4)(ii)(C)). What holds is folded
 * from what happened; nobody gives themselves anything, and what opens Wardroom itself takes a second person.
 */
export class Roles {
  readonly #flow: RolesFlow;

  constructor(flow: RolesFlow) {
    this.#flow = flow;
  }

  /** The names of the roles there are. */
  names(): readonly string[] {
    return Object.keys(this.#flow.policy()?.roles ?? {});
  }

  /** `until`: the last day, in the policy's time zone; null: until it is revoked, confirmed at every review. */
  async grant(tx: Tx, given: GivenCommand, user: UserId, role: string, until: string | null): Promise<Decided> {
    await tx.lock(LOCK);
    const event = await this.#grantOf(tx, given.sender, user, role, until);
    if ('outcome' in event) return event;
    if (privilegedRoles.includes(role) || user === given.sender) {
      const plan = { user_id: user, role, until };
      return {
        outcome: 'confirm',
        code: user === given.sender ? 'for-yourself' : 'privileged-role',
        data: { ...plan, second_person: true },
        audit: [],
        asks: { plan, secondPerson: true },
        about: plan,
      };
    }
    return this.#append(tx, given.sender, event, 'granted');
  }

  /** What a grant that waits was shown on: what the person holds. */
  async grantBasis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    const { user, role } = planned(plan);
    return { held: (await this.#grants(tx)).filter((one) => one.user === user && one.role === role).length };
  }

  async grantAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const { user, role, until } = planned(plan);
    await tx.lock(LOCK);
    // Two people asked and confirmed; what is given is given by who confirmed it.
    if (user === given.sender) return refused('for-yourself', { user_id: user, role });
    const event = await this.#grantOf(tx, given.sender, user, role, until);
    return 'outcome' in event ? event : this.#append(tx, given.sender, event, 'granted');
  }

  async revoke(tx: Tx, given: GivenCommand, user: UserId, role: string): Promise<Decided> {
    await tx.lock(LOCK);
    const now = this.#flow.clock.now();
    const grants = await this.#grants(tx);
    const isHeld = grants.some(
      (one) => one.user === user && one.role === role && (one.until === null || one.until > now),
    );
    if (!isHeld) return refused('not-held', { user_id: user, role, roles: rolesOf(grants, user, now) });
    // Nobody could give this role again.
    const others = whoHolds(grants, ADMIN, now).filter((one) => one !== user);
    if (role === ADMIN && others.length === 0) return refused('last-admin', { user_id: user, role });
    return this.#append(tx, given.sender, { type: 'revoked', user, role, by: given.sender, at: now }, 'revoked');
  }

  /** Ends everything that somebody holds or is to hold: they leave. The caller has made sure that an administrator is left. */
  async endAll(
    tx: Tx,
    given: GivenCommand,
    user: UserId,
  ): Promise<{ readonly roles: readonly string[]; readonly audit: readonly AuditEntry[] }> {
    await tx.lock(LOCK);
    const now = this.#flow.clock.now();
    const held = (await this.#grants(tx)).filter((one) => one.user === user && (one.until === null || one.until > now));
    const roles = [...new Set(held.map(({ role }) => role))].sort();
    for (const role of roles) await tx.roles.append({ type: 'revoked', user, role, by: given.sender, at: now });
    const audit = roles.map(
      (role): AuditEntry => ({
        action: 'role.revoked',
        outcome: 'ok',
        actor: given.sender,
        code: 'offboarded',
        detail: { user, role, until: null, review_by: null },
      }),
    );
    return { roles, audit };
  }

  /** Of one person, or of everybody. */
  async list(tx: Tx, user: UserId | null): Promise<Decided> {
    const held = await this.#held(tx, (grant) => user === null || grant.user === user);
    const roles = [...new Set(held.map(({ role }) => role))];
    return { outcome: 'ok', code: 'listed', data: { user_id: user, roles, held }, audit: [], about: { user } };
  }

  async who(tx: Tx, role: string): Promise<Decided> {
    const held = await this.#held(tx, (grant) => grant.role === role);
    const users = whoHolds(await this.#grants(tx), role, this.#flow.clock.now());
    return {
      outcome: 'ok',
      code: 'listed',
      data: { roles: [role], user_ids: users, held },
      audit: [],
      about: { role },
    };
  }

  /** What somebody has to confirm within the next 30 days, the most urgent first. */
  async due(tx: Tx): Promise<Decided> {
    const reviews = roleReview(await this.#grants(tx), this.#flow.clock.now(), REVIEW_AHEAD_MS);
    const due = reviews.map(({ user, role, reviewBy, by, overdue }) => ({
      user_id: user,
      role,
      review_by: isoInstant(reviewBy),
      granted_by: by,
      overdue,
    }));
    return { outcome: 'ok', code: 'listed', data: { due }, audit: [] };
  }

  /** Recertification: somebody else says that the person still needs it. */
  async signOff(tx: Tx, given: GivenCommand, user: UserId, role: string): Promise<Decided> {
    await tx.lock(LOCK);
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable', {});
    if (user === given.sender) return refused('for-yourself', { user_id: user, role });
    const now = this.#flow.clock.now();
    const grants = await this.#grants(tx);
    if (!rolesOf(grants, user, now).includes(role))
      return refused('not-held', { user_id: user, role, roles: rolesOf(grants, user, now) });
    return this.#append(tx, given.sender, reviewRole(user, role, given.sender, policy, now), 'reviewed');
  }

  /**
   * What the configuration says of people's roles, when nothing was ever decided about roles here. Later the file is only where it
   * began: what is decided is decided by commands.
   */
  async importFirst(initial: readonly InitialRole[]): Promise<void> {
    await this.#flow.store.change(async (tx) => {
      await tx.lock(LOCK);
      if ((await tx.roles.events()).length > 0) return null;
      const audit: AuditEntry[] = [];
      for (const { user, role } of initial) {
        const event = await this.#grantOf(tx, IMPORT, user, role, null);
        const isRefused = 'outcome' in event;
        audit.push({
          action: 'role.granted',
          outcome: isRefused ? 'refused' : 'ok',
          actor: 'wardroom',
          ...(isRefused ? { code: event.code } : {}),
          detail: { user, role, by: IMPORT },
        });
        if (!isRefused) await tx.roles.append(event);
      }
      const [first, ...rest] = audit;
      return first === undefined ? null : { value: undefined, audit: [first, ...rest] };
    });
  }

  /**
   * Whom the configuration newly names as an administrator becomes one. What was ever decided about somebody stands: from whom the role was
   * taken it is not given back.
   */
  async nameAdministrators(named: readonly UserId[]): Promise<void> {
    if (this.#flow.policy() === null) return;
    await this.#flow.store.change(async (tx) => {
      await tx.lock(LOCK);
      const known = new Set((await tx.roles.events()).filter(({ role }) => role === ADMIN).map(({ user }) => user));
      const audit: AuditEntry[] = [];
      for (const user of named.filter((one) => !known.has(one))) {
        const event = await this.#grantOf(tx, IMPORT, user, ADMIN, null);
        if ('outcome' in event) continue;
        await tx.roles.append(event);
        const detail = { user, role: ADMIN, by: IMPORT };
        audit.push({ action: 'role.granted', outcome: 'ok', actor: 'wardroom', detail });
      }
      const [first, ...rest] = audit;
      return first === undefined ? null : { value: undefined, audit: [first, ...rest] };
    });
  }

  async #grants(tx: Pick<Tx, 'roles'>): Promise<readonly Grant[]> {
    return foldGrants(await tx.roles.events());
  }

  async #held(tx: Tx, accept: (grant: Grant) => boolean): Promise<readonly HeldRole[]> {
    return heldRoles(await this.#grants(tx), this.#flow.clock.now(), accept);
  }

  /** The event, or why not. */
  async #grantOf(tx: Tx, by: string, user: UserId, role: string, until: string | null): Promise<RoleEvent | Decided> {
    const { policy: read, clock } = this.#flow;
    const policy = read();
    if (policy === null) return refused('policy-unreadable', {});
    const now = clock.now();
    const end = until === null ? null : endOfDay(until, policy);
    if (until !== null && end === null) return refused('bad-argument', { argument: 'until' });
    const facts = await factsOf(tx, { ...this.#flow, policy, now });
    const [violation] = decide({ kind: 'grant', user, role }, facts);
    if (violation) return refused(violation.code, { user_id: user, role, regulation: violation.regulation });
    const event = grantRole({ user, role, from: now, until: end, by }, policy, now);
    return event.ok ? event.value : refused(event.error, { user_id: user, role });
  }

  async #append(tx: Tx, actor: UserId, event: RoleEvent, code: string): Promise<Decided> {
    await tx.roles.append(event);
    const now = this.#flow.clock.now();
    const { user, role } = event;
    const held = await this.#held(tx, (grant) => grant.user === user);
    const roles = rolesOf(await this.#grants(tx), user, now);
    const { until = null, review_by = null } = held.find((one) => one.role === role) ?? {};
    const detail = { user, role, until, review_by };
    return {
      outcome: 'ok',
      code,
      data: { user_id: user, role, roles, until, review_by },
      audit: [{ action: `role.${code}`, outcome: 'ok', actor, detail }],
      about: { user, role },
    };
  }
}

const IMPORT = 'configuration';
const ADMIN = 'admin';

const planned = (plan: Asked['plan']) => ({
  user: String(plan.user_id) as UserId,
  role: String(plan.role),
  until: plan.until === null ? null : String(plan.until),
});

const refused = (code: string, data: Decided['data']): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
  ...('user_id' in data ? { about: { user: data.user_id, role: data.role } } : {}),
});
