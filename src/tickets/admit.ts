import { climb, mentionOfRoot, resolveStep } from './climb.ts';
import { compileLadder } from './compileLadder.ts';
import type { DispatchDirectory } from './directory.ts';
import { Draft } from './draft.ts';
import type { Advanced, Ticket } from './ticket.ts';

/** What is known of a ticket before its first moment. */
export type Admission = Pick<
  Ticket,
  'ticketId' | 'service' | 'account' | 'externalId' | 'token' | 'urgency' | 'flags' | 'acceptedAt' | 'parts'
>;

/**
 * The first moment of a ticket's life. Its ladder is compiled for good, its message goes into the room whatever the protocol
 * says (so that every accepted ticket is there, once), and every step that is due at once is done.
 */
export function admit(admission: Admission, directory: DispatchDirectory): Advanced {
  const { account, urgency, acceptedAt } = admission;
  const { name, protocol, alarms, flags } = directory.protocolFor(account, urgency);
  const { plan, givesUpAt } = compileLadder(protocol, urgency, acceptedAt, directory.placeOf(account));
  const ticket: Ticket = {
    ...admission,
    flags: [...new Set([...admission.flags, ...flags])],
    state: 'accepted',
    protocol: name,
    plan,
    done: 0,
    givesUpAt,
    nextStepAt: plan[0]?.dueAt ?? givesUpAt,
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
  };
  const draft = new Draft(ticket, acceptedAt, directory);
  draft.timeline('accepted');
  draft.report('accepted');
  for (const code of alarms) draft.alarm(code);
  const root = plan.find(
    (planned) => planned.do === 'room' && planned.dueAt <= acceptedAt && resolveStep(draft, planned).kind === 'people',
  );
  draft.post('ticket', root?.step ?? null, 1, root ? mentionOfRoot(draft, root) : []);
  climb(draft, root ? { root } : {});
  return { ticket: draft.ticket, effects: draft.effects };
}
