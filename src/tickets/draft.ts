import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type {
  AlarmCode,
  Directory,
  Effect,
  MessageKind,
  ReportStatus,
  Summary,
  Ticket,
  TicketState,
  TimelineEvent,
  Urgency,
} from './ticket.ts';

/** States in which somebody can still answer. */
const OPEN: ReadonlySet<TicketState> = new Set([
  'accepted',
  'sent',
  'delivered',
  'undecryptable',
  'seen',
  'undelivered',
]);

/** The urgencies of which no failure may go unnoticed for long. */
export const PRESSING: readonly Urgency[] = ['stat', 'urgent'];

/** Not acknowledged, closed or reported. */
export const isOpen = (ticket: Ticket) => OPEN.has(ticket.state);

/** Whether the ladder still has something to do. */
export const isClimbing = (ticket: Ticket) => isOpen(ticket) && ticket.state !== 'undelivered';

type Details<T extends Effect['type'], K extends string> = Omit<Extract<Effect, { type: T }>, 'type' | K>;

/** A change to one ticket while it is being worked out: what it becomes and what has to be done. */
export class Draft {
  ticket: Ticket;
  readonly now: Instant;
  readonly directory: Directory;
  readonly effects: Effect[] = [];

  constructor(ticket: Ticket, now: Instant, directory: Directory) {
    this.ticket = ticket;
    this.now = now;
    this.directory = directory;
  }

  set(change: Partial<Ticket>): void {
    this.ticket = { ...this.ticket, ...change };
  }

  post(kind: MessageKind, step: number | null, repeat: number, mention: readonly UserId[]): void {
    this.effects.push({ type: 'post', kind, step, repeat, mention });
  }

  /** Into the room that reads reports; `step`: null for what is only listed there. One report is enough. */
  postReport(step: number | null, repeat: number, report: Summary): void {
    const { summary: _listed, ...rest } = this.ticket;
    this.ticket = rest;
    this.effects.push({ type: 'post', kind: 'report', step, repeat, mention: [], report });
  }

  timeline(event: TimelineEvent, details: Details<'timeline', 'event'> = {}): void {
    this.effects.push({ type: 'timeline', event, ...details });
  }

  report(status: ReportStatus, details: Details<'report', 'status'> = {}): void {
    this.effects.push({ type: 'report', status, ...details });
  }

  text(details: Details<'text', never>): void {
    this.effects.push({ type: 'text', ...details });
  }

  tell(who: readonly UserId[], notice: string): void {
    this.effects.push({ type: 'tell', who, notice });
  }

  words(mention: readonly UserId[]): void {
    this.effects.push({ type: 'words', mention });
  }

  alarm(code: AlarmCode, step?: number): void {
    this.effects.push({ type: 'alarm', code, ...(step === undefined ? {} : { step }) });
  }
}

/** The step of the protocol that was due last, counted from 0; null before the first. */
export const currentStep = (ticket: Ticket): number | null => ticket.plan[ticket.done - 1]?.step ?? null;

export const atCurrentStep = (ticket: Ticket): { readonly step?: number } => {
  const step = currentStep(ticket);
  return step === null ? {} : { step };
};

/** Of the people due, who has no device that could have got the key. */
export const unreached = (ticket: Ticket): readonly UserId[] =>
  ticket.due.filter((user) => ticket.cannotRead.includes(user));

/** The state that an open ticket's facts amount to, acknowledgements and the end of the ladder left aside. */
export function standing(ticket: Ticket): TicketState {
  if (ticket.seenBy.length > 0) return 'seen';
  if (ticket.rootEventId === null) return 'accepted';
  if (unreached(ticket).length > 0) return 'undecryptable';
  // Nobody is due yet: it lies in the room, and nobody was alerted. That is no delivery.
  return ticket.due.length > 0 && ticket.delivered ? 'delivered' : 'sent';
}

/** Whether it is not on its way yet, because its sender said so. */
export const isHeld = (ticket: Ticket): ticket is Ticket & { readonly heldUntil: Instant } =>
  ticket.heldUntil !== undefined && ticket.heldUntil !== null;

/** Whether its sender set a time for its delivery, and it neither was delivered nor has that been told. */
export const awaitsDelivery = (ticket: Ticket): ticket is Ticket & { readonly deliverBy: Instant } =>
  ticket.deliverBy !== undefined &&
  ticket.deliverBy !== null &&
  ['accepted', 'sent', 'undecryptable'].includes(ticket.state);

/** When the ladder next has something to do. */
export function nextStepAt(ticket: Ticket): Instant | null {
  if (!isClimbing(ticket)) return null;
  const step = isHeld(ticket) ? ticket.heldUntil : (ticket.plan[ticket.done]?.dueAt ?? ticket.givesUpAt);
  return awaitsDelivery(ticket) ? Math.min(step, Math.max(ticket.deliverBy, ticket.heldUntil ?? 0)) : step;
}
