import type { Instant } from '../kernel/clock.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';
import type { PortFailure, Result } from '../kernel/result.ts';

/** An event as the homeserver has it, without its content. */
export interface StoredEvent {
  readonly event: EventId;
  readonly sender: UserId;
  readonly type: string;
  /** Null: it is a message. */
  readonly stateKey: string | null;
  /** What it says of when it was sent. */
  readonly sentAt: Instant;
  readonly relatesTo: EventId | null;
  readonly relType: string | null;
  readonly sessionId: string | null;
}

export interface HistoryPage {
  /** The newest first, in the homeserver's own order of the room. */
  readonly events: readonly StoredEvent[];
  /** From where older ones are read; null: there are none. */
  readonly next: string | null;
}

/** What deletes at the homeserver. Everything here may be repeated. Failures of one event or room, never of all. */
export interface Eraser {
  /** What comes before an event, page by page; or of the whole room, from its end. Code `not-found`: that event is not there any more. */
  history(
    room: RoomId,
    from: { readonly before: EventId } | { readonly page: string } | 'end',
  ): Promise<Result<HistoryPage, PortFailure>>;
  /**
   * Deletes everything but state from a room's history here, up to but not including this event, and makes sure that it is not there any more.
   * Code `bot-no-server-admin`: nobody but an administrator of the homeserver may.
   */
  purge(room: RoomId, upTo: EventId): Promise<Result<void, PortFailure>>;
  /** Whether an event is there, without its content, or not at all. */
  look(room: RoomId, event: EventId): Promise<Result<'there' | 'redacted' | 'gone', PortFailure>>;
  /** Takes away the content of an event, here and, by their own deed, at other servers. `reason` is readable by all of them. */
  redact(room: RoomId, event: EventId, reason: string): Promise<Result<void, PortFailure>>;
  /** Deletes an uploaded file. `elsewhere`: it belongs to another homeserver. */
  deleteMedia(mxc: string): Promise<Result<'deleted' | 'elsewhere', PortFailure>>;
}
