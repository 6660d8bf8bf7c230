import type { RoomId, UserId } from '../../kernel/ids.ts';
import type { Inbox, SessionUsed } from '../inboxPort.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Alarms, Store } from '../ports.ts';

export interface OldSessionsFlow {
  readonly store: Store;
  readonly alarms: Alarms;
  readonly inbox: Pick<Inbox, 'sessionSeenBefore'>;
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
    const { store, alarms, inbox, kept } = this.#flow;
    const seq = kept(room)?.leftSeq ?? null;
    if (seq === null) return;
    const before = this.#looked.get(room);
    const looked = before?.seq === seq ? before : { seq, senders: new Set<UserId>() };
    this.#looked.set(room, looked);
    if (looked.senders.has(sender)) return;
    looked.senders.add(sender);
    if (!(await inbox.sessionSeenBefore(room, sessionId, seq))) return;
    alarms.raise('old-key-used', { room });
    const entry = { action: 'room.old_key_used', outcome: 'failed', actor: sender, room, event } as const;
    await store.change(async () => ({ value: null, audit: [entry] }));
  }
}
