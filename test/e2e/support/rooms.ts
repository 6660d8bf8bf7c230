import type { Person } from '../../../src/dev/person.ts';
import { roomHistory, ticketPart } from '../../../src/dev/roomHistory.ts';

/** `kind` and ticket of every message of Wardroom about these tickets that this person can read, in the order of the room. */
export async function messagesAbout(
  reader: Person,
  room: string,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly kind: string }[]> {
  const history = [...(await roomHistory(reader, room))].reverse();
  return history.flatMap((event) => {
    const part = ticketPart(event.content);
    return part && ids.includes(part.ticket_id) ? [{ id: part.ticket_id, kind: part.kind }] : [];
  });
}

/** What of Wardroom's encrypted messages in the room this person cannot read: a reused index or a lost key would be among them. */
export async function unreadableFor(reader: Person, room: string): Promise<readonly string[]> {
  return (await roomHistory(reader, room))
    .filter(
      ({ wireType, content, sender }) =>
        wireType === 'm.room.encrypted' && content === null && sender !== reader.userId,
    )
    .map(({ eventId }) => eventId);
}

/** The tickets that a message of Wardroom is about: one, or all that a report lists. */
export function ticketsIn(content: Readonly<Record<string, unknown>> | null): readonly string[] {
  const part = content?.['org.wardroom.ticket'] as { ticket_id?: string; ticket_ids?: readonly string[] } | undefined;
  return part?.ticket_ids ?? (part?.ticket_id === undefined ? [] : [part.ticket_id]);
}
