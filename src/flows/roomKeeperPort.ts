import type { Instant } from '../kernel/clock.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { NewRoom, ObservedRoom, Step } from '../policy/index.ts';

/** A step that something at the homeserver is done for; the others are a flow's or a person's. */
export type RoomStep = Exclude<Step, { readonly kind: 'follow-upgrade' | 'cannot-correct' }>;

/** The rooms that Wardroom keeps, as the homeserver has them. Everything here may be repeated. */
export interface RoomKeeper {
  /** A room as it is: all state, our directory's aliases, whether the public directory lists it. */
  observe(room: RoomId): Promise<Result<ObservedRoom, PortFailure>>;
  /** Takes one step of a plan. What is so already is done. */
  take(room: RoomId, step: RoomStep): Promise<Result<void, PortFailure>>;
  /** The room that was made under this key, or a new one; the key is readable by every homeserver in the room. */
  ensure(key: string, kind: 'room' | 'space', recipe: NewRoom): Promise<Result<RoomId, PortFailure>>;
  /**
   * The rooms of the bot whose state changed since `since`, in one request, however many rooms there are; with null only where the
   * homeserver is now. What transactions did not bring shows here.
   */
  changedSince(
    since: string | null,
  ): Promise<Result<{ readonly next: string; readonly rooms: readonly RoomId[] }, PortFailure>>;
  /**
   * Brings the bot into a room with all power over it, where the homeserver's administrators' API can (somebody of our own server has that power),
   * or by an invitation that waits for it.
   */
  enter(room: RoomId): Promise<Result<void, PortFailure>>;
  /** Out of a room, or an invitation declined. */
  leave(room: RoomId): Promise<Result<void, PortFailure>>;
  /** Whether there is such a user, asked of their homeserver. */
  exists(user: UserId): Promise<Result<boolean, PortFailure>>;
}

/**
 * A state event of a room that the bot or a voice is in or invited to, whoever sent it: one in our name may be an administrator's of the homeserver.
 * At least once, in order per room.
 */
export interface StateChanged {
  readonly room: RoomId;
  readonly event: EventId;
  readonly sender: UserId;
  readonly type: string;
  readonly stateKey: string;
  /** Of a membership event; else absent. */
  readonly membership?: string;
  readonly at: Instant;
  /** Its place in the order of what arrived. */
  readonly seq: number;
}
