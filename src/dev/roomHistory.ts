import type { IEvent } from 'matrix-js-sdk';
import type { MatrixEvent, Person } from './person.ts';
import { pollUntil } from './wait.ts';

/** A key that is not there after this time does not come: that event counts as unreadable. */
const KEY_WAIT_MS = 10_000;

/** An event of a room as the homeserver stores it, and what a person's client makes of it. */
export interface StoredEvent {
  readonly eventId: string;
  readonly sender: string;
  readonly wireType: string;
  /** The homeserver's relation, readable for everybody. */
  readonly wireRelation: unknown;
  /** Decrypted; null when this client cannot read it. */
  readonly content: Readonly<Record<string, unknown>> | null;
}

/**
 * Every event the homeserver has of a room that this person may see, latest first. Asked for page by page, so that nothing is
 * missed that the client's own sync might have skipped.
 */
export async function roomHistory(person: Person, room: string): Promise<readonly StoredEvent[]> {
  const events: MatrixEvent[] = [];
  const toEvent = person.client.getEventMapper({ decrypt: false, preventReEmit: true });
  for (let from = ''; ; ) {
    const page = await person.api<{ chunk: Partial<IEvent>[]; end?: string }>(
      'GET',
      `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=250${from && `&from=${encodeURIComponent(from)}`}`,
    );
    for (const stored of page.chunk) {
      const event = toEvent(stored);
      await person.client.decryptEventIfNeeded(event);
      events.push(event);
    }
    if (page.end === undefined) break;
    from = page.end;
  }
  // Event and key come over different requests; the client tries again by itself when a key arrives.
  const isLate = (event: MatrixEvent) => event.isDecryptionFailure() || event.isBeingDecrypted();
  await pollUntil('keys', async () => !events.some(isLate), { deadlineMs: KEY_WAIT_MS }).catch(() => undefined);
  return events.map((event) => ({
    eventId: event.getId() ?? '',
    sender: event.getSender() ?? '',
    wireType: event.getWireType(),
    wireRelation: event.getWireContent()['m.relates_to'],
    content: isLate(event) ? null : event.getOriginalContent(),
  }));
}

interface TicketPart {
  readonly ticket_id: string;
  readonly kind: string;
  readonly step?: number | null;
}

/** What a message of Wardroom says it is about. */
export const ticketPart = (content: Readonly<Record<string, unknown>> | null): TicketPart | undefined =>
  content?.['org.wardroom.ticket'] as TicketPart | undefined;

/** The thread roots of tickets in a room's history, as this client reads them. */
export const ticketRoots = (history: readonly StoredEvent[]): readonly StoredEvent[] =>
  history.filter((event) => ticketPart(event.content)?.kind === 'ticket');
