import type { Ticket } from './ticket.ts';

/** What is known of a ticket before its first moment. */
export type Admission = Pick<
  Ticket,
  | 'ticketId'
  | 'service'
  | 'account'
  | 'externalId'
  | 'token'
  | 'urgency'
  | 'flags'
  | 'acceptedAt'
  | 'parts'
  | 'heldUntil'
  | 'deliverBy'
  | 'asked'
>;

/** A ticket of which nothing has happened yet. */
export const unborn = (admission: Admission, flags: Ticket['flags']) =>
  ({
    ...admission,
    flags: [...new Set([...admission.flags, ...flags])],
    state: 'accepted',
    done: 0,
    due: [],
    cannotRead: [],
    alerted: [],
    postingAgain: [],
    delivered: false,
    seenBy: [],
    delayed: false,
    acknowledgements: [],
    withdrawn: [],
    roomId: null,
    rootEventId: null,
  }) as const;
