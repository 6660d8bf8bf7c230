import type { Instant } from '../kernel/clock.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';

/**
 * The inbox of homeserver transactions: what the homeserver was told is safe. One of the small doors beside
 * `Store.change` (design.md 4); it holds no decision of Wardroom's, only what arrived and how far it was handled.
 */
export interface Inbox {
  /**
   * Makes a whole transaction durable, in one commit. Only after it resolves may the homeserver be told 200.
   * Events known already (by id, from whatever transaction) are left alone; receipts only ever move forward.
   * A transaction id may come again with other contents (a homeserver restored from a backup): those are taken in.
   */
  commit(transaction: InboxTransaction): Promise<'new' | 'repeated'>;
  /** The oldest events that wait to be handled, in order of arrival, without those in `except`. */
  nextEvents(limit: number, except: readonly number[]): Promise<readonly InboxEvent[]>;
  /** Parked events whose time has come, in order of arrival, without those in `except`. */
  dueParked(now: Instant, limit: number, except: readonly number[]): Promise<readonly InboxEvent[]>;
  /** The event's work is done: its content is dropped; its id and place are kept. */
  handled(seq: number): Promise<void>;
  /** The event cannot be handled now; it is due again at `retryAt`, or sooner when a key for its session arrives. */
  park(seq: number, why: { readonly code: string; readonly retryAt: Instant }): Promise<void>;
  /** The event will never be handled: its content is dropped, the code kept. */
  giveUp(seq: number, code: string): Promise<void>;
  /** Makes the parked events of these sessions due now. Returns how many. */
  keysArrived(room: RoomId, sessionIds: readonly string[], now: Instant): Promise<number>;
  /** When the next parked event is due; null when none is parked. */
  nextParked(): Promise<Instant | null>;
  /** A parked event that was redacted meanwhile is not handled any more. */
  redacted(room: RoomId, event: EventId): Promise<void>;
  /** Whether a redaction of this event came before it, out of order. Looks at what arrived shortly before. */
  wasRedacted(event: Pick<InboxEvent, 'seq' | 'eventId' | 'roomId'>): Promise<boolean>;
  /** Whether an encrypted event of this room came before this place in the order that needs the same session. */
  sessionSeenBefore(room: RoomId, sessionId: string, seq: number): Promise<boolean>;
  /** Files that an event names: deleted with it. */
  recordMedia(event: EventId, mxcs: readonly string[]): Promise<void>;
  /** Whether the event still waits, parked or not. */
  isOpen(seq: number): Promise<boolean>;
  /** Receipts that moved, with the ticket roots between their last place and the new one. */
  nextReads(limit: number): Promise<readonly InboxRead[]>;
  /** Everything up to `upTo` was passed on for this receipt. */
  readHandled(read: InboxRead): Promise<void>;
  /** Those of these events that never arrived. */
  unknown(events: readonly EventId[]): Promise<readonly EventId[]>;
  /** Up to when the room's history was compared with the inbox (real time); null when it never was. */
  comparedTo(room: RoomId): Promise<Instant | null>;
  compared(room: RoomId, to: Instant): Promise<void>;
  /** How much waits, for metrics. */
  backlog(): Promise<{ readonly waiting: number; readonly parked: number }>;
  /** Forgets ids of transactions received before `before`: a homeserver only ever repeats its latest ones. */
  tidy(before: Instant): Promise<void>;
}

export interface InboxTransaction {
  readonly txnId: string;
  /** A hash of what the transaction holds, to tell a repetition from another transaction with the same id. */
  readonly fingerprint: string;
  readonly receivedAt: Instant;
  readonly events: readonly ArrivedEvent[];
  readonly receipts: readonly ArrivedReceipt[];
}

/** A room event as it is stored: reduced to what handling and order need, never a plaintext message. */
export interface ArrivedEvent {
  readonly eventId: EventId;
  readonly roomId: RoomId;
  readonly sender: UserId;
  readonly type: string;
  readonly stateKey: string | null;
  /** `m.relates_to`: the event this one belongs to, and how. */
  readonly relatesTo: EventId | null;
  readonly relType: string | null;
  /** Sent by a voice or the bot: kept for order only. */
  readonly ours: boolean;
  /** Sent by us, opens a thread: what a receipt can cover. */
  readonly isRoot: boolean;
  /** The Megolm session an encrypted event needs. */
  readonly sessionId: string | null;
  /** `origin_server_ts`: the sender's claim, milliseconds. */
  readonly sentAt: number;
  /** What handling needs of the content; null when nothing has to be handled. */
  readonly content: Readonly<Record<string, unknown>> | null;
}

export interface InboxEvent extends ArrivedEvent {
  /** Place in the order of arrival; grows with each event of a room. */
  readonly seq: number;
  readonly receivedAt: Instant;
  /** How often it was parked so far. */
  readonly parkedTimes: number;
}

/** An encrypted event of a person: which session it needs. Nothing of it was opened yet. */
export interface SessionUsed {
  readonly room: RoomId;
  readonly sender: UserId;
  readonly sessionId: string;
  /** Its place in the order of what arrived. */
  readonly seq: number;
  readonly event: EventId;
}

/** An `m.read` receipt: everything up to the event was displayed (Matrix specification, "Receipts"). */
export interface ArrivedReceipt {
  readonly roomId: RoomId;
  readonly userId: UserId;
  /** Empty for an unthreaded receipt, `main`, or the id of a thread's root. */
  readonly thread: string;
  readonly eventId: EventId;
}

export interface InboxRead {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly thread: string;
  readonly upTo: number;
  readonly roots: readonly EventId[];
}
