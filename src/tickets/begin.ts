import { climb, mentionOfRoot, resolveStep } from './climb.ts';
import { type Draft, isClimbing, isHeld, nextStepAt } from './draft.ts';
import type { PlannedStep } from './ticket.ts';

/**
 * The moment from which a ticket is on its way: its message goes into the room whatever the protocol says (so that every ticket is
 * there, once), and every step that is due at once is done. One that is held waits for it.
 */
export function begin(draft: Draft): void {
  if (!isClimbing(draft.ticket)) return;
  if (isHeld(draft.ticket) && draft.ticket.heldUntil > draft.now) {
    draft.set({ nextStepAt: nextStepAt(draft.ticket) });
    return;
  }
  if (isHeld(draft.ticket)) draft.set({ heldUntil: null });
  const root = draft.ticket.plan.find((planned) => isRoot(draft, planned));
  draft.post('ticket', root?.step ?? null, 1, root ? mentionOfRoot(draft, root) : []);
  climb(draft, root ? { root } : {});
  tellWhoWasAskedFor(draft);
}

/** A person asked for by name who is not called hears of it, and nothing more: whom the schedule names has the ticket. */
function tellWhoWasAskedFor(draft: Draft): void {
  const { asked: who, due, account } = draft.ticket;
  if (who === undefined || due.includes(who)) return;
  // Somebody who may not be in the room now is not let in for that.
  if (draft.directory.limitsAccess(account)) {
    draft.timeline('note', { who, code: 'asked-for-no-access' });
    return;
  }
  draft.timeline('note', { who, code: 'asked-for-off-duty' });
  draft.tell(
    [who],
    `For information only: ${who} was asked for by name and is not the one called. Nothing is expected.`,
  );
}

/** Somebody adds to a ticket that is held: what was said first goes into the room before it. Nobody is alerted sooner for that. */
export function showHeld(draft: Draft): void {
  if (!isHeld(draft.ticket)) return;
  draft.set({ heldUntil: null });
  draft.set({ nextStepAt: nextStepAt(draft.ticket) });
  draft.post('ticket', null, 1, []);
}

/** Whose people the ticket's first message is for. */
export const isRoot = (draft: Draft, planned: PlannedStep): boolean =>
  planned.do === 'room' && planned.dueAt <= draft.now && resolveStep(draft, planned).kind === 'people';
