import { isoInstant } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import { foldGrants, privilegedRoles } from '../../policy/index.ts';
import type { NamedPlace } from '../../tickets/departures.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import type { AuditEntry, Store, Tx } from '../ports.ts';
import type { Roles } from '../roles.ts';
import type { TicketFlow } from '../ticketFlow.ts';
import { indispensable } from './accountDesk.ts';
import { type AccountsFlow, refused, SHOWN, unreachable } from './accountsFlow.ts';
import { handOn, ticketsOf } from './handOn.ts';

export interface OffboardingFlow extends AccountsFlow {
  readonly tickets: TicketFlow;
  readonly roles: Pick<Roles, 'endAll'>;
  /** Where dispatch.yaml and the changes to it name somebody. */
  readonly placesNaming: (user: UserId) => Promise<readonly NamedPlace[]>;
  /** Whether schedules can call this person. */
  readonly isOnRoster: (user: UserId) => boolean;
}

/** One part of an offboarding: `code` says what was done, or why not. */
export interface Part {
  readonly part: 'roles' | 'duties' | 'tickets' | 'devices' | 'account';
  readonly done: boolean;
  readonly code: string;
  readonly count?: number;
}

/**
 * Everything that ends when somebody leaves (termination procedures, 45 CFR 164.308(a)(3)(ii)(C)). Roles and duties end in one transaction with the
 * confirmation; tickets, devices and the account follow, and do so again after a crash or when it is said again: what is done stays done.
 * The account is locked, not deactivated: that cannot be taken back, and the hospital's own procedure for accounts decides about it.
 */
export class Offboarding {
  readonly #flow: OffboardingFlow;

  constructor(flow: OffboardingFlow) {
    this.#flow = flow;
  }

  async offboard(tx: Tx, given: GivenCommand, user: UserId, to: UserId | null): Promise<Decided> {
    const refusal = await this.#refusal(tx, given, user, to);
    return (
      refusal ?? { outcome: 'running', code: 'looking', data: { user_id: user, to }, audit: [], about: { user, to } }
    );
  }

  /** Shows all that ends; confirmed, does what is not done yet. */
  async finish(data: Decided['data'], given: GivenCommand): Promise<Decided> {
    const user = data.user_id as UserId;
    const to = data.to === null ? null : (data.to as UserId);
    return data.confirmed === true ? this.#endNow(data, user, to, given) : this.#ask(user, to);
  }

  /** What it was shown on. */
  async basis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    return this.#rolesToEnd(tx, plan.user_id as UserId);
  }

  async asShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const user = plan.user_id as UserId;
    const to = plan.to === null ? null : (plan.to as UserId);
    const refusal = await this.#refusal(tx, given, user, to);
    if (refusal !== null) return refusal;
    const ended = await this.#flow.roles.endAll(tx, given, user);
    await tx.oncall.depart({ user, to }, given.sender, this.#flow.clock.now());
    const entry: AuditEntry = {
      action: 'user.offboarded',
      outcome: 'ok',
      actor: given.sender,
      detail: { user, to, roles: ended.roles },
    };
    return {
      outcome: 'running',
      code: 'offboarding',
      data: { user_id: user, to, roles: ended.roles, confirmed: true },
      audit: [entry, ...ended.audit],
      about: { user, to },
    };
  }

  async #ask(user: UserId, to: UserId | null): Promise<Decided> {
    const { store, accounts, placesNaming } = this.#flow;
    const roles = await this.#rolesToEnd(store.read, user);
    const places = await placesNaming(user);
    const tickets = await ticketsOf(store.read, user);
    const state = await accounts.state(user);
    if (state.ok && state.value === null && roles.length === 0 && places.length === 0)
      return refused('no-such-user', { user_id: user });
    const account = await this.#accountRefusal();
    const devices = account === null ? await accounts.devices(user) : null;
    const secondPerson = roles.some((role) => privilegedRoles.includes(role));
    const plan = { user_id: user, to };
    const shown = {
      ...plan,
      roles,
      places: places.slice(0, SHOWN),
      tickets: tickets.slice(0, SHOWN).map(({ ticketId, account: of, urgency, state: is, acceptedAt }) => ({
        ticket_id: ticketId,
        account: of,
        urgency,
        state: is,
        accepted_at: isoInstant(acceptedAt),
      })),
      more_tickets: Math.max(0, tickets.length - SHOWN),
      devices: devices?.ok ? devices.value.length : null,
      account_not: account ?? (devices?.ok === false ? devices.error.code : null),
    };
    return {
      outcome: 'confirm',
      code: 'offboards',
      data: { ...shown, second_person: secondPerson },
      audit: [],
      asks: { plan, secondPerson },
      about: { user, to },
    };
  }

  async #endNow(data: Decided['data'], user: UserId, to: UserId | null, given: GivenCommand): Promise<Decided> {
    const { tickets, placesNaming } = this.#flow;
    const roles = Array.isArray(data.roles) ? data.roles : [];
    const handed = await handOn(tickets, user, to, given.sender);
    const places = await placesNaming(user);
    const parts: readonly Part[] = [
      { part: 'roles', done: true, code: roles.length === 0 ? 'none' : 'ended', count: roles.length },
      { part: 'duties', done: true, code: to === null ? 'withdrawn' : 'handed-on', count: places.length },
      { part: 'tickets', done: true, code: handed.length === 0 ? 'none' : 'handed-on', count: handed.length },
      ...(await this.#endAccount(user)),
    ];
    const isWhole = parts.every(({ done }) => done);
    return {
      outcome: 'ok',
      code: isWhole ? 'offboarded' : 'offboarded-in-part',
      data: {
        user_id: user,
        to,
        roles,
        parts,
        tickets: handed.slice(0, SHOWN),
        more_tickets: Math.max(0, handed.length - SHOWN),
        // What no command takes out.
        gaps: places.slice(0, SHOWN),
      },
      audit: parts.map(({ part, done, code, count }) => ({
        action: `user.offboarded_${part}`,
        outcome: done ? 'ok' : 'failed',
        actor: given.sender,
        code,
        detail: { user, ...(count === undefined ? {} : { count }) },
      })),
      about: { user, to },
    };
  }

  /** Sessions first: a lock alone lets them go on where it is lifted. */
  async #endAccount(user: UserId): Promise<readonly Part[]> {
    const { accounts } = this.#flow;
    const refusal = await this.#accountRefusal();
    if (refusal !== null)
      return [
        { part: 'devices', done: false, code: refusal },
        { part: 'account', done: false, code: refusal },
      ];
    const devices = await accounts.devices(user);
    const deleted = devices.ok
      ? await accounts.deleteDevices(
          user,
          devices.value.map(({ device }) => device),
        )
      : devices;
    const locked = await accounts.setLocked(user, true);
    const isShut = locked.ok || locked.error.code === 'deactivated' || locked.error.code === 'no-such-user';
    return [
      deleted.ok
        ? { part: 'devices', done: true, code: 'deleted', count: devices.ok ? devices.value.length : 0 }
        : { part: 'devices', done: deleted.error.code === 'no-such-user', code: deleted.error.code },
      { part: 'account', done: isShut, code: locked.ok ? 'locked' : locked.error.code },
    ];
  }

  /** Why sessions and the account are another service's to end; null: they are the homeserver's. */
  async #accountRefusal(): Promise<string | null> {
    const signIn = await this.#flow.accounts.signIn();
    if (!signIn.ok) return signIn.error.code;
    return signIn.value === 'delegated' ? 'sign-in-delegated' : null;
  }

  async #refusal(tx: Tx, given: GivenCommand, user: UserId, to: UserId | null): Promise<Decided | null> {
    const refusal = unreachable(this.#flow, user) ?? (await indispensable(this.#flow, tx, given, user));
    if (refusal !== null || to === null) return refusal;
    const departures = await tx.oncall.departures();
    const isThere = to !== user && this.#flow.isOnRoster(to) && !departures.some((one) => one.user === to);
    return isThere ? null : refused('no-such-successor', { user_id: user });
  }

  /** What holds and what is to begin. */
  async #rolesToEnd(read: Pick<Store['read'], 'roles'>, user: UserId): Promise<readonly string[]> {
    const now = this.#flow.clock.now();
    const grants = foldGrants(await read.roles.events()).filter(
      (one) => one.user === user && (one.until === null || one.until > now),
    );
    return [...new Set(grants.map(({ role }) => role))].sort();
  }
}
