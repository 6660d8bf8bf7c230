/** What answering services are told: the statuses owed to them, and the way there. */
import type { Instant } from '../kernel/clock.ts';
import type { EventId, ServiceId, TicketId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { ReportStatus, Ticket, Urgency } from '../tickets/ticket.ts';

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

export interface ReportsRead {
  /** Tickets with a report from before `before`, or after `now`, that is not sent and that no waiting job takes care of. */
  staleReports(
    before: Instant,
    now: Instant,
    limit: number,
  ): Promise<readonly { readonly id: TicketId; readonly urgency: Urgency }[]>;
  nextReport(id: TicketId): Promise<Report | null>;
}

export interface ReportsWrite extends ReportsRead {
  /** `saidIn`: the event in which a clinician wrote its text. */
  insertReport(
    report: Omit<Report, 'sequence' | 'eventId' | 'attempts' | 'firstTriedAt'> & { readonly saidIn: EventId | null },
  ): Promise<void>;
  /** Destroys what was copied of an event for the service: how many copies there were, and how many of them it has. */
  forgetSaid(event: EventId): Promise<{ readonly copies: number; readonly told: number }>;
  saveReportTried(report: Report, outcome: 'sent' | 'retry' | 'parked' | 'dropped', at: Instant): Promise<void>;
}

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
