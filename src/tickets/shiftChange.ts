import type { UserId } from '../kernel/ids.ts';
import { roleOfLadder } from './climb.ts';
import { type Draft, isOpen } from './draft.ts';
import type { PlannedStep } from './ticket.ts';

/**
 * Somebody else holds a role of which somebody was alerted: who came on is alerted too, and the ladder goes on as it stood. Nothing
 * to do when those who hold the roles now are due already.
 */
export function shiftChanged(draft: Draft, { late }: { readonly late: boolean }): void {
  const { ticket, directory } = draft;
  if (!isOpen(ticket) || ticket.test) return;
  const steps = ticket.plan.slice(0, ticket.done).filter(({ do: action, to }) => action === 'room' && to !== undefined);
  const onDuty = steps.map((step) => ({ step, people: holders(draft, step) }));
  const coming = new Map<UserId, PlannedStep>();
  for (const { step, people } of onDuty)
    for (const user of people) if (!ticket.due.includes(user)) coming.set(user, step);
  if (coming.size === 0) return;
  const last = onDuty.at(-1)!;
  const people = [...coming.keys()];
  draft.set({
    due: [...ticket.due, ...people],
    // Whom a reminder mentions: those who hold what the latest step named.
    ...(last.people.length > 0 ? { alerted: last.people } : {}),
  });
  for (const [who, { step }] of coming)
    draft.timeline('step_due', { step, who, code: 'shift-change', ...(late && { late }) });
  draft.post('escalation', last.step.step, last.step.repeat, people);
  draft.report('escalated', { step: last.step.step });

  function holders({ now }: Draft, planned: PlannedStep): readonly UserId[] {
    const { account, urgency, plan } = ticket;
    if (planned.to === undefined || directory.roleOf(account, planned.to) === undefined) return [];
    const role = roleOfLadder(directory, account, plan, planned);
    const found = directory.resolve(account, planned.to, now, { urgency, role });
    return found.kind === 'people' ? found.people.map(({ userId }) => userId) : [];
  }
}
