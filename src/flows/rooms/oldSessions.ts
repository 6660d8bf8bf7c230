import type { EventId, RoomId, UserId } from '../../kernel/ids.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Alarms, Store } from '../ports.ts';

/** Somebody's encrypted message, by what can be told without opening it. */
export interface SessionUsed {
  readonly room: RoomId;
  readonly event: EventId;
  readonly sender: UserId;
  readonly sessionId: string;
}

export interface OldSessionsFlow {
  readonly store: Store;
  readonly alarms: Alarms;
  /** Whether this session was used in this room before that place in what arrived. */
  readonly seenBefore: (room: RoomId, sessionId: string, seq: number) => Promise<boolean>;
  readonly kept: (room: RoomId) => KeptRoom | null;
}

/**
 * After somebody left a room, the first message of everybody else has to come with a new key (Matrix specification, "Sending encrypted messages"): a
 * client that goes on with the old one writes on for whom was removed, and no homeserver keeps it from doing so.
 */
export class OldSessions {
  readonly #flow: OldSessionsFlow;
  readonly #looked = new Map<RoomId, { readonly seq: number; readonly senders: Set<UserId> }>();

  constructor(flow: OldSessionsFlow) {
    this.#flow = flow;
  }

  async used({ room, event, sender, sessionId }: SessionUsed): Promise<void> {
    const { store, alarms, seenBefore, kept } = this.#flow;
    const seq = kept(room)?.leftSeq ?? null;
    if (seq === null) return;
    const before = this.#looked.get(room);
    const looked = before?.seq === seq ? before : { seq, senders: new Set<UserId>() };
    this.#looked.set(room, looked);
    if (looked.senders.has(sender)) return;
    looked.senders.add(sender);
    if (!(await seenBefore(room, sessionId, seq))) return;
    alarms.raise('old-key-used', { room });
    const entry = { action: 'room.old_key_used', outcome: 'failed', actor: sender, room, event } as const;
    await store.change(async () => ({ value: null, audit: [entry] }));
  }
}
