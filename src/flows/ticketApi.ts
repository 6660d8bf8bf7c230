/** What answering services may ask of Wardroom, and what they are told (contract.md, "HTTP API"). Shapes are the contract's JSON. */
import type { ServiceId, TicketId } from '../kernel/ids.ts';
import type { AcknowledgedHow, Flag, Strength, TicketState, Urgency } from '../tickets/ticket.ts';

export interface TicketView {
  readonly ticket_id: TicketId;
  readonly external_id: string;
  readonly account: string;
  readonly urgency: Urgency;
  readonly state: TicketState;
  readonly duplicate: boolean;
  readonly flags: readonly Flag[];
  /** Of a repeat call: the ticket whose ladder and thread it joined. */
  readonly joined_to?: TicketId;
  /** A test page. */
  readonly test?: true;
}

/** Times are RFC 3339 with an offset. */
export interface TicketDetail extends TicketView {
  readonly accepted_at: string;
  readonly step: number | null;
  readonly next_step_at: string | null;
  readonly acknowledged: {
    readonly by: string;
    readonly at: string;
    readonly how: AcknowledgedHow;
    readonly strength: Strength;
  } | null;
  /** Repeat calls that joined this ticket. */
  readonly joined?: readonly TicketId[];
  readonly room_id: string | null;
  readonly event_id: string | null;
  readonly timeline: readonly {
    readonly at: string;
    readonly event: string;
    readonly step?: number;
    readonly who?: string;
    readonly late?: boolean;
    /** Why, e.g. why a step was skipped. */
    readonly code?: string;
  }[];
}

/** A JSON pointer (RFC 6901) and a code for what is wrong there (`missing`, `empty`, ...); never a value that was sent. */
export interface InvalidField {
  readonly path: string;
  readonly code: string;
}

export type AdmitOutcome =
  /** Safe: committed before this is said. */
  | { readonly kind: 'accepted'; readonly ticket: TicketView; readonly duplicate: boolean }
  /** `account`: unknown, or not this service's. */
  | { readonly kind: 'refused'; readonly reason: 'account' }
  | { readonly kind: 'refused'; readonly reason: 'invalid'; readonly errors: readonly InvalidField[] }
  /** Not now; nothing was kept. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

/** What became of an operator's event. */
export type OperatorEventOutcome =
  /** Committed before this is said; `duplicate` in the ticket: it had been done before. */
  | { readonly kind: 'done'; readonly ticket: TicketView }
  /** `closed`: the ticket is over; `id-reused`: the id stands for another event. */
  | { readonly kind: 'refused'; readonly reason: 'not-found' | 'closed' | 'id-reused' }
  | { readonly kind: 'refused'; readonly reason: 'invalid'; readonly errors: readonly InvalidField[] };

export interface TicketPage {
  readonly tickets: readonly TicketView[];
  /** Give it back as `cursor` for the next page; null at the end. */
  readonly next: string | null;
}

export interface TicketApi {
  /** `document` is whatever JSON arrived; the answer comes after the ticket is committed. */
  admit(service: ServiceId, document: unknown): Promise<AdmitOutcome>;
  /** Sends a test page to the room of an account. */
  test(service: ServiceId, account: string): Promise<AdmitOutcome>;
  /** What an operator says of a ticket: cancelled, corrected, patched, closed, a note. */
  tell(service: ServiceId, ticketId: TicketId, document: unknown): Promise<OperatorEventOutcome>;
  /** Null for other services' tickets, too. */
  show(service: ServiceId, ticketId: TicketId): Promise<TicketDetail | null>;
  list(
    service: ServiceId,
    query: { readonly state: 'open' | TicketState | null; readonly cursor: string | null },
  ): Promise<TicketPage>;
}
