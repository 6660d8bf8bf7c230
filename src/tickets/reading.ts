import type { UserId } from '../kernel/ids.ts';
import { type Draft, isOpen, standing, unreached } from './draft.ts';
import type { MessageKind, TicketEvent, TicketState } from './ticket.ts';

type Of<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;

/** What a human operator is told when the message reached nobody's device (data: timelines.yaml). */
const CANNOT_BE_READ = 'Message cannot be read, ring cell';

const RANK: Partial<Record<TicketState, number>> = { accepted: 0, sent: 1, undecryptable: 2, delivered: 2, seen: 3 };

/** Moves between the states before "seen"; nothing later is ever taken back to one of them. */
function settle(draft: Draft): void {
  const { state } = draft.ticket;
  const rank = RANK[state];
  if (rank === undefined) return;
  const next = standing(draft.ticket);
  if (next !== state && (RANK[next] ?? 0) >= rank) draft.set({ state: next });
}

/**
 * The homeserver accepted a message of this ticket. The first one makes it `sent`, and `delivered` or `undecryptable` by whether
 * everyone due has a device with the key; later ones tell the same of who became due since.
 */
export function posted(draft: Draft, event: Of<'posted'>): void {
  if (event.kind === 'notice') return;
  if (event.kind === 'report') {
    reported(draft, event);
    return;
  }
  const { ticket } = draft;
  if (event.kind === 'ticket' && event.eventId === ticket.rootEventId) return;
  if (event.kind === 'ticket' && ticket.rootEventId === null) {
    draft.set({ rootEventId: event.eventId, roomId: event.roomId });
    draft.timeline('sent');
    draft.report('sent');
    settleSent(draft);
  }
  if (event.kind === 'ticket' || ticket.postingAgain.length > 0) postFurtherParts(draft, event.kind);
  const { awaited = [] } = event;
  const unreachedBefore = unreached(ticket);
  draft.set({
    cannotRead: ticket.due.filter((user) => event.unreadableBy.includes(user) && !awaited.includes(user)),
    ...(event.kind === 'posted_again' ? { postingAgain: [] } : {}),
  });
  const unable = unreached(draft.ticket);
  for (const who of unable) if (!unreachedBefore.includes(who)) tellUndecryptable(draft, who);
  const delivered =
    draft.ticket.rootEventId !== null && ticket.due.length > 0 && unable.length === 0 && awaited.length === 0;
  if (delivered && !ticket.delivered) {
    draft.timeline('delivered');
    draft.report('delivered');
  }
  draft.set({ delivered, ...(delivered && ticket.deliverBy ? { deliverBy: null } : {}) });
  settle(draft);
}

/**
 * It is in the room that reads reports: an open ticket is done with, and may still be acknowledged by nobody. Not a STAT, nor an urgent
 * one for which somebody was called: a report that may be read in the morning takes it off nobody's hands, the ladder goes on. Without a
 * step it was only listed there.
 */
function reported(draft: Draft, { step }: Of<'posted'>): void {
  const { urgency, due } = draft.ticket;
  if (step === null || !isOpen(draft.ticket)) return;
  if (urgency === 'stat' || (urgency === 'urgent' && due.length > 0)) return;
  const at = { step };
  draft.set({ state: 'reported', nextStepAt: null, postingAgain: [] });
  draft.timeline('reported', at);
  draft.report('reported', at);
}

function settleSent(draft: Draft): void {
  if (draft.ticket.state === 'accepted') draft.set({ state: 'sent' });
}

/** A text too long for one event goes on in the thread. */
function postFurtherParts(draft: Draft, kind: MessageKind): void {
  if (kind !== 'ticket' && kind !== 'posted_again') return;
  for (let part = 1; part < draft.ticket.parts; part += 1) draft.post('notice', null, part, []);
}

function tellUndecryptable(draft: Draft, who: UserId): void {
  draft.timeline('undecryptable', { who });
  if (!isOpen(draft.ticket)) return;
  draft.report('undecryptable', { by: who });
  draft.alarm('undecryptable');
  // A test page asks nobody to ring anybody.
  if (draft.ticket.test) return;
  draft.timeline('todo', { who, code: 'DIAL' });
  draft.report('todo', { by: who, text: CANNOT_BE_READ });
}

/** Somebody due has a device that can be sent the key and does not have it: the ticket is posted again for it. */
export function readable(draft: Draft, { by }: Of<'readable'>): void {
  const { ticket } = draft;
  if (!isOpen(ticket) || ticket.rootEventId === null) return;
  if (!ticket.due.includes(by) || ticket.postingAgain.includes(by)) return;
  postAgain(draft, [by]);
}

/** Posts the whole text again for these people. */
export function postAgain(draft: Draft, people: readonly UserId[]): void {
  for (const who of people) draft.timeline('posted_again', { who });
  draft.post('posted_again', null, 1, people);
  draft.set({ postingAgain: [...draft.ticket.postingAgain, ...people] });
}

/** The message was displayed to somebody who is due or who may acknowledge. Told once per person; stops nothing. */
export function seen(draft: Draft, { by }: { readonly by: UserId }): void {
  const { ticket, directory } = draft;
  if (ticket.seenBy.includes(by)) return;
  if (!ticket.due.includes(by) && !directory.mayAcknowledge(ticket.account, ticket.urgency, by)) return;
  draft.set({ seenBy: [...ticket.seenBy, by] });
  draft.timeline('seen', { who: by });
  settle(draft);
  draft.report('seen', { by });
}
