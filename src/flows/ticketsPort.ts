/** What is kept of tickets, and how it is asked for. */
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, RoomId, ServiceId, TicketId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { Ticket, TicketState, Urgency } from '../tickets/ticket.ts';

export interface TimelineRow {
  readonly at: Instant;
  readonly event: string;
  readonly step: number | null;
  readonly who: string | null;
  readonly late: boolean;
  /** Why, when a step was skipped. */
  readonly code: string | null;
}

export interface TicketsRead {
  ticket(id: TicketId): Promise<Ticket | null>;
  timeline(id: TicketId): Promise<readonly TimelineRow[]>;
  ticketsOf(
    service: ServiceId,
    state: 'open' | TicketState | null,
    cursor: string | null,
    limit: number,
  ): Promise<readonly Ticket[]>;
  /** Of one account or of all, the most urgent first, of those the oldest; test pages left out. `total`: how many there are. */
  openTickets(
    account: AccountId | null,
    limit: number,
  ): Promise<{ readonly tickets: readonly Ticket[]; readonly total: number }>;
  /** Every ticket that a service sent under this id, the latest first. */
  ticketsNamed(externalId: string, limit: number): Promise<readonly Ticket[]>;
  /** Rooms with open tickets. */
  roomsInUse(): Promise<readonly RoomId[]>;
  /** Not acknowledged, closed or reported, in this room. */
  openTicketsIn(room: RoomId): Promise<readonly Ticket[]>;
  openTicketsDue(user: UserId): Promise<readonly Ticket[]>;
  /** Tickets that this person took and that are not closed, accepted after `since`. */
  heldTickets(user: UserId, since: Instant): Promise<readonly Ticket[]>;
  openTicketsOf(account: AccountId): Promise<readonly TicketId[]>;
  /** Who was called last for an open ticket of this account, or took one that was accepted after `since` and is not closed. */
  peopleAtWork(account: AccountId, since: Instant): Promise<readonly UserId[]>;
  /** The ticket whose thread this event belongs to: its root or any message sent or received in it. */
  ticketOfEvent(event: EventId): Promise<TicketId | null>;
  /** Whether Wardroom already dealt with this event of a person (it was a reply or an acknowledgement). */
  eventKind(event: EventId): Promise<{ ticketId: TicketId; kind: 'message' | 'reply' | 'acknowledgement' } | null>;
  dueTickets(now: Instant, limit: number): Promise<readonly TicketId[]>;
  /** Tickets that their practice's report should list by now, whatever became of them. */
  dueSummaries(now: Instant, limit: number): Promise<readonly TicketId[]>;
  /** Whether a ticket is due that goes into this room's report and is not queued for it yet: it will be in a moment. */
  isReportDue(alias: string, now: Instant): Promise<boolean>;
  /** Tickets whose first message was queued before `before`, is not known to be sent, and of which that was not told yet. */
  delayedTickets(before: Instant, urgencies: readonly Urgency[], limit: number): Promise<readonly TicketId[]>;
  /** What people added to a ticket, in order, each piece once. */
  wordsSaid(id: TicketId): Promise<readonly { readonly words: Phi<string>; readonly of: TicketId | null }[]>;
}

export interface TicketsWrite extends TicketsRead {
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
  /** The fingerprint of what was said of the ticket under this key since; null when nothing was. */
  operatorEvent(id: TicketId, key: string, since: Instant): Promise<string | null>;
  saveOperatorEvent(id: TicketId, key: string, fingerprint: string, at: Instant): Promise<void>;
  linkEvent(event: EventId, id: TicketId, kind: 'message' | 'reply' | 'acknowledgement'): Promise<void>;
}
