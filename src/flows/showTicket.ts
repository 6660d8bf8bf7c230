import { isoInstant } from '../kernel/clock.ts';
import type { ServiceId, TicketId } from '../kernel/ids.ts';
import type { Ticket, TicketState } from '../tickets/ticket.ts';
import type { Store, TimelineRow } from './ports.ts';
import type { TicketDetail, TicketView } from './ticketApi.ts';

const PAGE = 100;

export function viewOf(ticket: Ticket, duplicate: boolean): TicketView {
  return {
    ticket_id: ticket.ticketId,
    external_id: ticket.externalId,
    account: ticket.account,
    urgency: ticket.urgency,
    state: ticket.state,
    duplicate,
    flags: ticket.flags,
    ...(ticket.joins && { joined_to: ticket.joins }),
    ...(ticket.test && { test: true as const }),
  };
}

/** One ticket of this service with its timeline; null for another service's, as if it did not exist. */
export async function showTicket(store: Store, service: ServiceId, id: TicketId): Promise<TicketDetail | null> {
  const ticket = await store.read.ticket(id);
  if (!ticket || ticket.service !== service) return null;
  return detailOf(ticket, await store.read.timeline(id));
}

export function detailOf(ticket: Ticket, timeline: readonly TimelineRow[]): TicketDetail {
  const acknowledgement = ticket.acknowledgements[0];
  return {
    ...viewOf(ticket, false),
    accepted_at: isoInstant(ticket.acceptedAt),
    step: ticket.done > 0 ? (ticket.plan[ticket.done - 1]?.step ?? null) : null,
    next_step_at: ticket.nextStepAt === null ? null : isoInstant(ticket.nextStepAt),
    acknowledged: acknowledgement
      ? {
          by: acknowledgement.by,
          at: isoInstant(acknowledgement.at),
          how: acknowledgement.how,
          strength: acknowledgement.strength,
        }
      : null,
    ...(ticket.joined && { joined: ticket.joined }),
    room_id: ticket.roomId,
    event_id: ticket.rootEventId,
    timeline: timeline.map(lineOf),
  };
}

const lineOf = (row: TimelineRow) => ({
  at: isoInstant(row.at),
  event: row.event,
  ...(row.step === null ? {} : { step: row.step }),
  ...(row.who === null ? {} : { who: row.who }),
  ...(row.late ? { late: true } : {}),
  ...(row.code === null ? {} : { code: row.code }),
});

/** The service's tickets in order of acceptance, a page at a time. */
export async function listTickets(
  store: Store,
  service: ServiceId,
  query: { readonly state: 'open' | TicketState | null; readonly cursor: string | null },
): Promise<{ readonly tickets: readonly TicketView[]; readonly next: string | null }> {
  const tickets = await store.read.ticketsOf(service, query.state, query.cursor, PAGE + 1);
  const page = tickets.slice(0, PAGE);
  return {
    tickets: page.map((ticket) => viewOf(ticket, false)),
    next: tickets.length > PAGE ? (page.at(-1)?.ticketId ?? null) : null,
  };
}
