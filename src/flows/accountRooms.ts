import type { AccountId, RoomId, UserId } from '../kernel/ids.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { Directory } from '../tickets/ticket.ts';
import type { Rooms, Store } from './ports.ts';

/** Who speaks in an account's room: the voice of every service that has the account. */
export type VoicesOf = (account: AccountId) => readonly UserId[];

/**
 * The rooms of accounts: found, or made when the account first appears. One creation per account at a time; the homeserver side
 * is idempotent, so a crash between making and recording a room finds it again.
 */
export class AccountRooms {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #directory: Directory;
  readonly #voicesOf: VoicesOf;
  readonly #known = new Map<AccountId, RoomId>();
  readonly #making = new Map<AccountId, Promise<Result<RoomId, PortFailure>>>();

  constructor(store: Store, rooms: Rooms, directory: Directory, voicesOf: VoicesOf) {
    this.#store = store;
    this.#rooms = rooms;
    this.#directory = directory;
    this.#voicesOf = voicesOf;
  }

  roomOf(account: AccountId): Promise<Result<RoomId, PortFailure>> {
    const known = this.#known.get(account);
    return known ? Promise.resolve(ok(known)) : this.ensure(account);
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
    const members = this.#directory.members(account).map(({ userId }) => userId);
    const recorded = await this.#store.read.accountRoom(account);
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
