import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { roleOfLadder } from './climb.ts';
import { isClimbing } from './draft.ts';
import type { Directory, PlannedStep, Ticket } from './ticket.ts';

/** A line of a ticket's timeline. */
export interface Happened {
  readonly at: Instant;
  readonly event: string;
  readonly who: string | null;
  readonly code: string | null;
}

/** Somebody as people know them: by their key in dispatch.yaml. `userId` is null where it is no person with a Matrix id. */
export interface Named {
  readonly name: string;
  readonly userId: UserId | null;
}

export interface Alerted {
  /** Everybody who has been alerted, in that order, each with the first time. */
  readonly soFar: readonly { readonly who: Named; readonly at: Instant }[];
  /** Who comes next, of those not alerted yet, if nobody takes the ticket; null when nobody does. By what the schedules say now. */
  readonly next: { readonly who: readonly Named[]; readonly at: Instant } | null;
}

const OPERATOR: Named = { name: 'the answering service\u2019s operator', userId: null };

/** Whom a ticket has alerted, and whom it alerts next (issue 5: a clinician sees who else was alerted). Never a telephone number. */
export function whoIsAlerted(ticket: Ticket, timeline: readonly Happened[], directory: Directory): Alerted {
  const soFar = new Map<string, { who: Named; at: Instant }>();
  for (const { at, event, who, code } of timeline) {
    const isCall = event === 'step_due' || (event === 'todo' && code === 'DIAL');
    if (!isCall || who === null || soFar.has(who)) continue;
    soFar.set(who, { who: named(who as UserId, directory), at });
  }
  return { soFar: [...soFar.values()], next: nextOf(ticket, directory, (user) => soFar.has(user)) };
}

export const named = (user: UserId, directory: Pick<Directory, 'personOf'>): Named => ({
  name: directory.personOf(user) ?? user,
  userId: user,
});

function nextOf(ticket: Ticket, directory: Directory, knows: (user: UserId) => boolean): Alerted['next'] {
  if (!isClimbing(ticket) || ticket.test) return null;
  for (const planned of ticket.plan.slice(ticket.done)) {
    const who = whomItAlerts(ticket, planned, directory).filter(({ userId }) => userId === null || !knows(userId));
    if (who.length > 0) return { who, at: planned.dueAt };
  }
  return ticket.due.length > 0 ? { who: [OPERATOR], at: ticket.givesUpAt } : null;
}

function whomItAlerts(ticket: Ticket, planned: PlannedStep, directory: Directory): readonly Named[] {
  if (planned.do === 'todo') return [OPERATOR];
  if (!['room', 'voice', 'patch'].includes(planned.do) || planned.to === undefined) return [];
  const { account, urgency, plan } = ticket;
  const role = roleOfLadder(directory, account, plan, planned);
  const found = directory.resolve(account, planned.to, planned.dueAt, { urgency, role });
  switch (found.kind) {
    case 'people':
      return found.people.map(({ userId }) => named(userId, directory));
    case 'organisation':
      return [{ name: found.org, userId: null }];
    case 'dispatcher':
      return [OPERATOR];
    case 'skip':
      return [];
  }
}
