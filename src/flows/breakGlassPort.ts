import type { Instant } from '../kernel/clock.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { BreakGlassEvent, Past } from '../policy/index.ts';

/** One use of emergency access as it is kept: all that happened to it, in order. */
export interface KeptBreakGlass {
  readonly id: number;
  readonly events: readonly BreakGlassEvent[];
}

/** What was done about emergency access. Nothing is ever changed or taken out. */
export interface BreakGlassRead {
  /** Those about which something is still to be done: not ended, not closed or not reviewed. */
  open(): Promise<readonly KeptBreakGlass[]>;
  /** The latest `limit`, the oldest first. */
  latest(limit: number): Promise<readonly KeptBreakGlass[]>;
  one(id: number): Promise<KeptBreakGlass | null>;
  /** What somebody wrote with the event of this type. Throws when it cannot be opened. */
  text(id: number, type: 'granted' | 'reviewed'): Promise<Phi<string> | null>;
}

export interface BreakGlassWrite extends BreakGlassRead {
  /** The number of the next use. Serialised by the caller. */
  next(): Promise<number>;
  append(id: number, event: BreakGlassEvent, text: Phi<string> | null): Promise<void>;
}

/** A message of a room's past. */
export interface PastMessage {
  readonly sender: UserId;
  /** By the homeserver's clock. */
  readonly sentAt: Instant;
  /** Null: it could not be opened. */
  readonly text: Phi<string> | null;
  /** Of a file: its name. It is not copied. */
  readonly attachment?: Phi<string>;
  readonly isEdit?: true;
}

/** The rooms of one person and the bot alone in which transcripts are read. Everything here may be repeated. */
export interface EmergencyRooms {
  /** The encrypted room of this name, found or made. */
  ensure(name: string): Promise<Result<RoomId, PortFailure>>;
  bringIn(room: RoomId, user: UserId): Promise<Result<void, PortFailure>>;
  /** Whether somebody has joined a room. */
  isIn(room: RoomId, user: UserId): Promise<Result<boolean, PortFailure>>;
  /**
   * What was said in a room before this person came in, and since then, the oldest first: opened with whatever keys our voices have.
   */
  past(room: RoomId, user: UserId, reach: Past): Promise<Result<readonly PastMessage[], PortFailure>>;
  /** As the bot, encrypted. The same `id` is one message, however often it is said. */
  say(room: RoomId, id: string, content: Phi<Record<string, unknown>>): Promise<Result<EventId, PortFailure>>;
  /** Redacts what the bot said there, but for this event, and takes the person out. */
  close(room: RoomId, user: UserId, but: EventId): Promise<Result<void, PortFailure>>;
}

/** What officers are told. Names, ids and times only. */
export type BreakGlassNotice =
  | {
      readonly kind: 'granted';
      readonly use: string;
      readonly user: UserId;
      readonly room: RoomId;
      readonly roomName: string;
      readonly until: Instant;
    }
  | { readonly kind: 'unreviewed'; readonly use: string; readonly user: UserId; readonly days: number };

/** What is said about it, in words. */
export interface BreakGlassWording {
  /** The contents of the messages in which a transcript is read; each fits into one event. */
  transcript(
    messages: readonly PastMessage[],
    about: { readonly use: string; readonly roomName: string; readonly until: Instant },
  ): readonly Phi<Record<string, unknown>>[];
  closing(use: string): Phi<Record<string, unknown>>;
}
