import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import type { RetainedMessage, RetainedRoom } from '../policy/index.ts';
import type { StoredEvent } from './eraserPort.ts';
import type { RetentionReport } from './retention/report.ts';

/** How a message left: with others before an event, by itself, taken back by its author, or by somebody's own hand. */
export type GoneHow = 'purged' | 'redacted' | 'recalled' | 'withdrawn';

/** A message of a room, with its place in the order of arrival. */
export interface PlacedMessage extends RetainedMessage {
  readonly seq: number;
  readonly event: EventId;
}

/** A ticket whose text Wardroom still has. */
export interface KeptTicket extends RetainedMessage {
  readonly id: TicketId;
  readonly account: AccountId;
  readonly room: RoomId | null;
}

export interface RetentionRun {
  readonly id: string;
  readonly startedAt: Instant;
  readonly askedBy: string;
  readonly report: RetentionReport;
  readonly finishedAt: Instant | null;
}

export interface RetentionRead {
  /** Every room with a class: kept ones, closed or not, people's own, those of reports and those of Wardroom and one person (`direct`). `partners`: servers of whoever was ever in it. */
  rooms(): Promise<readonly RetainedRoom[]>;
  /** One of them; null: it has no class. */
  room(room: RoomId): Promise<RetainedRoom | null>;
  /** An event that Wardroom has heard of; null: it has not. `gone`: how it left. */
  message(event: EventId): Promise<
    | (PlacedMessage & {
        readonly room: RoomId;
        readonly type: string;
        readonly gone: GoneHow | null;
        readonly isState: boolean;
      })
    | null
  >;
  /** Messages of a room that came before `olderThan` and that nothing deletes yet, in the order of arrival, after a place. */
  expired(room: RoomId, olderThan: Instant, after: number, limit: number): Promise<readonly PlacedMessage[]>;
  /** The first message of a room that nothing deletes. */
  firstStaying(room: RoomId): Promise<Pick<PlacedMessage, 'seq' | 'event'> | null>;
  /** Those that a run is deleting, in the order of arrival, after a place. */
  going(room: RoomId, after: number, limit: number): Promise<readonly Pick<PlacedMessage, 'seq' | 'event'>[]>;
  /** Of these events: which are on record, and how each stands. `nothing`: it is gone already, or holds nothing to delete. */
  standing(events: readonly EventId[]): Promise<ReadonlyMap<EventId, 'stays' | 'goes' | 'nothing'>>;
  /** Whether one of these stands in the thread of a STAT ticket that nobody acknowledged or closed, as it is now. */
  hasUnreadStat(events: readonly EventId[]): Promise<boolean>;
  /** Whether a room's history from before Wardroom heard of it is on record. */
  isIndexed(room: RoomId): Promise<boolean>;
  /** Edits of a message that are there. */
  editsOf(event: EventId): Promise<readonly EventId[]>;
  /** Who is known to have displayed it: up to where their receipts go, in its thread or without one. */
  seenBy(event: EventId): Promise<readonly UserId[]>;
  /** What was taken back and is still there, with edits that came since, in the order of arrival, after a place. */
  recallsOwed(
    after: number,
    limit: number,
  ): Promise<readonly (Pick<PlacedMessage, 'seq' | 'event'> & { readonly room: RoomId })[]>;
  /** Files that are named by messages that are gone, and by none that is there, in order, after one. */
  unusedMedia(after: string, limit: number): Promise<readonly string[]>;
  /** Megolm sessions of a room that no message needs any more which is there, and one did until `since`. */
  unusedSessions(room: RoomId, since: Instant): Promise<readonly string[]>;
  /** Tickets with a text and nothing left to say, accepted before `olderThan`, in order, after a ticket. */
  tickets(olderThan: Instant, after: KeptTicket | null, limit: number): Promise<readonly KeptTicket[]>;
  /** A run that did not come to its end. */
  unfinishedRun(): Promise<RetentionRun | null>;
  lastRun(): Promise<RetentionRun | null>;
  run(id: string): Promise<RetentionRun | null>;
}

export interface RetentionWrite extends RetentionRead {
  /** From now on they are being deleted. */
  markGoing(events: readonly EventId[], how: GoneHow): Promise<void>;
  /** They are deleted by nothing any more. */
  unmark(events: readonly EventId[]): Promise<void>;
  markGone(events: readonly EventId[], how: GoneHow, at: Instant): Promise<void>;
  /** Puts events on record that were there before Wardroom heard of the room. */
  addHistory(room: RoomId, events: readonly StoredEvent[], now: Instant): Promise<void>;
  markIndexed(room: RoomId, at: Instant): Promise<void>;
  markMediaDeleted(mxc: string, at: Instant): Promise<void>;
  /** Destroys every copy of these tickets' texts. How many had one. */
  eraseTickets(tickets: readonly TicketId[], at: Instant): Promise<number>;
  /** Destroys keys of ticket texts of the months before that nothing is sealed under. How many. */
  destroyUnusedKeys(beforeMonth: string): Promise<number>;
  saveRun(run: RetentionRun): Promise<void>;
}
