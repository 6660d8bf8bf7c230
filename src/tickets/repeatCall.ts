import { climb } from './climb.ts';
import { atCurrentStep, Draft, isClimbing, isHeld, standing } from './draft.ts';
import { inPieces, plainLines } from './fitFields.ts';
import type { Acknowledgement, Advanced, Directory, Ticket, TicketEvent, Urgency } from './ticket.ts';
import { URGENCIES } from './ticket.ts';
import { ticketFields } from './ticketFields.ts';
import { type Admission, unborn } from './unborn.ts';
import { headline, oddities } from './wording.ts';

type Of<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;

/**
 * Whether a repeat call of this urgency joins the ladder of the ticket that it names (data README, "Tickets"). Not a ladder that has
 * ended, and not one of a lesser urgency: a call that is more urgent gets the ladder that it asks for.
 */
export const canJoin = (first: Ticket, urgency: Urgency): boolean =>
  isClimbing(first) && !isHeld(first) && !first.test && URGENCIES.indexOf(urgency) <= URGENCIES.indexOf(first.urgency);

/** The ticket of a repeat call in its first moment: no ladder and no number of its own, it follows the first one. */
export function joining(admission: Omit<Admission, 'token' | 'parts'>, first: Ticket, directory: Directory): Advanced {
  const ticket: Ticket = {
    ...unborn({ ...admission, token: '', parts: 1 }, ['repeat_call']),
    protocol: first.protocol,
    plan: [],
    givesUpAt: first.givesUpAt,
    nextStepAt: null,
    joins: first.ticketId,
  };
  const draft = new Draft(ticket, ticket.acceptedAt, directory);
  draft.timeline('accepted', { code: 'repeat-call' });
  draft.report('accepted');
  return { ticket: draft.ticket, effects: draft.effects };
}

/**
 * The caller rang again. What was said goes into the thread and calls who is due; where the protocol says so the clock jumps ahead:
 * what is due by then is done at once, once, and what comes later comes as much sooner. It never jumps back.
 */
export function calledAgain(draft: Draft, { ticketId, urgency }: Of<'called_again'>): void {
  const { ticket, now } = draft;
  draft.set({ joined: [...(ticket.joined ?? []), ticketId] });
  draft.timeline('repeat_call', atCurrentStep(ticket));
  draft.words(ticket.due);
  // Something for information only presses nobody.
  if (ticket.restartFrom === undefined || urgency === 'fyi' || !isClimbing(ticket)) return;
  const ahead = ticket.clockAhead ?? 0;
  const sooner = ticket.restartFrom - (now - ticket.acceptedAt + ahead);
  if (sooner <= 0) return;
  const jump = (at: number) => Math.max(now, at - sooner);
  draft.set({
    plan: ticket.plan.map((step, index) => (index < ticket.done ? step : { ...step, dueAt: jump(step.dueAt) })),
    givesUpAt: jump(ticket.givesUpAt),
    clockAhead: ahead + sooner,
  });
  climb(draft, { repeatsOnce: true });
}

/** What the first ticket became, and whether the text of the one that follows is in its room. */
export interface Followed {
  readonly before: Ticket;
  readonly after: Ticket;
  /** The text of the repeat call has just been posted; whether everyone due has a device with its key. */
  readonly posted?: { readonly isReadable: boolean };
}

/** One ladder, several tickets: those that joined go the way of the first. One that was closed for itself stays closed. */
export function follow(
  ticket: Ticket,
  { before, after, posted }: Followed,
  now: number,
  directory: Directory,
): Advanced {
  const draft = new Draft(ticket, now, directory);
  const place = { roomId: after.roomId, rootEventId: after.rootEventId };
  if (ticket.state === 'closed') return { ticket: posted ? { ...ticket, ...place } : ticket, effects: [] };
  if (posted && ticket.rootEventId === null) {
    draft.set({ ...place, delivered: posted.isReadable });
    if (ticket.state === 'accepted') draft.set({ state: 'sent' });
    draft.timeline('sent');
    draft.report('sent');
    if (posted.isReadable) {
      if (draft.ticket.state === 'sent') draft.set({ state: 'delivered' });
      draft.timeline('delivered');
      draft.report('delivered');
    }
  }
  if (before.state !== after.state) followState(draft, after);
  draft.set({ acknowledgements: after.acknowledgements });
  return { ticket: draft.ticket, effects: draft.effects };
}

function followState(draft: Draft, { state, acknowledgements, closedBy, seenBy, due }: Ticket): void {
  const { ticket } = draft;
  switch (state) {
    case 'acknowledged': {
      const taken = acknowledgements.at(-1);
      draft.set({ state });
      draft.timeline(state, taken?.how === 'patched' ? { code: 'patched' } : {});
      draft.report(state, saidBy(taken));
      return;
    }
    case 'closed':
      draft.set({ state });
      draft.timeline(state);
      draft.report(state, closedBy === undefined ? {} : { by: closedBy });
      return;
    case 'reported':
    case 'undelivered':
      draft.set({ state });
      draft.timeline(state);
      draft.report(state);
      return;
    default:
  }
  if (ticket.state === 'acknowledged' || ticket.state === 'undelivered') {
    draft.set({ state: standing({ ...ticket, due, seenBy: [] }), acknowledgements: [] });
    draft.timeline('unacknowledged');
    draft.report('unacknowledged');
  } else if (state === 'seen' && ticket.rootEventId !== null) {
    draft.set({ state });
    draft.timeline(state, seenBy.at(-1) === undefined ? {} : { who: seenBy.at(-1)! });
    draft.report(state, seenBy.at(-1) === undefined ? {} : { by: seenBy.at(-1)! });
  }
}

const saidBy = (taken: Acknowledgement | undefined) =>
  taken === undefined ? {} : { by: taken.by, strength: taken.strength };

/** A repeat call as clinicians read it in the thread of the first, in pieces that each fit a message. Health information. */
export function sayRepeatCall(ticket: Ticket, text: Readonly<Record<string, unknown>>): readonly string[] {
  return inPieces(
    [
      `THE CALLER RANG AGAIN: ${headline(ticket)}`,
      ...oddities(ticket, text).map((odd) => `\u26a0 ${odd}`),
      plainLines(ticketFields(text, ticket.flags)),
    ].join('\n'),
  );
}
