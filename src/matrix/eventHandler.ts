import type { Inbox, InboxEvent, InboxRead, SessionUsed } from '../flows/inboxPort.ts';
import type { Alarms, CrashPoints, RoomEvent } from '../flows/ports.ts';
import type { StateChanged } from '../flows/roomKeeperPort.ts';
import type { Clock, Instant } from '../kernel/clock.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Decrypted, DecryptFailure, VoiceCrypto } from './crypto/index.ts';
import type { Decryptor } from './decryptor.ts';
import { readRoomEvent } from './eventReader.ts';
import { mediaOf } from './media.ts';
import { Pauses } from './pauses.ts';
import { changesMembers, type RoomMembers } from './roomMembers.ts';

export interface EventHandlerOptions {
  readonly inbox: Inbox;
  readonly decryptor: Decryptor;
  readonly members: RoomMembers;
  readonly cryptos: readonly VoiceCrypto[];
  readonly onRoomEvent: (event: RoomEvent) => Promise<void>;
  readonly onStateChanged: (change: StateChanged) => Promise<void>;
  readonly onSessionUsed?: (used: SessionUsed) => Promise<void>;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly crash: CrashPoints;
  readonly decryptFailed: (code: string) => void;
  /**
   * How long an event holds up its room for a key that is under way (key and event come over different connections).
   * Once a session is known to be late, its further events do not wait. Default 3 s.
   */
  readonly keyWaitMs?: number;
}

const KEY_WAIT_MS = 3_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;
/** A key that did not come for a week does not come any more. */
const GIVE_UP_AFTER_MS = 7 * 86_400_000;

class NotNow extends Error {}

/** Handles one event of the inbox to its end: passed on, parked for a late key, or given up with a code and an alarm. */
export class EventHandler {
  readonly #options: EventHandlerOptions;
  readonly #pauses = new Pauses();
  readonly #lateSessions = new Set<string>();

  constructor(options: EventHandlerOptions) {
    this.#options = options;
  }

  async handle(event: InboxEvent): Promise<void> {
    const { inbox, crash } = this.#options;
    // Redacted after it was taken out for another try.
    if (event.parkedTimes > 0 && !(await inbox.isOpen(event.seq))) return;
    if (event.stateKey !== null) await this.#stateChanged(event, event.stateKey);
    // Taken back before it came: a withdrawn acknowledgement must not stop a ladder.
    else if (await inbox.wasRedacted(event)) return inbox.handled(event.seq);
    else if (event.type === 'm.room.encrypted') {
      await this.#sessionUsed(event);
      const opened = await this.#open(event);
      if (!opened.ok) return this.#cannotOpen(event, opened.error);
      await this.#passOn(event, opened.value);
    } else {
      if (event.type === 'm.room.redaction' && event.relatesTo !== null)
        await inbox.redacted(event.roomId, event.relatesTo);
      await this.#passOn(event, null);
    }
    await inbox.handled(event.seq);
    crash.reach('inbox.handled');
  }

  async handleRead(read: InboxRead): Promise<void> {
    if (read.roots.length > 0) {
      await this.#options.onRoomEvent({ type: 'read', room: read.roomId, user: read.userId, roots: read.roots });
    }
    await this.#options.inbox.readHandled(read);
  }

  /** Parks an event whose handling keeps failing for a reason that is not a key. */
  async setAside(event: InboxEvent): Promise<void> {
    await this.#parkOrGiveUp(event, 'not-handled');
    this.#options.alarms.raise('event-set-aside', { room: event.roomId });
  }

  stop(): void {
    this.#pauses.end();
  }

  async #passOn(event: InboxEvent, opened: Decrypted | null): Promise<void> {
    const media = mediaOf(opened?.clear.content.reveal() ?? event.content ?? {});
    if (media.length > 0) await this.#options.inbox.recordMedia(event.eventId, media);
    const meaning = readRoomEvent(event, opened);
    if (meaning !== null) await this.#options.onRoomEvent(meaning);
  }

  async #open(event: InboxEvent): Promise<Result<Decrypted, DecryptFailure>> {
    const { decryptor, keyWaitMs } = this.#options;
    if (event.sessionId === null) return decryptor.open(event);
    const session = `${event.roomId} ${event.sessionId}`;
    const watch = decryptor.expect(event.roomId, event.sessionId);
    try {
      let opened = await decryptor.open(event);
      if (!isLate(opened)) {
        this.#lateSessions.delete(session);
        return opened;
      }
      const waits = event.parkedTimes === 0 && !this.#lateSessions.has(session);
      if (!watch.hasArrived && waits) await this.#pauses.for(keyWaitMs ?? KEY_WAIT_MS, watch.arrived);
      if (watch.hasArrived) opened = await decryptor.open(event);
      else if (this.#pauses.ended) throw new NotNow('stopping');
      if (!isLate(opened)) return opened;
      this.#lateSessions.add(session);
      return opened;
    } finally {
      watch.end();
    }
  }

  async #cannotOpen(event: InboxEvent, failure: DecryptFailure): Promise<void> {
    if (failure === 'unavailable') throw new NotNow('the crypto engine is not running');
    this.#options.decryptFailed(failure);
    if (failure === 'missing-key' || failure === 'withheld') return this.#parkOrGiveUp(event, failure);
    await this.#giveUp(event, failure);
  }

  async #parkOrGiveUp(event: InboxEvent, code: string): Promise<void> {
    const { inbox, clock, decryptor } = this.#options;
    const now = clock.now();
    if (now - event.receivedAt >= GIVE_UP_AFTER_MS) return this.#giveUp(event, code);
    const retryAt: Instant = now + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(event.parkedTimes, 12));
    if (event.sessionId === null) return inbox.park(event.seq, { code, retryAt });
    // A key that becomes known while the event is being parked would find nothing parked yet.
    const watch = decryptor.expect(event.roomId, event.sessionId);
    try {
      await inbox.park(event.seq, { code, retryAt });
      if (watch.hasArrived) await inbox.keysArrived(event.roomId, [event.sessionId], now);
    } finally {
      watch.end();
    }
  }

  async #giveUp(event: InboxEvent, code: string): Promise<void> {
    await this.#options.inbox.giveUp(event.seq, code);
    this.#options.alarms.raise('event-unreadable', { room: event.roomId });
  }

  async #stateChanged(event: InboxEvent, stateKey: string): Promise<void> {
    const { members, onStateChanged } = this.#options;
    if (changesMembers(event.type)) members.changed(event.roomId);
    const isMember = event.type === 'm.room.member';
    const membership = isMember ? String(event.content?.membership ?? '') : null;
    if (membership !== null) this.#membershipChanged(event, userId(stateKey), membership);
    await onStateChanged({
      room: event.roomId,
      event: event.eventId,
      sender: event.sender,
      type: event.type,
      stateKey,
      ...(membership === null ? {} : { membership }),
      at: event.receivedAt,
      seq: event.seq,
    });
  }

  #membershipChanged(event: InboxEvent, user: UserId, membership: string): void {
    // Every voice is told: which of them are in the room may be what just changed.
    for (const crypto of this.#options.cryptos) {
      if (membership === 'join' || membership === 'invite') crypto.membersJoined(event.roomId, [user]);
      else crypto.membersLeft(event.roomId, [user]);
    }
  }

  async #sessionUsed({ roomId, sender, sessionId, seq, eventId, ours }: InboxEvent): Promise<void> {
    if (ours || sessionId === null) return;
    await this.#options.onSessionUsed?.({ room: roomId, sender, sessionId, seq, event: eventId });
  }
}

const isLate = (opened: Result<Decrypted, DecryptFailure>): boolean =>
  !opened.ok && (opened.error === 'missing-key' || opened.error === 'withheld');
