import type { UserId } from '../../kernel/ids.ts';
import type { Ticket, TicketEvent } from '../../tickets/ticket.ts';
import { changeTicket } from '../changeTicket.ts';
import type { Reads } from '../ports.ts';
import { mayTake } from '../takeTicket.ts';
import type { TicketFlow } from '../ticketFlow.ts';

/** A ticket of somebody who leaves, and what became of it. Never a word of its text. */
export interface HandedOn {
  readonly ticket_id: string;
  readonly account: string;
  readonly urgency: string;
  /** Took it, or was called and nobody has it yet. */
  readonly was: 'taken' | 'called';
  /** Who is called now; null: the ladder calls the next. */
  readonly to: UserId | null;
}

/** What somebody has in hand: tickets that wait for them, and those they took and nobody closed, however long ago. */
export async function ticketsOf(
  read: Pick<Reads, 'openTicketsDue' | 'heldTickets'>,
  user: UserId,
): Promise<readonly Ticket[]> {
  const [due, held] = [await read.openTicketsDue(user), await read.heldTickets(user, 0)];
  // A repeat call goes where the ticket goes that it joined.
  const waits = (ticket: Ticket) => !isGivenBack(ticket, user) && ticket.test !== true && ticket.joins === undefined;
  return [...held, ...due.filter(waits)];
}

/**
 * Gives a leaver's tickets to a colleague who may take them, else back to their ladders, which call the next at once where they wait for nobody
 * else. May be done again: what was given back once stays so.
 */
export async function handOn(
  flow: TicketFlow,
  user: UserId,
  to: UserId | null,
  actor: UserId,
): Promise<readonly HandedOn[]> {
  const done: HandedOn[] = [];
  for (const { ticketId } of await ticketsOf(flow.store.read, user)) {
    let one: HandedOn | null = null;
    await changeTicket(flow, ticketId, { actor }, (ticket) => {
      const was = hasTaken(ticket, user) ? 'taken' : 'called';
      const isOver = ticket.state === 'closed' || ticket.state === 'reported';
      if (isOver || (was === 'called' && isGivenBack(ticket, user))) return [];
      const next = to !== null && mayTake(flow, ticket, to) ? to : null;
      one = { ticket_id: ticketId, account: ticket.account, urgency: ticket.urgency, was, to: next };
      const event: TicketEvent =
        next === null ? { type: 'declined', by: user } : { type: 'passed', by: user, to: next };
      return [event];
    });
    if (one !== null) done.push(one);
  }
  return done;
}

const hasTaken = ({ state, acknowledgements }: Ticket, user: UserId): boolean =>
  state === 'acknowledged' && acknowledgements.some(({ by }) => by === user);

const isGivenBack = ({ declined = [] }: Ticket, user: UserId): boolean => declined.includes(user);
