import type { AccountId, UserId } from '../kernel/ids.ts';
import { awaitsDelivery, type Draft, isClimbing, isHeld, nextStepAt, PRESSING } from './draft.ts';
import type { Directory, PlannedStep, Resolution } from './ticket.ts';

/** Done later than this after it was due, a step is marked late. */
export const LATE_MS = 5000;

/**
 * Does every planned step that is due and not done, in order, once; after the last one, and when its time has passed, the
 * ticket is undelivered. `root`: the plan entry whose people the ticket's first message already mentions.
 * `repeatsOnce`: of one step's repetitions that are all due, only the last is done, the others are logged as overtaken.
 */
export function climb(
  draft: Draft,
  options: { readonly root?: PlannedStep; readonly repeatsOnce?: boolean } = {},
): void {
  if (!isClimbing(draft.ticket) || isHeld(draft.ticket)) return;
  expire(draft);
  const { plan, done } = draft.ticket;
  const due = plan.slice(done).filter((planned) => planned.dueAt <= draft.now);
  for (const [index, planned] of due.entries()) {
    const overtaken = options.repeatsOnce && due.slice(index + 1).some((later) => later.step === planned.step);
    if (overtaken) skip(draft, planned, 'overtaken');
    else doStep(draft, planned, planned === options.root);
    draft.set({ done: draft.ticket.done + 1 });
  }
  const { done: allDone, givesUpAt } = draft.ticket;
  if (allDone >= plan.length && givesUpAt <= draft.now) giveUp(draft);
  draft.set({ nextStepAt: nextStepAt(draft.ticket) });
}

/** What a human operator is told when a ticket is not where it should be by the time that its sender set. */
const NOT_IN_TIME = 'Not delivered in the time that was set for it, ring';

/** It is told, and goes on: a page that comes late is better than none. */
function expire(draft: Draft): void {
  const { ticket, now } = draft;
  if (!awaitsDelivery(ticket) || ticket.deliverBy > now) return;
  draft.set({ deliverBy: null });
  draft.timeline('todo', { code: 'expired', ...lateness(draft, ticket.deliverBy) });
  draft.report('todo', { text: NOT_IN_TIME, code: 'expired' });
  draft.alarm('expired');
}

/** Nobody acknowledged: a human operator takes over. The ticket stays open, a later acknowledgement still counts. */
function giveUp(draft: Draft): void {
  if (draft.ticket.test) {
    draft.set({ state: 'closed' });
    draft.timeline('closed');
    draft.report('closed');
    return;
  }
  const step = draft.ticket.plan.at(-1)?.step;
  const at = step === undefined ? {} : { step };
  draft.set({ state: 'undelivered' });
  draft.timeline('undelivered', { ...at, ...lateness(draft, draft.ticket.givesUpAt) });
  draft.report('undelivered', at);
  draft.alarm('undelivered', step);
}

function doStep(draft: Draft, planned: PlannedStep, isRoot: boolean): void {
  const { step, repeat } = planned;
  const late = lateness(draft, planned.dueAt);
  switch (planned.do) {
    case 'room':
      doRoom(draft, planned, isRoot);
      return;
    case 'renotify': {
      const { alerted } = draft.ticket;
      if (alerted.length === 0) {
        skip(draft, planned, 'nobody-alerted');
        return;
      }
      draft.timeline('renotified', { step, ...late });
      draft.post('renotify', step, repeat, alerted);
      draft.report('renotified', { step });
      return;
    }
    case 'todo':
      draft.timeline('todo', { step, ...late });
      draft.report('todo', { step, ...(planned.text === undefined ? {} : { text: planned.text }) });
      return;
    case 'voice':
    case 'patch':
      dial(draft, planned);
      return;
    case 'report':
    case 'digest':
      doReport(draft, planned);
      return;
    case 'sms':
      doText(draft, planned);
  }
}

/** What a human operator is told when a page falls to somebody because nobody is on call. */
const NOBODY_ON_CALL = 'Nobody is on call by the schedule, the default list was called: tell the practice';

/**
 * The alarms that a resolution asks for. Of a hole in the schedule the operator hears as well, once a ticket: who is called instead
 * expects no call.
 */
function raise(draft: Draft, resolution: Resolution, step: number): void {
  if (!('alarms' in resolution)) return;
  for (const code of resolution.alarms) draft.alarm(code, step);
  if (!resolution.alarms.includes('schedule-hole') || draft.ticket.holeTold) return;
  draft.set({ holeTold: true });
  draft.timeline('todo', { code: 'schedule-hole' });
  draft.report('todo', { text: NOBODY_ON_CALL });
}

/** Into the room that the step names: nobody is alerted, and no acknowledgement is asked for (`reported` once it is there). */
function doReport(draft: Draft, planned: PlannedStep): void {
  const { step } = planned;
  if (!planned.to?.startsWith('#')) {
    skip(draft, planned, 'no-report-room');
    draft.alarm('step-skipped', step);
    return;
  }
  draft.timeline('step_due', { step, ...lateness(draft, planned.dueAt) });
  draft.postReport(step, planned.repeat, { to: planned.to, dueAt: planned.dueAt });
}

/** The practice wants to read in its report what became of the ticket, too. */
export function summaryDue(draft: Draft): void {
  const { summary } = draft.ticket;
  if (summary && summary.dueAt <= draft.now) draft.postReport(null, 1, summary);
}

/** Until there is a voice channel, the operator dials: a to-do that says whom, in the operators' word for it. */
function dial(draft: Draft, planned: PlannedStep): void {
  const { step } = planned;
  const resolution = resolveStep(draft, planned);
  raise(draft, resolution, step);
  if (resolution.kind === 'skip') {
    skip(draft, planned, resolution.code);
    return;
  }
  const late = lateness(draft, planned.dueAt);
  if (resolution.kind === 'people') {
    for (const { userId, person, phone } of resolution.people) {
      draft.timeline('todo', { step, who: userId, code: 'DIAL', ...late });
      draft.report('todo', {
        step,
        text: ['DIAL', person, ...(phone === undefined ? [] : [phone])].join(' '),
      });
    }
    return;
  }
  draft.timeline('todo', { step, code: 'DIAL', ...late });
  draft.report('todo', { step, text: resolution.kind === 'organisation' ? ringText(resolution) : 'DIAL' });
}

/** A text that somebody is waited for: no health information, and no claim that it was read. */
function doText(draft: Draft, planned: PlannedStep): void {
  const { step, repeat } = planned;
  const resolution = resolveStep(draft, planned);
  raise(draft, resolution, step);
  if (!draft.directory.texts(draft.ticket.account)) {
    skip(draft, planned, 'not-configured');
    return;
  }
  if (resolution.kind !== 'people') {
    skip(draft, planned, resolution.kind === 'skip' ? resolution.code : 'no-phone');
    return;
  }
  for (const to of resolution.people) {
    const { phone } = to;
    if (phone === undefined) {
      skip(draft, planned, 'no-phone');
      continue;
    }
    draft.timeline('step_due', { step, who: to.userId, code: 'SMS', ...lateness(draft, planned.dueAt) });
    draft.text({ step, repeat, to: { ...to, phone }, body: planned.text ?? null });
  }
}

const ringText = ({ org, role, agreement }: Extract<Resolution, { kind: 'organisation' }>) =>
  `DIAL ${role} at ${org} (${agreement})`;

function doRoom(draft: Draft, planned: PlannedStep, isRoot: boolean): void {
  const { step } = planned;
  const resolution = resolveStep(draft, planned);
  raise(draft, resolution, step);
  if (resolution.kind === 'skip') {
    skip(draft, planned, resolution.code);
    draft.alarm('step-skipped', step);
    return;
  }
  if (resolution.kind === 'organisation') {
    // Nobody there is known by a Matrix id: those in the room see whom the operator rings.
    draft.timeline('step_due', { step, code: 'DIAL', ...lateness(draft, planned.dueAt) });
    draft.post('escalation', step, planned.repeat, []);
    draft.report('escalated', { step });
    draft.report('todo', { step, text: ringText(resolution) });
    return;
  }
  if (resolution.kind === 'dispatcher') {
    // A human operator is no member of the room: told in the status instead.
    draft.timeline('todo', { step, ...lateness(draft, planned.dueAt) });
    draft.report('todo', { step });
    return;
  }
  const people = resolution.people.map((person) => person.userId);
  const { due } = draft.ticket;
  draft.set({ alerted: people, due: [...due.filter((user) => !people.includes(user)), ...people] });
  for (const who of people) draft.timeline('step_due', { step, who, ...lateness(draft, planned.dueAt) });
  if (isRoot) return;
  draft.post('escalation', step, planned.repeat, people);
  draft.report('escalated', { step });
}

/** Whom a step of the plan means now. */
export function resolveStep(draft: Draft, planned: PlannedStep): Resolution {
  if (planned.to === undefined) return { kind: 'skip', code: 'no-target', alarms: ['target-unknown'] };
  const { account, urgency, plan } = draft.ticket;
  const role = roleOfLadder(draft.directory, account, plan, planned);
  return draft.directory.resolve(account, planned.to, draft.now, { urgency, role });
}

/** Whose telephone `primary.cell` is: of the role that the ladder named last before it, else first after it. */
export function roleOfLadder(
  directory: Pick<Directory, 'roleOf'>,
  account: AccountId,
  plan: readonly PlannedStep[],
  planned: PlannedStep,
): string | undefined {
  const before = plan.filter(({ step }) => step < planned.step).reverse();
  for (const { to } of [...before, ...plan]) {
    const role = to === undefined ? undefined : directory.roleOf(account, to);
    if (role !== undefined) return role;
  }
  return undefined;
}

/** No step is skipped silently; where it leaves an urgent ticket with nobody alerted, an alarm is raised as well. */
function skip(draft: Draft, { step, dueAt }: PlannedStep, code: string): void {
  draft.timeline('step_skipped', { step, code, ...lateness(draft, dueAt) });
  const { urgency, due } = draft.ticket;
  if (code === 'not-configured' && PRESSING.includes(urgency) && due.length === 0) draft.alarm('step-skipped', step);
}

const lateness = (draft: Draft, dueAt: number): { readonly late?: true } =>
  draft.now - dueAt > LATE_MS ? { late: true } : {};

/** The people whom the ticket's first message mentions, if its first room step is due at once and says so. */
export function mentionOfRoot(draft: Draft, root: PlannedStep): readonly UserId[] {
  const resolution = resolveStep(draft, root);
  return root.mention && resolution.kind === 'people' ? resolution.people.map((person) => person.userId) : [];
}
