import type { EventId, RoomId, TicketId } from '../kernel/ids.ts';
import type { MessagesRead } from './messagesPort.ts';
import type { TicketsRead } from './ticketsPort.ts';

type Read = Pick<TicketsRead, 'ticketOfEvent'> & Pick<MessagesRead, 'hasUnrecordedMessage'>;

/** Thrown when an event points at a message whose event id is not recorded yet: the feed hands it over again. */
export class NotYet extends Error {}

/**
 * The ticket that the first of these events belongs to, if one does. A quick person can answer a message before the homeserver's answer
 * to our send is recorded: then this is tried again later.
 */
export async function meantTicket(read: Read, events: readonly EventId[], room: RoomId): Promise<TicketId | null> {
  if (events.length === 0) return null;
  const known = await ticketOf(read, events);
  if (known) return known;
  if (await read.hasUnrecordedMessage(room)) throw new NotYet('event-not-recorded-yet');
  // It may have been recorded between the two looks.
  return ticketOf(read, events);
}

async function ticketOf(read: Read, events: readonly EventId[]): Promise<TicketId | null> {
  for (const event of events) {
    const id = await read.ticketOfEvent(event);
    if (id) return id;
  }
  return null;
}
