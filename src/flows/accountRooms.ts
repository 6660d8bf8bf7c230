import type { Clock } from '../kernel/clock.ts';
import type { AccountId, RoomId, UserId } from '../kernel/ids.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { Directory } from '../tickets/ticket.ts';
import type { Rooms, Store } from './ports.ts';

/** Who speaks in an account's room: the voice of every service that has the account. */
export type VoicesOf = (account: AccountId) => readonly UserId[];

/** Whether the policy lets somebody into a room that there is. */
export type Admits = (room: RoomId, user: UserId) => boolean;

export interface AccountRoomsParts {
  readonly store: Store;
  readonly rooms: Rooms;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly voicesOf: VoicesOf;
  readonly admits: Admits;
}

/**
 * The rooms of accounts: found, or made when the account first appears. One creation per account at a time; the homeserver side
 * is idempotent, so a crash between making and recording a room finds it again.
 */
export class AccountRooms {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #voicesOf: VoicesOf;
  readonly #admits: Admits;
  readonly #known = new Map<AccountId, RoomId>();
  readonly #making = new Map<AccountId, Promise<Result<RoomId, PortFailure>>>();

  constructor({ store, rooms, directory, clock, voicesOf, admits }: AccountRoomsParts) {
    this.#admits = admits;
    this.#store = store;
    this.#rooms = rooms;
    this.#directory = directory;
    this.#clock = clock;
    this.#voicesOf = voicesOf;
  }

  /** `people`: who has to be in it, whoever is on duty; they were called. */
  roomOf(account: AccountId, people: readonly UserId[] = []): Promise<Result<RoomId, PortFailure>> {
    const known = this.#known.get(account);
    if (known === undefined)
      return this.ensure(account).then((room) => (room.ok ? this.roomOf(account, people) : room));
    if (people.length === 0 || !this.#directory.limitsAccess(account)) return Promise.resolve(ok(known));
    const admitted = people.filter((user) => this.#admits(known, user));
    return this.#rooms.ensureAccountRoom(account, this.#voicesOf(account), admitted);
  }

  /** The person's own room for this account's tickets, made when it is first needed. */
  async personalRoom(account: AccountId, user: UserId): Promise<Result<RoomId, PortFailure>> {
    const room = await this.#rooms.ensurePersonalRoom(account, this.#voicesOf(account), user);
    if (!room.ok || (await this.#store.read.personalRoom(account, user)) === room.value) return room;
    await this.#store.change(async (tx) => {
      await tx.insertPersonalRoom(account, user, room.value);
      const entry = { action: 'room.assigned', outcome: 'ok', actor: 'wardroom', account, room: room.value } as const;
      return { value: null, audit: [{ ...entry, detail: { user } }] };
    });
    return room;
  }

  /** Who is to be in the account's room now. */
  belonging(account: AccountId): readonly UserId[] {
    return this.#directory.limitsAccess(account)
      ? this.#directory.onDuty(account, this.#clock.now())
      : this.#directory.members(account).map(({ userId }) => userId);
  }

  /** The room, if it was made. */
  known(account: AccountId): RoomId | null {
    return this.#known.get(account) ?? null;
  }

  /** Also brings the membership up to date; call at start and when the directory changed. */
  ensure(account: AccountId): Promise<Result<RoomId, PortFailure>> {
    const making = this.#making.get(account);
    if (making) return making;
    const run = this.#ensure(account).finally(() => this.#making.delete(account));
    this.#making.set(account, run);
    return run;
  }

  /** The room in which these accounts' reports are read. Looked for each time: reports are few. */
  reportRoom(accounts: readonly AccountId[], alias: string): Promise<Result<RoomId, PortFailure>> {
    const readers = accounts.flatMap((account) => this.#directory.reportReaders(account).map(({ userId }) => userId));
    const voices = accounts.flatMap((account) => this.#voicesOf(account));
    return this.#rooms.ensureReportRoom(alias, [...new Set(voices)], [...new Set(readers)]);
  }

  async #ensure(account: AccountId): Promise<Result<RoomId, PortFailure>> {
    const recorded = await this.#store.read.accountRoom(account);
    const members = this.belonging(account).filter((user) => recorded === null || this.#admits(recorded.roomId, user));
    const room = await this.#rooms.ensureAccountRoom(account, this.#voicesOf(account), members);
    if (!room.ok) return room;
    const roomId = room.value;
    if (recorded?.roomId !== roomId) {
      await this.#store.change(async (tx) => {
        await tx.insertAccountRoom({ account, roomId });
        return {
          value: null,
          audit: [{ action: 'room.assigned', outcome: 'ok', actor: 'wardroom', account, room: roomId }],
        };
      });
    }
    this.#known.set(account, roomId);
    return room;
  }
}
