import type { Dispatcher } from '../flows/dispatcher.ts';
import type { Urgency } from '../tickets/ticket.ts';

/** Worth waiting for: in this time a homeserver takes a few hundred messages. */
const RETRY_AFTER_S = 10;

/** Whether so much waits before a ticket of an urgency that its service had better wait itself; see `http.backlog`. */
export const fullness =
  (dispatcher: Pick<Dispatcher, 'ahead'>, bounds: { readonly routine: number; readonly urgent: number }) =>
  (urgency: Urgency): number | null => {
    const bound = urgency === 'stat' || urgency === 'urgent' ? bounds.urgent : bounds.routine;
    return dispatcher.ahead(urgency) < bound ? null : RETRY_AFTER_S;
  };
