import type { UserId } from '../../kernel/ids.ts';
import { foldGrants, rolesOf, whoHolds } from '../../policy/index.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { type AccountsFlow, notDone, refused, signInRefusal, unreachable } from './accountsFlow.ts';

const ADMIN = 'admin';

/** Locking somebody out and letting them in again; nothing of theirs is changed. */
export class AccountDesk {
  readonly #flow: AccountsFlow;

  constructor(flow: AccountsFlow) {
    this.#flow = flow;
  }

  async lock(tx: Tx, given: GivenCommand, user: UserId): Promise<Decided> {
    return (
      unreachable(this.#flow, user) ??
      (await indispensable(this.#flow, tx, given, user)) ??
      running('looking', { user_id: user })
    );
  }

  /** Shows what a lock does and what not; confirmed, does it. Both may be done again. */
  async finishLocking(data: Decided['data'], given: GivenCommand): Promise<Decided> {
    const { accounts, store, clock } = this.#flow;
    const user = data.user_id as UserId;
    if (data.confirmed === true) return this.#set(user, true, given, { roles: data.roles, devices: data.devices });
    const refusal = await signInRefusal(this.#flow, user);
    if (refusal !== null) return refusal;
    const state = await accounts.state(user);
    if (!state.ok) return notDone(state.error, { user_id: user });
    if (state.value === null) return refused('no-such-user', { user_id: user });
    if (state.value.deactivated) return refused('deactivated', { user_id: user });
    if (state.value.locked) return refused('locked-already', { user_id: user });
    const devices = await accounts.devices(user);
    if (!devices.ok) return notDone(devices.error, { user_id: user });
    const roles = rolesOf(foldGrants(await store.read.roles.events()), user, clock.now());
    const plan = { user_id: user, roles, devices: devices.value.length };
    return {
      outcome: 'confirm',
      code: 'locks-out',
      data: { ...plan, second_person: false },
      audit: [],
      asks: { plan, secondPerson: false },
      about: { user },
    };
  }

  /** What a lock was shown on. */
  async lockBasis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    return rolesOf(foldGrants(await tx.roles.events()), plan.user_id as UserId, this.#flow.clock.now());
  }

  async lockAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const user = plan.user_id as UserId;
    return (await indispensable(this.#flow, tx, given, user)) ?? running('locking', { ...plan, confirmed: true });
  }

  /** Who was offboarded is back on the schedules that name them, whether or not the account can be unlocked; roles have to be given again. */
  async unlock(tx: Tx, given: GivenCommand, user: UserId): Promise<Decided> {
    const refusal = unreachable(this.#flow, user);
    if (refusal !== null) return refusal;
    if (user === given.sender) return refused('for-yourself', { user_id: user });
    const isBack = await tx.oncall.comeBack(user, this.#flow.clock.now());
    const entry: AuditEntry = { action: 'user.returned', outcome: 'ok', actor: given.sender, detail: { user } };
    return { ...running('looking', { user_id: user, back_on_schedules: isBack }), audit: isBack ? [entry] : [] };
  }

  async finishUnlocking(data: Decided['data'], given: GivenCommand): Promise<Decided> {
    const user = data.user_id as UserId;
    const { back_on_schedules: isBack } = data;
    const unlocked =
      (await signInRefusal(this.#flow, user)) ??
      (await this.#set(user, false, given, { back_on_schedules: isBack, account_not: null }));
    if (unlocked.outcome === 'ok' || isBack !== true) return unlocked;
    return {
      outcome: 'ok',
      code: 'back-on-schedules',
      data: { user_id: user, back_on_schedules: true, account_not: unlocked.code },
      audit: [],
      about: { user },
    };
  }

  async #set(user: UserId, locked: boolean, given: GivenCommand, more: Decided['data']): Promise<Decided> {
    const set = await this.#flow.accounts.setLocked(user, locked);
    if (!set.ok) return notDone(set.error, { user_id: user });
    const code = locked ? 'locked' : 'unlocked';
    return {
      outcome: 'ok',
      code,
      data: { user_id: user, ...more },
      audit: [{ action: `user.${code}`, outcome: 'ok', actor: given.sender, detail: { user } }],
      about: { user },
    };
  }
}

/** Why this person must not be locked out by whoever asks: nobody could let them in again. */
export async function indispensable(
  { clock }: Pick<AccountsFlow, 'clock'>,
  tx: Tx,
  given: GivenCommand,
  user: UserId,
): Promise<Decided | null> {
  if (user === given.sender) return refused('for-yourself', { user_id: user });
  const admins = whoHolds(foldGrants(await tx.roles.events()), ADMIN, clock.now());
  return admins.includes(user) && admins.length === 1 ? refused('last-admin', { user_id: user }) : null;
}

const running = (code: string, data: Decided['data']): Decided => ({
  outcome: 'running',
  code,
  data,
  audit: [],
  about: { user: data.user_id },
});
