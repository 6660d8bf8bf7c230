/** Matrix as flows see it: voices that speak, rooms, and what people do in them. */
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, DeviceId, EventId, MasterKey, RoomId, ServiceId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';

/** What the cipher made, and who can open it. */
export interface Encrypted {
  readonly content: Readonly<Record<string, unknown>>;
  readonly sessionId: string;
  /** Every device that holds the key of this message, per user. */
  readonly readers: Readonly<Record<string, readonly DeviceId[]>>;
}

/** The voices: bridge identities that speak in rooms, each with one cross-signed device. */
export interface Voices {
  userOf(service: ServiceId): UserId;
  /** Wardroom's own, which speaks where no single service does. */
  readonly bot: UserId;
  /** Encrypts for the members of the room; fails rather than ever giving back plaintext. */
  encrypt(
    voice: UserId,
    room: RoomId,
    type: string,
    content: Phi<Record<string, unknown>>,
  ): Promise<Result<Encrypted, PortFailure>>;
  /** Idempotent by `txnId` (unique across the application service) for 24 hours (reference: matrix.md 4.5). */
  send(
    voice: UserId,
    room: RoomId,
    type: string,
    txnId: string,
    content: Readonly<Record<string, unknown>>,
  ): Promise<Result<EventId, PortFailure>>;
  /** The event that this content became when it was sent after `since`; null: the homeserver never took it. */
  sentBefore(
    voice: UserId,
    room: RoomId,
    content: Readonly<Record<string, unknown>>,
    since: Instant,
  ): Promise<Result<EventId | null, PortFailure>>;
  /** Of these people, who has a device that would be sent keys now. */
  reachable(voice: UserId, users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DeviceId[]>>;
}

export interface Rooms {
  /** Who is in it or invited to it. */
  people(room: RoomId): Promise<Result<readonly UserId[], PortFailure>>;
  /** Takes somebody out of a room; nothing to do for who is not in it. From the next message on, they get no key. */
  remove(room: RoomId, user: UserId, reason: string): Promise<Result<void, PortFailure>>;
  /** Finds or creates the account's room, encrypted, with these members joined (or invited). */
  ensureAccountRoom(
    account: AccountId,
    voices: readonly UserId[],
    members: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>>;
  /** Finds or creates the room of this account and one person, encrypted, in which only that person's tickets are. */
  ensurePersonalRoom(
    account: AccountId,
    voices: readonly UserId[],
    person: UserId,
  ): Promise<Result<RoomId, PortFailure>>;
  /**
   * The room for reports that is known by this alias: one that somebody made, encrypted, to which the bot was invited; else one that is
   * made, with these members joined (or invited). That one has no alias: an application service may give none outside its namespace.
   */
  ensureReportRoom(
    alias: string,
    voices: readonly UserId[],
    members: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>>;
}

/** Something a person did in a managed room, decrypted where it was encrypted. */
export type RoomEvent =
  | {
      readonly type: 'message';
      readonly room: RoomId;
      readonly event: EventId;
      readonly sender: UserId;
      readonly at: Instant;
      /** When it was sent, by the sender's homeserver: the machine's time, not business time. */
      readonly sentAt: Instant;
      readonly body: Phi<string>;
      /** The event replied to (`m.in_reply_to`), not the thread's fallback. */
      readonly inReplyTo: EventId | null;
      readonly thread: EventId | null;
      readonly isEdit: boolean;
      /** Of an edit: the message that it changes. */
      readonly replaces?: EventId | null;
      /** False for a plaintext event in an encrypted room: it counts for nothing. */
      readonly encrypted: boolean;
      /** Whether the sending device is cross-signed by its owner. */
      readonly crossSigned: boolean;
      /** The sender's identity, when by what is known now it signs the sending device: what a command needs. */
      readonly signedBy: MasterKey | null;
      /** A picture, a sound, a file: the body is its name. */
      readonly isFile?: boolean;
      /** Whom it mentions (`m.mentions`). */
      readonly mentions?: readonly UserId[];
      /** The same as HTML, where the client wrote it so (`formatted_body`): it may name people by id of whom the text has only the name. */
      readonly formatted?: Phi<string>;
    }
  | {
      readonly type: 'reaction';
      readonly room: RoomId;
      readonly event: EventId;
      readonly sender: UserId;
      readonly at: Instant;
      readonly target: EventId;
      readonly key: string;
    }
  | {
      readonly type: 'redaction';
      readonly room: RoomId;
      readonly event: EventId;
      readonly sender: UserId;
      readonly redacts: EventId;
    }
  /** Everything of the ticket threads in `roots` was displayed to `user`. */
  | { readonly type: 'read'; readonly room: RoomId; readonly user: UserId; readonly roots: readonly EventId[] };
