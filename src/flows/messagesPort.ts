/** The messages Wardroom owes to rooms, from the moment they are due until they are there. */
import type { Instant } from '../kernel/clock.ts';
import type { DeviceId, EventId, MessageId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { MessageKind, Ticket, Urgency } from '../tickets/ticket.ts';

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
  /** In whose own room it goes; null: in the account's. */
  readonly audience: UserId | null;
  /** Of a `report`: the alias of the room that reads it. */
  readonly reportTo: string | null;
  /** Of a `report`: the message whose ciphertext carries it, when that is another ticket's. */
  readonly bundledIn: MessageId | null;
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
  /** Its text was destroyed when its time was over: there is nothing to say any more. */
  readonly isErased: boolean;
  /** The ticket's text, unsealed when asked for. */
  readonly text: () => Promise<Phi<Record<string, unknown>>>;
  /** What somebody wrote, where the message is a notice of that; unsealed when asked for. */
  readonly words: () => Promise<Phi<string> | null>;
}

export interface MessagesRead {
  /** When the message that is owed longest was queued. */
  oldestUnsent(): Promise<Instant | null>;
  message(id: MessageId): Promise<Message | null>;
  /** Everything that bringing a message into its room takes, in one look. */
  postable(id: MessageId): Promise<Postable | null>;
  countMessages(id: TicketId): Promise<number>;
  messagesOf(id: TicketId): Promise<readonly Message[]>;
  /** A message was handed to the homeserver for this room whose event id is not recorded yet. */
  hasUnrecordedMessage(room: RoomId): Promise<boolean>;
  /**
   * The earliest message of a ticket's thread (no report) in the own room of `audience`, or in the account's, that is owed and not known to be
   * sent; null when none is.
   */
  firstUnsent(id: TicketId, audience: UserId | null): Promise<MessageId | null>;
  /** Reports into this room that nothing has been encrypted of. */
  queuedReports(alias: string, limit: number): Promise<readonly MessageId[]>;
  /** The reports that this message carries besides its own. */
  bundledWith(id: MessageId): Promise<readonly Message[]>;
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
}

export interface MessagesWrite extends MessagesRead {
  /** `words`: what somebody wrote, for a notice of that; sealed. */
  insertMessage(message: Message, words?: Phi<string>): Promise<void>;
  /** The message is in its room under this event id. Its ciphertext is not needed any more. */
  recordSent(message: Message, event: EventId): Promise<void>;
  /** The same of a report. What is said to it is said to no ticket. `event`: null for one that another message carried. */
  recordReported(id: MessageId, event: EventId | null): Promise<void>;
  dropMessage(id: MessageId): Promise<void>;
}
