/**
 * What the use cases need from the world. Adapters implement these; flows own them (style: the user of an interface owns it).
 */
import type { Instant } from '../kernel/clock.ts';
import type {
  AccountId,
  DeviceId,
  EventId,
  MasterKey,
  MessageId,
  RoomId,
  ServiceId,
  TicketId,
  UserId,
} from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { NonEmpty, PortFailure, Result } from '../kernel/result.ts';
import type { MessageKind, ReportStatus, Ticket, TicketState, Urgency } from '../tickets/ticket.ts';
import type { AdministratorsRead, AdministratorsWrite } from './administratorsPort.ts';
import type { CommandsRead, CommandsWrite } from './commandsPort.ts';
import type { CrashPoint } from './crashPoint.ts';
import type { OnCallRead, OnCallWrite } from './onCallPort.ts';
import type { WctpRead, WctpWrite } from './wctpPort.ts';

// ---------------------------------------------------------------------------------------------------------------- store

/** One line of the audit log before it has its number (reference: 45 CFR 164.312(b)). Never health information. */
export interface AuditEntry {
  /** `object.verb`, e.g. `ticket.accepted`. */
  readonly action: string;
  readonly outcome: 'ok' | 'refused' | 'failed';
  /** Who did it: a Matrix id, `service:nightjar`, or `wardroom`. Stored as a keyed reference. */
  readonly actor: string;
  readonly code?: string;
  readonly ticket?: TicketId;
  readonly room?: RoomId;
  readonly event?: EventId;
  readonly account?: AccountId;
  /** Small facts, no text of a ticket. Stored encrypted, with a salted commitment in the leaf. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export type Job =
  /**
   * `urgency` decides the order when there is more to do than can be done. Without `delayMs` it is done by this process right after
   * the commit; the row it is about is the promise, and the sweep keeps it should this process die.
   */
  | { readonly task: 'post'; readonly messageId: MessageId; readonly urgency: Urgency; readonly delayMs?: number }
  | { readonly task: 'report'; readonly ticketId: TicketId; readonly urgency: Urgency; readonly delayMs?: number };

export interface Change<T> {
  readonly value: T;
  readonly audit: NonEmpty<AuditEntry>;
  readonly jobs?: readonly Job[];
}

export interface Store {
  /**
   * The only way to write what happened. State, audit entries and jobs commit together or not at all.
   * `null` from `work` means there was nothing to do: whatever it wrote is rolled back.
   */
  change<T>(work: (tx: Tx) => Promise<Change<T> | null>): Promise<T | null>;
  /**
   * Keeps the ciphertext of a queued message, so that a repetition sends the same one; false when another process was quicker and
   * nothing was changed. No audit entry: nothing has happened yet that anybody can see, and the entry of its sending names the readers.
   */
  keepCiphertext(message: Message): Promise<boolean>;
  /** Read without writing; sees one consistent snapshot per call of a repository, not across calls. */
  readonly read: Reads;
}

/** A message Wardroom owes a room. `queued` -> `encrypted` (ciphertext kept) -> `sent` (event id known). */
export interface Message {
  readonly messageId: MessageId;
  readonly ticketId: TicketId;
  readonly kind: MessageKind;
  readonly step: number | null;
  readonly repeat: number;
  readonly mention: readonly UserId[];
  /** The people due when it was queued: whose devices decide between delivered and undecryptable. */
  readonly due: readonly UserId[];
  /** The fixed words of a notice (which ticket is meant, and the like), never health information; tickets are composed when posted. */
  readonly notice: string | null;
  readonly inReplyTo: EventId | null;
  /** A notice with the text of this ticket, a repeat call that joined. */
  readonly wordsOf: TicketId | null;
  readonly state: 'queued' | 'encrypted' | 'sent' | 'failed';
  readonly txnId: string;
  readonly voice: UserId | null;
  readonly roomId: RoomId | null;
  readonly ciphertext: Readonly<Record<string, unknown>> | null;
  readonly sessionId: string | null;
  /** Who has which devices with the key of this message. */
  readonly readers: Readonly<Record<string, readonly DeviceId[]>> | null;
  readonly eventId: EventId | null;
  readonly queuedAt: Instant;
}

/** A message with its ticket. */
export interface Postable {
  readonly message: Message;
  readonly ticket: Ticket;
  /** The ticket's text, unsealed when asked for. */
  readonly text: () => Promise<Phi<Record<string, unknown>>>;
  /** What somebody wrote, where the message is a notice of that; unsealed when asked for. */
  readonly words: () => Promise<Phi<string> | null>;
}

/** One status on its way to an answering service. */
export interface Report {
  readonly ticketId: TicketId;
  readonly eventId: string;
  readonly sequence: number;
  readonly status: ReportStatus;
  readonly at: Instant;
  readonly step: number | null;
  readonly by: string | null;
  readonly strength: string | null;
  readonly text: Phi<string> | null;
  readonly attempts: number;
  readonly firstTriedAt: Instant | null;
}

export interface TimelineRow {
  readonly at: Instant;
  readonly event: string;
  readonly step: number | null;
  readonly who: string | null;
  readonly late: boolean;
  /** Why, when a step was skipped. */
  readonly code: string | null;
}

export interface AccountRoom {
  readonly account: AccountId;
  readonly roomId: RoomId;
}

export interface Reads {
  readonly administrators: AdministratorsRead;
  readonly commands: CommandsRead;
  readonly oncall: OnCallRead;
  readonly wctp: WctpRead;
  ticket(id: TicketId): Promise<Ticket | null>;
  timeline(id: TicketId): Promise<readonly TimelineRow[]>;
  ticketsOf(
    service: ServiceId,
    state: 'open' | TicketState | null,
    cursor: string | null,
    limit: number,
  ): Promise<readonly Ticket[]>;
  /** Rooms with open tickets. */
  roomsInUse(): Promise<readonly RoomId[]>;
  /** Not acknowledged, closed or reported, in this room. */
  openTicketsIn(room: RoomId): Promise<readonly Ticket[]>;
  openTicketsDue(user: UserId): Promise<readonly Ticket[]>;
  /** Tickets that this person took and that are not closed, accepted after `since`. */
  heldTickets(user: UserId, since: Instant): Promise<readonly Ticket[]>;
  openTicketsOf(account: AccountId): Promise<readonly TicketId[]>;
  /** The ticket whose thread this event belongs to: its root or any message sent or received in it. */
  ticketOfEvent(event: EventId): Promise<TicketId | null>;
  /** Whether Wardroom already dealt with this event of a person (it was a reply or an acknowledgement). */
  eventKind(event: EventId): Promise<{ ticketId: TicketId; kind: 'message' | 'reply' | 'acknowledgement' } | null>;
  dueTickets(now: Instant, limit: number): Promise<readonly TicketId[]>;
  /** Tickets whose first message was queued before `before`, is not known to be sent, and of which that was not told yet. */
  delayedTickets(before: Instant, urgencies: readonly Urgency[], limit: number): Promise<readonly TicketId[]>;
  /** When the message that is owed longest was queued. */
  oldestUnsent(): Promise<Instant | null>;
  message(id: MessageId): Promise<Message | null>;
  /** Everything that bringing a message into its room takes, in one look. */
  postable(id: MessageId): Promise<Postable | null>;
  countMessages(id: TicketId): Promise<number>;
  messagesOf(id: TicketId): Promise<readonly Message[]>;
  /** A message was handed to the homeserver for this room whose event id is not recorded yet. */
  hasUnrecordedMessage(room: RoomId): Promise<boolean>;
  /** The earliest message of a ticket that is owed and not known to be sent; null when none is. */
  firstUnsent(id: TicketId): Promise<MessageId | null>;
  /**
   * Messages queued before `before` that are not sent and wait for no job of the future; also those queued after `now`, by a clock
   * that was put back since.
   */
  staleMessages(
    before: Instant,
    now: Instant,
    limit: number,
  ): Promise<readonly { readonly id: MessageId; readonly urgency: Urgency }[]>;
  /** How many messages of each urgency are not sent. */
  owed(): Promise<ReadonlyMap<Urgency, number>>;
  /** Messages that are not sent, whatever they wait for, the most urgent first, of those the ones owed longest. */
  unsentMessages(limit: number): Promise<readonly { readonly id: MessageId; readonly urgency: Urgency }[]>;
  /** Tickets with a report from before `before`, or after `now`, that is not sent and that no waiting job takes care of. */
  staleReports(
    before: Instant,
    now: Instant,
    limit: number,
  ): Promise<readonly { readonly id: TicketId; readonly urgency: Urgency }[]>;
  nextReport(id: TicketId): Promise<Report | null>;
  accountRoom(account: AccountId): Promise<AccountRoom | null>;
  accountOfRoom(room: RoomId): Promise<AccountId | null>;
}

export interface Tx extends Reads {
  readonly administrators: AdministratorsWrite;
  readonly commands: CommandsWrite;
  readonly oncall: OnCallWrite;
  readonly wctp: WctpWrite;
  /** Serialises work on one key until the transaction ends. */
  lock(key: string): Promise<void>;
  /** Locks the row until the transaction ends. */
  ticketForUpdate(id: TicketId): Promise<Ticket | null>;
  /** The latest ticket of this service with this id accepted after `since`, and the fingerprint of each. */
  sameId(
    service: ServiceId,
    externalId: string,
    since: Instant,
  ): Promise<readonly { ticketId: TicketId; fingerprint: string }[]>;
  /** The latest open ticket of this service and account with this id. */
  openTicketNamed(service: ServiceId, account: AccountId, externalId: string): Promise<Ticket | null>;
  /** A number that no open ticket of the account has, small because clinicians type it on a phone. */
  takeToken(account: AccountId): Promise<string>;
  /** The ticket that had this number is open no more: call it after `saveTicket`. */
  releaseToken(account: AccountId, token: string): Promise<void>;
  /** A ticket with this number is open again. Another may have got the number meanwhile; then both have it. */
  keepToken(account: AccountId, token: string): Promise<void>;
  insertTicket(ticket: Ticket, text: Phi<Record<string, unknown>>, fingerprint: string): Promise<void>;
  saveTicket(ticket: Ticket): Promise<void>;
  insertTimeline(id: TicketId, rows: readonly TimelineRow[]): Promise<void>;
  /** `words`: what somebody wrote, for a notice of that; sealed. */
  insertMessage(message: Message, words?: Phi<string>): Promise<void>;
  /** The message is in its room under this event id. Its ciphertext is not needed any more. */
  recordSent(message: Message, event: EventId): Promise<void>;
  dropMessage(id: MessageId): Promise<void>;
  insertReport(report: Omit<Report, 'sequence' | 'eventId' | 'attempts' | 'firstTriedAt'>): Promise<void>;
  saveReportTried(report: Report, outcome: 'sent' | 'retry' | 'parked' | 'dropped', at: Instant): Promise<void>;
  /** What people added to a ticket, in order, each piece once. */
  wordsSaid(id: TicketId): Promise<readonly { readonly words: Phi<string>; readonly of: TicketId | null }[]>;
  /** The fingerprint of what was said of the ticket under this key since; null when nothing was. */
  operatorEvent(id: TicketId, key: string, since: Instant): Promise<string | null>;
  saveOperatorEvent(id: TicketId, key: string, fingerprint: string, at: Instant): Promise<void>;
  linkEvent(event: EventId, id: TicketId, kind: 'message' | 'reply' | 'acknowledgement'): Promise<void>;
  insertAccountRoom(room: AccountRoom): Promise<void>;
}

// --------------------------------------------------------------------------------------------------------------- matrix

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
  /** Finds or creates the account's room, encrypted, with these members joined (or invited). */
  ensureAccountRoom(
    account: AccountId,
    voices: readonly UserId[],
    members: readonly UserId[],
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
      /** False for a plaintext event in an encrypted room: it counts for nothing. */
      readonly encrypted: boolean;
      /** Whether the sending device is cross-signed by its owner. */
      readonly crossSigned: boolean;
      /** The sender's identity, when by what is known now it signs the sending device: what a command needs. */
      readonly signedBy: MasterKey | null;
      /** Whom it mentions (`m.mentions`). */
      readonly mentions?: readonly UserId[];
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

// ------------------------------------------------------------------------------------------------------------- services

/** contract.md, `service.heartbeat`: what an answering service must know to trust the way, or to take another one. */
export interface Heartbeat {
  readonly eventId: string;
  /** Counts up from 1 since the process started. */
  readonly sequence: number;
  /** The machine's time, not business time. */
  readonly at: Instant;
  readonly parts: Readonly<Record<'database' | 'homeserver' | 'voices', boolean>>;
  /** How long the message that is owed longest has waited; null when none is owed, or when that cannot be known now. */
  readonly oldestUnsentMs: number | null;
}

export interface StatusSender {
  /** Delivers one signed callback; `retry` when the service did not answer 2xx. */
  send(service: ServiceId, report: Report, ticket: Ticket): Promise<Result<void, PortFailure>>;
  /** Delivers one sign of life; never repeated. */
  beat(service: ServiceId, heartbeat: Heartbeat): Promise<Result<void, PortFailure>>;
}

/** Shown to the operators of the system: metric, log line, control room. Codes and references only. */
export interface Alarms {
  raise(
    code: string,
    about: { readonly ticket?: TicketId; readonly account?: AccountId; readonly room?: RoomId },
  ): void;
}

/** Named points where a test may end the process (kill -9). Does nothing in production. */
export interface CrashPoints {
  reach(name: CrashPoint): void;
}
export type { CrashPoint };
