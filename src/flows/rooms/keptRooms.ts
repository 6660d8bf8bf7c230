import type { Instant } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import type { NonEmpty } from '../../kernel/result.ts';
import type { KeptRoom, KeptSubject } from '../keptRoomsPort.ts';
import type { AuditEntry, Store, Tx } from '../ports.ts';

/** The rooms that are kept, at hand; written through. */
export class KeptRooms {
  readonly #store: Store;
  readonly #byKey = new Map<string, KeptRoom>();
  readonly #byRoom = new Map<RoomId, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    for (const room of await this.#store.read.keptRooms.all()) this.take(room);
  }

  all(): readonly KeptRoom[] {
    return [...this.#byKey.values()];
  }

  get(key: string): KeptRoom | null {
    return this.#byKey.get(key) ?? null;
  }

  of(room: RoomId): KeptRoom | null {
    const key = this.#byRoom.get(room);
    return key === undefined ? null : this.get(key);
  }

  /** What was committed elsewhere. What is counted of a room stays as it is. */
  take(room: KeptRoom): void {
    const { faults, leftSeq } = this.get(room.key) ?? room;
    this.#byKey.set(room.key, { ...room, faults, leftSeq });
    if (room.roomId !== null) this.#byRoom.set(room.roomId, room.key);
  }

  /** `also`: what is done in the same transaction, and what goes on record of it. */
  async save(
    rooms: NonEmpty<KeptRoom>,
    audit: NonEmpty<AuditEntry>,
    also: (tx: Tx) => Promise<readonly AuditEntry[]> = async () => [],
  ): Promise<void> {
    await this.#store.change(async (tx) => {
      for (const room of rooms) await tx.keptRooms.save(room);
      const [first, ...more] = audit;
      return { value: null, audit: [first, ...more, ...(await also(tx))] };
    });
    for (const room of rooms) this.take(room);
  }

  async saveFaults(key: string, faults: KeptRoom['faults'], audit: NonEmpty<AuditEntry>): Promise<void> {
    await this.#store.change(async (tx) => {
      await tx.keptRooms.saveFaults(key, faults);
      return { value: null, audit };
    });
    this.#patch(key, { faults });
  }

  /** Somebody left: at this place of what arrived. */
  async saveLeft(key: string, leftSeq: number, audit: NonEmpty<AuditEntry>): Promise<void> {
    await this.#store.change(async (tx) => {
      await tx.keptRooms.saveLeft(key, leftSeq);
      return { value: null, audit };
    });
    this.#patch(key, { leftSeq });
  }

  #patch(key: string, patch: Partial<KeptRoom>): void {
    const room = this.get(key);
    if (room) this.#byKey.set(key, { ...room, ...patch });
  }
}

/** Whether a room's plan is made and taken. One that was replaced still has members whose roles end. */
export const isKept = ({ state, subject }: KeptRoom): boolean =>
  state === 'kept' || (subject.kind === 'room' && state !== 'invited');

/** A room that is to be kept from now on. */
export const newKept = (key: string, subject: KeptSubject, since: Instant, roomId: RoomId | null = null): KeptRoom => ({
  key,
  subject,
  since,
  roomId,
  state: 'kept',
  replacedBy: null,
  faults: {},
  leftSeq: null,
});
