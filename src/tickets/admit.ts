import { begin, isRoot } from './begin.ts';
import { resolveStep } from './climb.ts';
import { compileLadder, dueTime } from './compileLadder.ts';
import type { DispatchDirectory } from './directory.ts';
import { Draft, isHeld } from './draft.ts';
import type { Protocol } from './protocol.ts';
import type { Advanced, AlarmCode, Ticket } from './ticket.ts';
import { durationMs } from './times.ts';
import { type Admission, unborn } from './unborn.ts';

/**
 * The first moment of a ticket's life. Its ladder is compiled for good, from the instant until which the ticket is held, and begun unless it is.
 */
export function admit(admission: Admission, directory: DispatchDirectory): Advanced {
  const { account, urgency, acceptedAt } = admission;
  const { name, protocol, alarms, flags } = directory.protocolFor(account, urgency);
  const { plan, givesUpAt } = compileLadder(
    protocol,
    urgency,
    admission.heldUntil ?? acceptedAt,
    directory.placeOf(account),
  );
  const ticket: Ticket = {
    ...unborn(admission, flags),
    protocol: name,
    plan,
    givesUpAt,
    ...restartOf(protocol),
    ...summaryOf(admission, directory),
    nextStepAt: plan[0]?.dueAt ?? givesUpAt,
  };
  const draft = born(ticket, directory, alarms);
  begin(draft);
  return { ticket: draft.ticket, effects: draft.effects };
}

/** `caller_repeat_call: restart_from_15m`. */
function restartOf({ caller_repeat_call: rule }: Protocol): Pick<Ticket, 'restartFrom'> {
  const restartFrom = rule === undefined ? null : durationMs(rule.slice('restart_from_'.length));
  return restartFrom === null ? {} : { restartFrom };
}

/** `report_includes: all`. */
function summaryOf(admission: Admission, directory: DispatchDirectory): Pick<Ticket, 'summary'> {
  const { account, urgency, heldUntil, acceptedAt } = admission;
  const step = directory.summaryStep(account, urgency);
  return step
    ? { summary: { to: step.to, dueAt: dueTime(step.at, heldUntil ?? acceptedAt, directory.placeOf(account)) } }
    : {};
}

/** A test page is closed after this time, whoever has seen it. */
const TEST_PAGE_MS = 10 * 60_000;

/**
 * A page that tries the way to those whom a real ticket of this urgency would alert first: it counts as delivered when they can
 * read it. Nobody is mentioned, there is no ladder, and it closes by itself.
 */
export function admitTest(admission: Admission, directory: DispatchDirectory): Advanced {
  const { account, urgency, acceptedAt } = admission;
  const { name, protocol, alarms, flags } = directory.protocolFor(account, urgency);
  const { plan } = compileLadder(protocol, urgency, acceptedAt, directory.placeOf(account));
  const closesAt = acceptedAt + TEST_PAGE_MS;
  const ticket: Ticket = {
    ...unborn(admission, flags),
    protocol: name,
    plan: [],
    givesUpAt: closesAt,
    nextStepAt: closesAt,
    test: true,
  };
  const draft = born(ticket, directory, alarms);
  const root = plan.find((planned) => isRoot(draft, planned));
  const first = root && resolveStep(draft, root);
  if (first?.kind === 'people') draft.set({ due: first.people.map((person) => person.userId) });
  draft.post('ticket', null, 1, []);
  return { ticket: draft.ticket, effects: draft.effects };
}

function born(ticket: Ticket, directory: DispatchDirectory, alarms: readonly AlarmCode[]): Draft {
  const draft = new Draft(ticket, ticket.acceptedAt, directory);
  draft.timeline('accepted', isHeld(ticket) ? { code: 'held' } : {});
  draft.report('accepted');
  for (const code of alarms) draft.alarm(code);
  return draft;
}
