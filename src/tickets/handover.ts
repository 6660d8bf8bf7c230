import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { climb, resolveStep } from './climb.ts';
import { atCurrentStep, type Draft, isClimbing, isOpen, nextStepAt, standing } from './draft.ts';
import { seen } from './reading.ts';
import type { PlannedStep, Ticket, TicketEvent } from './ticket.ts';

type Of<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;

/** What a human operator is told when somebody declines and the ladder names nobody else. */
const NOBODY_ELSE = 'Declined, and the ladder names nobody else: call the practice';

/** Whether somebody has the ticket to give away: was called and it is open, or took it. */
export const holds = (ticket: Ticket, user: UserId): boolean =>
  hasTaken(ticket, user) || (isOpen(ticket) && ticket.due.includes(user));

/**
 * Somebody who was called does not take the ticket, or gives it back. The ladder goes on; when it waits for nobody else, the next step
 * that names another tier is done at once and not again when its time comes (data README, "Stopping"). Without one a human operator
 * is told.
 */
export function declined(draft: Draft, { by }: Of<'declined'>): void {
  seen(draft, { by });
  if (!holds(draft.ticket, by) || !giveBack(draft, by)) return;
  const wasWaitedFor = draft.ticket.alerted.includes(by);
  if (!wasWaitedFor && draft.ticket.declined?.includes(by)) return;
  tellDeclined(draft, by);
  if (!isClimbing(draft.ticket)) return;
  if (wasWaitedFor) callNextTier(draft);
  climb(draft, { repeatsOnce: true });
}

/**
 * Somebody who was called, or who took the ticket, hands it to a colleague by name, who is called. The ladder goes on from where it
 * stood.
 */
export function passed(draft: Draft, { by, to }: Of<'passed'>): void {
  const { ticket, directory } = draft;
  seen(draft, { by });
  if (!holds(ticket, by) || by === to || !directory.mayAcknowledge(ticket.account, ticket.urgency, to)) return;
  if (!giveBack(draft, by)) return;
  tellDeclined(draft, by);
  const { due, declined: others = [] } = draft.ticket;
  draft.set({
    alerted: [to],
    due: [...due.filter((user) => user !== to), to],
    declined: others.filter((user) => user !== to),
  });
  draft.timeline('step_due', { ...atCurrentStep(draft.ticket), who: to, code: 'passed' });
  draft.post('escalation', null, 1, [to]);
  climb(draft, { repeatsOnce: true });
}

const hasTaken = ({ state, acknowledgements }: Ticket, user: UserId): boolean =>
  state === 'acknowledged' && acknowledgements.some(({ by }) => by === user);

/** Takes back what somebody took. False when another's acknowledgement stands: then the ticket is in good hands. */
function giveBack(draft: Draft, by: UserId): boolean {
  const { ticket } = draft;
  if (!hasTaken(ticket, by)) return true;
  const mine = ticket.acknowledgements.filter((one) => one.by === by);
  const left = ticket.acknowledgements.filter((one) => one.by !== by);
  draft.set({ acknowledgements: left, withdrawn: [...ticket.withdrawn, ...mine.map(({ eventId }) => eventId)] });
  draft.timeline('unacknowledged', { who: by });
  if (left.length > 0) return false;
  draft.set({ state: standing(draft.ticket) });
  resume(draft, Math.min(...mine.map(({ at }) => at)));
  draft.report('unacknowledged', { by, ...atCurrentStep(ticket) });
  return true;
}

/** The time during which somebody had the ticket does not count: whoever comes next gets what the ladder gives. */
function resume(draft: Draft, since: Instant): void {
  const { plan, done, givesUpAt, clockAhead = 0 } = draft.ticket;
  const pause = Math.max(0, draft.now - since);
  draft.set({
    plan: plan.map((step, index) => (index < done ? step : { ...step, dueAt: step.dueAt + pause })),
    givesUpAt: givesUpAt + pause,
    clockAhead: clockAhead - pause,
  });
  draft.set({ nextStepAt: nextStepAt(draft.ticket) });
}

function tellDeclined(draft: Draft, by: UserId): void {
  const { declined: others = [] } = draft.ticket;
  draft.set({ declined: [...others.filter((user) => user !== by), by] });
  draft.timeline('declined', { ...atCurrentStep(draft.ticket), who: by });
  draft.report('declined', { by, ...atCurrentStep(draft.ticket) });
}

function callNextTier(draft: Draft): void {
  for (let next = nextTier(draft); next; next = nextTier(draft)) {
    const found = resolveStep(draft, next);
    bringForward(draft, next);
    if (found.kind !== 'skip') return;
  }
  draft.timeline('todo', { ...atCurrentStep(draft.ticket) });
  draft.report('todo', { text: NOBODY_ELSE, ...atCurrentStep(draft.ticket) });
}

/** The first room step to come that names another tier than the last one done, and somebody who has not declined. */
function nextTier(draft: Draft): PlannedStep | undefined {
  const { plan, done, declined: refused = [] } = draft.ticket;
  const current = plan.slice(0, done).findLast(({ do: action }) => action === 'room')?.to;
  return plan.slice(done).find((step) => {
    if (step.do !== 'room' || step.to === current) return false;
    const found = resolveStep(draft, step);
    return found.kind !== 'people' || found.people.some(({ userId }) => !refused.includes(userId));
  });
}

/** Does a step now, and not again when its time comes. */
function bringForward(draft: Draft, step: PlannedStep): void {
  const { plan, done } = draft.ticket;
  const later = plan.slice(done).filter((planned) => planned !== step);
  draft.set({ plan: [...plan.slice(0, done), { ...step, dueAt: draft.now }, ...later] });
  climb(draft, { repeatsOnce: true });
}
