import type { UserId } from '../kernel/ids.ts';
import type { Ticket } from '../tickets/ticket.ts';
import { changeTicket } from './changeTicket.ts';
import { textReaders } from './readers.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/**
 * Somebody's devices changed: every open ticket that is due to that person and that none, or not all, of the usable devices
 * can decrypt is posted again, encrypted for the devices of now.
 */
export async function postAgainFor(flow: DeliveryFlow, users: readonly UserId[]): Promise<void> {
  for (const user of users) {
    if (flow.isOwnUser(user)) continue;
    for (const ticket of await flow.store.read.openTicketsDue(user)) await postTicketAgain(flow, ticket, user);
  }
}

/** The same for one ticket. */
export async function postTicketAgain(flow: DeliveryFlow, ticket: Ticket, user: UserId): Promise<void> {
  const devices = (await flow.voices.reachable(flow.voices.userOf(ticket.service), [user])).get(user) ?? [];
  if (devices.length === 0) return;
  const known = textReaders(await flow.store.read.messagesOf(ticket.ticketId)).get(user);
  if (known && devices.every((device) => known.has(device))) return;
  await changeTicket(flow, ticket.ticketId, { actor: 'wardroom' }, async (locked, tx) => {
    const messages = await tx.messagesOf(locked.ticketId);
    const isOnItsWay = messages.some(
      (one) => one.state === 'queued' && one.kind !== 'notice' && one.mention.includes(user),
    );
    const now = textReaders(messages).get(user) ?? new Set();
    if (!locked.rootEventId || isOnItsWay || devices.every((device) => now.has(device))) return [];
    return [{ type: 'readable', by: user }];
  });
}
