import { isDeepStrictEqual } from 'node:util';
import type { TicketId } from '../kernel/ids.ts';
import type { NonEmpty } from '../kernel/result.ts';
import type { Ticket, TicketEvent } from '../tickets/ticket.ts';
import { advanceTicket, type Circumstances, type Consequences } from './advanceTicket.ts';
import type { AuditEntry, Tx } from './ports.ts';
import type { TicketFlow } from './ticketFlow.ts';

/**
 * One event in a ticket's life, in one transaction: lock, decide, save, audit, enqueue; alarms and figures after the commit.
 * `eventsOf` looks at the locked ticket and says what happened; an empty list means there is nothing to do.
 * `alongside` writes what must commit with it. Returns the ticket as it is now, or null when nothing was done.
 */
export async function changeTicket(
  flow: TicketFlow,
  id: TicketId,
  circumstances: Circumstances,
  eventsOf: (ticket: Ticket, tx: Tx) => readonly TicketEvent[] | Promise<readonly TicketEvent[]>,
  alongside?: (tx: Tx, ticket: Ticket) => Promise<AuditEntry | null>,
): Promise<Ticket | null> {
  let before: Ticket | null = null;
  const done = await flow.store.change<Consequences>(async (tx) => {
    before = await tx.ticketForUpdate(id);
    if (!before) return null;
    const events = await eventsOf(before, tx);
    if (events.length === 0) return null;
    const consequences = await advanceTicket(flow, tx, before, events, circumstances);
    const extra = alongside ? await alongside(tx, consequences.ticket) : null;
    const [first, ...rest] = extra ? [...consequences.audit, extra] : consequences.audit;
    const unchanged = isDeepStrictEqual(before, consequences.ticket);
    if (!first && unchanged) return null;
    const audit: NonEmpty<AuditEntry> = first
      ? [first, ...rest]
      : [plainEntry(consequences.ticket, circumstances.actor)];
    return { value: consequences, audit, jobs: consequences.jobs };
  });
  if (done && before) tellAfterwards(flow, before, done);
  return done?.ticket ?? null;
}

/** For a change that no line of the timeline speaks of. */
const plainEntry = (ticket: Ticket, actor: string): AuditEntry => ({
  action: 'ticket.updated',
  outcome: 'ok',
  actor,
  ticket: ticket.ticketId,
  account: ticket.account,
});

/** Alarms and figures: only of what is committed. */
export function tellAfterwards(flow: TicketFlow, before: Ticket | null, { ticket, alarms }: Consequences): void {
  for (const code of alarms) flow.alarms.raise(code, { ticket: ticket.ticketId, account: ticket.account });
  // Figures are of real tickets.
  if (before?.state === ticket.state || ticket.test) return;
  flow.meter.changed(ticket.urgency, ticket.state);
  const age = flow.clock.now() - ticket.acceptedAt;
  if (ticket.state === 'seen') flow.meter.seenAfter(ticket.urgency, age);
  if (ticket.state === 'acknowledged') flow.meter.acknowledgedAfter(ticket.urgency, age);
}
