import type { InboxEvent } from '../flows/inboxPort.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Decrypted, DecryptFailure, VoiceCrypto } from './crypto/index.ts';
import type { RoomMembers } from './roomMembers.ts';

/** What it takes to open an event. */
export type Openable = Pick<InboxEvent, 'roomId' | 'type' | 'eventId' | 'sender' | 'sentAt' | 'content'>;

/** Of several voices' failures, the one with the most hope left decides. */
const hope: readonly DecryptFailure[] = ['unavailable', 'missing-key', 'withheld', 'replayed', 'refused'];

/** Opens room events with the first voice that can, and lets an event wait a moment for a key that is under way. */
export class Decryptor {
  readonly #cryptos: ReadonlyMap<UserId, VoiceCrypto>;
  readonly #members: RoomMembers;
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #unsubscribe: (() => void)[];

  /** `cryptos` in the order of trying: the services' voices, then the bot. */
  constructor(
    cryptos: ReadonlyMap<UserId, VoiceCrypto>,
    members: RoomMembers,
    onKeys: (room: RoomId, sessionIds: readonly string[]) => void,
  ) {
    this.#cryptos = cryptos;
    this.#members = members;
    this.#unsubscribe = [...cryptos.values()].map((crypto) =>
      crypto.onRoomKeys((keys) => {
        const byRoom = new Map<RoomId, string[]>();
        for (const key of keys) {
          byRoom.set(key.room, [...(byRoom.get(key.room) ?? []), key.sessionId]);
          for (const wake of this.#waiters.get(waiterKey(key.room, key.sessionId)) ?? []) wake();
        }
        for (const [room, sessions] of byRoom) onKeys(room, sessions);
      }),
    );
  }

  async open(event: Openable): Promise<Result<Decrypted, DecryptFailure>> {
    const whole = {
      type: event.type,
      event_id: event.eventId,
      room_id: event.roomId,
      sender: event.sender,
      origin_server_ts: event.sentAt,
      content: event.content ?? {},
    };
    let failure: DecryptFailure = 'refused';
    for (const crypto of await this.#voicesOf(event.roomId)) {
      const opened = await crypto.decrypt(event.roomId, whole);
      if (opened.ok) return opened;
      if (opened.error === 'missing-key') crypto.lookNow();
      if (hope.indexOf(opened.error) < hope.indexOf(failure)) failure = opened.error;
    }
    return { ok: false, error: failure };
  }

  /** Tells when a key of this session arrives from now on; ask before opening, so that none slips between. */
  expect(room: RoomId, sessionId: string): KeyWatch {
    const key = waiterKey(room, sessionId);
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters);
    const arrived = Promise.withResolvers<void>();
    const watch = { hasArrived: false, arrived: arrived.promise, end: (): void => undefined };
    const wake = (): void => {
      watch.hasArrived = true;
      arrived.resolve();
    };
    waiters.add(wake);
    watch.end = () => {
      waiters.delete(wake);
      if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key);
    };
    return watch;
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** Those in the room; all of them when that cannot be known: who is not in it merely has no key. */
  async #voicesOf(room: RoomId): Promise<readonly VoiceCrypto[]> {
    const state = await this.#members.of(room);
    const all = [...this.#cryptos.values()];
    if (!state.ok) return all;
    const inside = all.filter((crypto) => state.value.joined.includes(crypto.user));
    return inside.length > 0 ? inside : all;
  }
}

export interface KeyWatch {
  readonly hasArrived: boolean;
  readonly arrived: Promise<void>;
  end(): void;
}

const waiterKey = (room: RoomId, sessionId: string): string => `${room} ${sessionId}`;
