import type { UserId } from '../kernel/ids.ts';
import { showHeld } from './begin.ts';
import { atCurrentStep, type Draft, isHeld, isOpen } from './draft.ts';
import type { Acknowledgement, TicketEvent } from './ticket.ts';

type Of<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;

/**
 * An operator connected caller and clinician: the ladder stops as by an acknowledgement (timelines.yaml, `patched`). Also after the
 * ladder gave up; beside an acknowledgement that stands it is recorded and not reported again.
 */
export function patched(draft: Draft, { by, eventId }: Of<'patched'>): void {
  const { ticket, now } = draft;
  const first = isOpen(ticket);
  if (!first && ticket.state !== 'acknowledged') return;
  showHeld(draft);
  const acknowledgement: Acknowledgement = { by, person: null, at: now, how: 'patched', strength: 'server', eventId };
  draft.set({
    acknowledgements: [...ticket.acknowledgements, acknowledgement],
    state: 'acknowledged',
    nextStepAt: null,
    postingAgain: [],
  });
  draft.timeline('acknowledged', { ...atCurrentStep(ticket), code: 'patched' });
  if (first) draft.report('acknowledged', { by, strength: 'server', ...atCurrentStep(ticket) });
  draft.words([]);
}

/**
 * The ticket is over: by the service that sent it (`cancelled`, `closed`) or by the clinician (`done`). Stops the ladder whatever state it
 * is in; those who were told learn of a cancellation.
 */
export function closed(draft: Draft, { by, how, who }: Of<'closed'>): void {
  const { ticket } = draft;
  if (ticket.state === 'closed') return;
  const isUnknown = isHeld(ticket);
  draft.set({ state: 'closed', closedBy: by, nextStepAt: null, postingAgain: [] });
  draft.timeline('closed', { ...(who ? { who } : {}), code: how });
  draft.report('closed', { by, ...atCurrentStep(ticket) });
  // Of what was held until it was over nobody has heard.
  if (how !== 'done' && !isUnknown) draft.words(how === 'cancelled' ? concerned(draft) : []);
}

/** What the operator adds goes into the thread; a correction calls those whom the ticket concerns. Stops nothing. */
export function noted(draft: Draft, { how }: Of<'noted'>): void {
  showHeld(draft);
  draft.timeline(how);
  draft.words(how === 'corrected' ? concerned(draft) : []);
}

/** Who acts on the ticket: those who took it, else those who are due. */
function concerned({ ticket }: Draft): readonly UserId[] {
  const taken = ticket.acknowledgements.flatMap(({ by, how }) => (how === 'patched' ? [] : [by as UserId]));
  return taken.length > 0 ? [...new Set(taken)] : ticket.due;
}
