/** What happened, and the only way to write it. */
import type { AccountId, EventId, MessageId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import type { NonEmpty } from '../kernel/result.ts';
import type { Urgency } from '../tickets/ticket.ts';
import type { WatchedDevicesRead, WatchedDevicesWrite } from './activityPort.ts';
import type { AdministratorsRead, AdministratorsWrite } from './administratorsPort.ts';
import type { BreakGlassRead, BreakGlassWrite } from './breakGlassPort.ts';
import type { CommandsRead, CommandsWrite } from './commandsPort.ts';
import type { ConfirmationsWrite } from './confirmationsPort.ts';
import type { HoldsRead, HoldsWrite } from './holdsPort.ts';
import type { IncidentsRead, IncidentsWrite } from './incidentsPort.ts';
import type { KeptRoomsRead, KeptRoomsWrite } from './keptRoomsPort.ts';
import type { Message, MessagesRead, MessagesWrite } from './messagesPort.ts';
import type { OnCallRead, OnCallWrite } from './onCallPort.ts';
import type { AgreementsRead, AgreementsWrite } from './partnersPort.ts';
import type { PoliciesRead, PoliciesWrite } from './policiesPort.ts';
import type { ReportsRead, ReportsWrite } from './reportsPort.ts';
import type { RetentionRead, RetentionWrite } from './retentionPort.ts';
import type { ReviewsRead, ReviewsWrite } from './reviewsPort.ts';
import type { RolesRead, RolesWrite } from './rolesPort.ts';
import type { ConsentRead, ConsentWrite } from './texting/consentPort.ts';
import type { RemindersRead, RemindersWrite } from './texting/remindersPort.ts';
import type { TemplatesRead, TemplatesWrite } from './texting/templatesPort.ts';
import type { TextsRead, TextsWrite } from './texting/textsPort.ts';
import type { TicketsRead, TicketsWrite } from './ticketsPort.ts';
import type { TrainingRead, TrainingWrite } from './trainingPort.ts';
import type { WctpRead, WctpWrite } from './wctpPort.ts';

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
  /** The same for one ciphertext that carries the reports of several tickets: `others` go with `message`, all of them or none. */
  keepReport(message: Message, others: readonly MessageId[]): Promise<boolean>;
  /** Read without writing; sees one consistent snapshot per call of a repository, not across calls. */
  readonly read: Reads;
}

export interface AccountRoom {
  readonly account: AccountId;
  readonly roomId: RoomId;
}

export interface Reads extends TicketsRead, MessagesRead, ReportsRead {
  readonly administrators: AdministratorsRead;
  readonly commands: CommandsRead;
  readonly consent: ConsentRead;
  readonly oncall: OnCallRead;
  readonly agreements: AgreementsRead;
  readonly incidents: IncidentsRead;
  readonly keptRooms: KeptRoomsRead;
  readonly policies: PoliciesRead;
  readonly breakGlass: BreakGlassRead;
  readonly reviews: ReviewsRead;
  readonly holds: HoldsRead;
  readonly reminders: RemindersRead;
  readonly retention: RetentionRead;
  readonly roles: RolesRead;
  readonly templates: TemplatesRead;
  readonly texts: TextsRead;
  readonly training: TrainingRead;
  readonly watchedDevices: WatchedDevicesRead;
  readonly wctp: WctpRead;
  accountRoom(account: AccountId): Promise<AccountRoom | null>;
  /** Where this account's tickets for this person go; null: there is no such room yet. */
  personalRoom(account: AccountId, user: UserId): Promise<RoomId | null>;
  accountOfRoom(room: RoomId): Promise<AccountId | null>;
}

export interface Tx extends Reads, TicketsWrite, MessagesWrite, ReportsWrite {
  readonly administrators: AdministratorsWrite;
  readonly commands: CommandsWrite;
  readonly consent: ConsentWrite;
  readonly confirmations: ConfirmationsWrite;
  readonly oncall: OnCallWrite;
  readonly agreements: AgreementsWrite;
  readonly incidents: IncidentsWrite;
  readonly keptRooms: KeptRoomsWrite;
  readonly policies: PoliciesWrite;
  readonly breakGlass: BreakGlassWrite;
  readonly reviews: ReviewsWrite;
  readonly holds: HoldsWrite;
  readonly reminders: RemindersWrite;
  readonly retention: RetentionWrite;
  readonly roles: RolesWrite;
  readonly templates: TemplatesWrite;
  readonly texts: TextsWrite;
  readonly training: TrainingWrite;
  readonly watchedDevices: WatchedDevicesWrite;
  readonly wctp: WctpWrite;
  /** Serialises work on one key until the transaction ends. */
  lock(key: string): Promise<void>;
  insertAccountRoom(room: AccountRoom): Promise<void>;
  insertPersonalRoom(account: AccountId, user: UserId, room: RoomId): Promise<void>;
}
