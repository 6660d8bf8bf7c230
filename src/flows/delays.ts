import type { Urgency } from '../tickets/ticket.ts';
import { changeTicket } from './changeTicket.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** Whose delay an answering service has to know of at once. */
const PRESSING: readonly Urgency[] = ['stat', 'urgent'];
const BATCH = 100;

/**
 * Looks for pressing tickets that could not be posted for `afterMs` of business time, whatever held them up, and tells their
 * services, once for each ticket. A row decides, so an outage that began before a restart counts.
 */
export async function tellDelays(
  flow: TicketFlow,
  afterMs: number,
  onFailure: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    const ids = await flow.store.read.delayedTickets(flow.clock.now() - afterMs, PRESSING, BATCH);
    let told = 0;
    for (const id of ids) {
      try {
        await changeTicket(flow, id, { actor: 'wardroom' }, (ticket) =>
          ticket.rootEventId === null ? [{ type: 'delayed' }] : [],
        );
        told += 1;
      } catch (error) {
        onFailure(error);
      }
    }
    if (ids.length < BATCH || told === 0) return;
  }
}
