import type { UserId } from '../kernel/ids.ts';
import { climb } from './climb.ts';
import { atCurrentStep, type Draft, isOpen, nextStepAt, standing, unreached } from './draft.ts';
import { postAgain, seen } from './reading.ts';
import type { TicketEvent } from './ticket.ts';

type Of<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;

/**
 * Somebody took responsibility: the only thing that stops a ladder. Counts from anyone whom a step of the protocol can name,
 * also after the ladder gave up. Further ones are recorded (one may be withdrawn), the first is reported.
 */
export function acknowledged(draft: Draft, { acknowledgement }: Of<'acknowledged'>): void {
  const { ticket, directory } = draft;
  const { by, strength, eventId } = acknowledgement;
  if (ticket.acknowledgements.some((one) => one.eventId === eventId) || ticket.withdrawn.includes(eventId)) return;
  if (!directory.mayAcknowledge(ticket.account, ticket.urgency, by as UserId)) return;
  const first = isOpen(ticket);
  if (!first && ticket.state !== 'acknowledged') return;
  draft.set({
    acknowledgements: [...ticket.acknowledgements, acknowledgement],
    state: 'acknowledged',
    nextStepAt: null,
    // What was on its way may be dropped now.
    postingAgain: [],
  });
  draft.timeline('acknowledged', { ...atCurrentStep(ticket), who: by as UserId });
  if (first) draft.report('acknowledged', { by, strength, ...atCurrentStep(ticket) });
  // In rooms of their own the others do not see it.
  const others = ticket.due.filter((user) => user !== by);
  if (first && others.length > 0 && directory.deliversPersonally(ticket.account)) draft.tell(others, `Taken by ${by}.`);
}

/**
 * An acknowledgement was taken back. When none stands the ladder goes on from where it stood: what fell due meanwhile is done
 * at once, repetitions of one step only once.
 */
export function withdrawn(draft: Draft, { eventId }: Of<'withdrawn'>): void {
  const { ticket } = draft;
  if (!ticket.withdrawn.includes(eventId)) draft.set({ withdrawn: [...ticket.withdrawn, eventId] });
  const taken = ticket.acknowledgements.find((one) => one.eventId === eventId);
  if (!taken) return;
  const left = ticket.acknowledgements.filter((one) => one !== taken);
  draft.set({ acknowledgements: left });
  draft.timeline('unacknowledged', { who: taken.by as UserId });
  if (left.length > 0 || ticket.state !== 'acknowledged') return;
  draft.set({ state: standing(draft.ticket) });
  draft.set({ nextStepAt: nextStepAt(draft.ticket) });
  draft.report('unacknowledged', { by: taken.by, ...atCurrentStep(ticket) });
  const unable = unreached(draft.ticket);
  if (ticket.rootEventId !== null && unable.length > 0) postAgain(draft, unable);
  climb(draft, { repeatsOnce: true });
}

/** A text in the ticket's thread that acknowledges nothing: who writes has seen it; passed on. */
export function replied(draft: Draft, { by }: Of<'replied'>): void {
  seen(draft, { by });
  draft.timeline('reply', { who: by });
  draft.report('replied', { by });
}

/** It could not be posted for longer than it should take. Told once. */
export function delayed(draft: Draft): void {
  if (draft.ticket.delayed || !isOpen(draft.ticket)) return;
  draft.set({ delayed: true });
  draft.timeline('delayed');
  draft.report('delayed');
  draft.alarm('delayed');
}
