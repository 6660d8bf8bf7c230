import type { EventId, UserId } from '../kernel/ids.ts';
import type { AcknowledgedHow, Strength, Ticket, TicketEvent } from '../tickets/ticket.ts';
import type { TicketFlow } from './ticketFlow.ts';

type Knowing = Pick<TicketFlow, 'clock' | 'directory'>;

/** How a person took responsibility. */
export interface Taking {
  readonly by: UserId;
  readonly how: AcknowledgedHow;
  readonly strength: Strength;
  /** The event that said so. */
  readonly event: EventId;
}

/** Whether a step of the ticket's protocol can name this person: only they may take it. */
export const mayTake = ({ directory }: Pick<Knowing, 'directory'>, ticket: Ticket, user: UserId): boolean =>
  directory.mayAcknowledge(ticket.account, ticket.urgency, user);

/** A person takes responsibility, now. */
export function taken({ clock, directory }: Knowing, { by, how, strength, event }: Taking): TicketEvent {
  return {
    type: 'acknowledged',
    acknowledgement: { by, person: directory.personOf(by), at: clock.now(), how, strength, eventId: event },
  };
}
