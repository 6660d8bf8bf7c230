import { createHmac } from 'node:crypto';
import { eventId, type ServiceId, type TicketId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { NonEmpty } from '../kernel/result.ts';
import { canonicalText } from '../tickets/fingerprint.ts';
import { type OperatorEvent, readOperatorEvent, sayOperatorEvent } from '../tickets/operatorEvent.ts';
import type { Ticket, TicketEvent } from '../tickets/ticket.ts';
import type { AdmissionFlow } from './admitTicket.ts';
import { advanceTicket, type Consequences } from './advanceTicket.ts';
import { tellAfterwards } from './changeTicket.ts';
import type { AuditEntry } from './ports.ts';
import { viewOf } from './showTicket.ts';
import type { OperatorEventOutcome } from './ticketApi.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** The same again within this time is done once. */
const REPEAT_WINDOW_MS = 24 * 3600 * 1000;

export type OperatorFlow = TicketFlow & Pick<AdmissionFlow, 'fingerprintKey'>;

/**
 * What an operator of an answering service says of a ticket of its own: cancelled, corrected, patched, closed, a note. Done once, in one
 * transaction with its audit entries, before the service is told; the same again (same `id`, or without one the same text) is
 * answered like the first time. Another service's ticket does not exist.
 */
export async function takeOperatorEvent(
  flow: OperatorFlow,
  service: ServiceId,
  id: TicketId,
  document: unknown,
): Promise<OperatorEventOutcome> {
  const known = await flow.store.read.ticket(id);
  if (!known || known.service !== service) return { kind: 'refused', reason: 'not-found' };
  const read = readOperatorEvent(document);
  if (!read.ok) {
    await refuse(flow, known, 'invalid');
    return { kind: 'refused', reason: 'invalid', errors: read.error };
  }
  const event = read.value;
  const fingerprint = createHmac('sha256', flow.fingerprintKey.reveal())
    .update(`operator-event:${canonicalText(event.document)}`)
    .digest('base64url');
  const key = event.id === null ? `text:${fingerprint}` : `id:${event.id}`;
  let outcome: OperatorEventOutcome | null = null;
  let before: Ticket | null = null;
  const done = await flow.store.change<Consequences>(async (tx) => {
    const now = flow.clock.now();
    // Always the first ticket before the one that joined it.
    const first = known.joins === undefined ? null : await tx.ticketForUpdate(known.joins);
    const named = await tx.ticketForUpdate(id);
    if (!named) throw new Error('ticket-gone');
    const ticket = first !== null && isOfBoth(event) ? first : named;
    before = ticket;
    const earlier = await tx.operatorEvent(id, key, now - REPEAT_WINDOW_MS);
    if (earlier !== null) {
      outcome =
        earlier === fingerprint
          ? { kind: 'done', ticket: viewOf(named, true) }
          : { kind: 'refused', reason: 'id-reused' };
      return null;
    }
    const happened = ticketEvent(ticket, event, fingerprint);
    if (happened === null) {
      outcome = { kind: 'refused', reason: 'closed' };
      return null;
    }
    await tx.saveOperatorEvent(id, key, fingerprint, now);
    const consequences = await advanceTicket(flow, tx, ticket, [happened], {
      actor: `service:${service}`,
      words: { pieces: new Phi(sayOperatorEvent(event)) },
    });
    const audit: NonEmpty<AuditEntry> = [entryOf(ticket, event), ...consequences.audit];
    return { value: consequences, audit, jobs: consequences.jobs };
  });
  if (outcome) {
    if ((outcome as OperatorEventOutcome).kind === 'refused') await refuse(flow, known, 'conflict');
    return outcome;
  }
  if (!done) throw new Error('event-without-outcome');
  tellAfterwards(flow, before, done);
  const now = done.ticket.ticketId === id ? done.ticket : await flow.store.read.ticket(id);
  return { kind: 'done', ticket: viewOf(now ?? done.ticket, false) };
}

/** What is said of a repeat call that concerns the ladder it joined. Closing it closes nothing else. */
const isOfBoth = ({ type }: OperatorEvent): boolean => type !== 'closed' && type !== 'cancelled';

/** Null when it cannot happen any more: nobody is connected about a ticket that is over. */
function ticketEvent(ticket: Ticket, { type, by }: OperatorEvent, fingerprint: string): TicketEvent | null {
  switch (type) {
    case 'patched':
      if (ticket.state === 'closed' || ticket.state === 'reported') return null;
      return { type: 'patched', by, eventId: eventId(`operator:${fingerprint}`) };
    case 'cancelled':
    case 'closed':
      return { type: 'closed', by, how: type };
    case 'corrected':
    case 'note':
      return { type: 'noted', how: type };
  }
}

const entryOf = (ticket: Ticket, { type, by }: OperatorEvent): AuditEntry => ({
  action: 'ticket.operator_event',
  outcome: 'ok',
  actor: `service:${ticket.service}`,
  ticket: ticket.ticketId,
  account: ticket.account,
  code: type,
  detail: { by },
});

async function refuse(flow: OperatorFlow, ticket: Ticket, code: string): Promise<void> {
  const { ticketId, account, service } = ticket;
  await flow.store.change(async () => ({
    value: null,
    audit: [
      {
        action: 'ticket.operator_event',
        outcome: 'refused',
        actor: `service:${service}`,
        ticket: ticketId,
        account,
        code,
      },
    ],
  }));
}
