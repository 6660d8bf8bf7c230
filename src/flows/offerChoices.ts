import type { EventId, RoomId, UserId } from '../kernel/ids.ts';
import type { Ticket } from '../tickets/ticket.ts';
import type { DeliveryFlow } from './ticketFlow.ts';
import { offerable } from './wctpChoices.ts';
import { wctpOrigin } from './wctpOrigins.ts';

/**
 * Puts the choices that came with a ticket under its message, as reactions of the voice for clinicians to tap. Only those whose words
 * say nothing of anybody: reactions are not encrypted. A convenience: the choices also stand in the text, where they can be written.
 */
export async function offerChoices(
  flow: DeliveryFlow,
  voice: UserId,
  room: RoomId,
  ticket: Ticket,
  root: EventId,
): Promise<void> {
  if (flow.services.speaksWctp?.(ticket.service) !== true) return;
  const origin = await wctpOrigin(flow.services, flow.store.read, ticket.ticketId);
  const keys = offerable(origin?.choices.reveal() ?? []);
  for (const [index, key] of keys.entries())
    await flow.voices.send(voice, room, 'm.reaction', `wr.${ticket.ticketId}.offer.${index}`, {
      'm.relates_to': { rel_type: 'm.annotation', event_id: root, key },
    });
}
