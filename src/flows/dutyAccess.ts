import type { Instant } from '../kernel/clock.ts';
import type { AccountId, RoomId, UserId } from '../kernel/ids.ts';
import type { AccountRooms } from './accountRooms.ts';
import { accessesNow } from './breakGlass/accessesNow.ts';
import type { Rooms } from './ports.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/** Who took a ticket stays for so long, or until it is closed. */
const HELD_MS = 24 * 3_600_000;
/** Who was still needed at a change of shifts, or could not be removed, is looked at again after this time. */
const AGAIN_MS = 60_000;
/** A change of shifts takes a few seconds: tickets are handed over one by one. */
const SETTLING_MS = 15_000;

const REASON = 'You are not on duty for this account now.';

interface Looked {
  readonly onDuty: string;
  readonly changedAt: Instant;
  readonly at: Instant;
}

/**
 * Where an account says so (`access: on-duty`), who is not on duty is not in its room (minimum necessary, 45 CFR 164.502(b), 164.312(a)(1)). Those
 * stay who were called last for an open ticket, and who took one. Once somebody is out, the next message has a new key.
 */
export class DutyAccess {
  readonly #flow: DeliveryFlow;
  readonly #rooms: Pick<Rooms, 'people' | 'remove'>;
  readonly #accountRooms: Pick<AccountRooms, 'ensure' | 'known'>;
  readonly #accounts: readonly AccountId[];
  readonly #looked = new Map<AccountId, Looked>();

  constructor(
    flow: DeliveryFlow,
    rooms: Pick<Rooms, 'people' | 'remove'>,
    accountRooms: Pick<AccountRooms, 'ensure' | 'known'>,
    accounts: readonly AccountId[],
  ) {
    this.#flow = flow;
    this.#rooms = rooms;
    this.#accountRooms = accountRooms;
    this.#accounts = accounts;
  }

  /** Call it every second: it costs something only when somebody comes on or goes, and once a minute. */
  async look(): Promise<void> {
    const { directory, clock } = this.#flow;
    for (const account of this.#accounts) {
      if (!directory.limitsAccess(account)) continue;
      const room = this.#accountRooms.known(account);
      if (room === null) continue;
      const now = clock.now();
      const people = directory.onDuty(account, now);
      const before = this.#looked.get(account);
      const onDuty = JSON.stringify([...people].sort());
      const isNew = before?.onDuty !== onDuty;
      const changedAt = isNew ? now : before.changedAt;
      const isSettling = now - changedAt < SETTLING_MS;
      if (!isNew && !isSettling && before.at <= now && now - before.at < AGAIN_MS) continue;
      if (isNew) await this.#accountRooms.ensure(account);
      await this.#removeOthers(account, room, people);
      this.#looked.set(account, { onDuty, changedAt, at: now });
    }
  }

  async #removeOthers(account: AccountId, room: RoomId, onDuty: readonly UserId[]): Promise<void> {
    const { store, clock, alarms, isOwnUser } = this.#flow;
    // Who is let in after this look is not removed by it.
    const present = await this.#rooms.people(room);
    if (!present.ok) return;
    const atWork = await store.read.peopleAtWork(account, clock.now() - HELD_MS);
    const emergencies = await accessesNow(store.read, clock.now());
    const stays = (user: UserId) =>
      isOwnUser(user) ||
      onDuty.includes(user) ||
      atWork.includes(user) ||
      emergencies.some((one) => one.user === user && one.room === room);
    for (const user of present.value.filter((one) => !stays(one))) {
      const removed = await this.#rooms.remove(room, user, REASON);
      const outcome = removed.ok ? 'ok' : 'failed';
      if (!removed.ok) alarms.raise('member-not-removed', { account, room });
      await store.change(async () => ({
        value: null,
        audit: [
          {
            action: 'member.removed',
            outcome,
            actor: 'wardroom',
            account,
            room,
            code: removed.ok ? 'off-duty' : removed.error.code,
            detail: { user },
          },
        ],
      }));
    }
  }
}
