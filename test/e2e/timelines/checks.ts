/** What each key of an expectation means in the real stack. Times are business time; ladders keep theirs to five seconds. */
import type { SeenEvent } from '../../../src/dev/person.ts';
import { shortRef } from '../../../src/flows/texting/stepTexts.ts';
import type { TicketId } from '../../../src/kernel/ids.ts';
import { clock, dispatch } from '../../tickets/fixtures.ts';
import { ticketsIn } from '../support/rooms.ts';
import { mentioned, relation } from '../support/ward.ts';
import { stepNumbers, ticketFor } from './data.ts';
import { NOT_APPLICABLE, SOONER } from './notApplicable.ts';
import { type Came, logOf, mainTicket, messagesOf, type Run, sampleAt } from './run.ts';

export type Expectation = Readonly<Record<string, unknown>>;

/** What `wardroom oncall simulate` says of the moment of acceptance. */
export interface DryRun {
  readonly resolve: readonly string[];
  readonly findings: readonly { readonly what: string }[];
  readonly steps: readonly { readonly step: number; readonly do: string; readonly people: readonly string[] }[];
}

export interface Hall {
  /** The Matrix id of a person of the data. */
  userId(key: string): string;
  dryRun(run: Run): Promise<DryRun>;
  /** Notices of the control room, as its members read them, since the ticket was accepted. */
  alarms(run: Run): readonly string[];
  /** What a telephone showed at any time. */
  textsOn(phone: string): readonly string[];
  /** The id of a room by its alias in the data. */
  reportRoom(alias: string): Promise<string>;
}

const LADDER_MS = 5000;
/** What the homeserver and the clients take is theirs: on a busy machine that is more than a ladder may be late. */
const HOMESERVER_MS = 30_000;
const STEP_EVENTS = ['step_due', 'renotified', 'todo', 'step_skipped'];

interface Subject {
  readonly run: Run;
  readonly hall: Hall;
  readonly expected: Expectation;
  /** When; null: at any time. */
  readonly at: number | null;
  readonly isAbsent: boolean;
}
type Entry = ReturnType<typeof logOf>[number];
type Check = (value: unknown, subject: Subject) => void | Promise<void>;

/** Says something of another key of the same expectation, or nothing that could be checked. */
const SAYS_NOTHING = ['t', 'at', 'by', 'because', 'absent', 'times', 'late', 'wall', 'to'] as const;

/** Says how far it is off. */
function expectNear(at: number, wanted: number | null): void {
  const off = wanted === null ? 0 : (at - wanted) / 1000;
  if (Math.abs(off) * 1000 > HOMESERVER_MS) throw new Error(`came at ${new Date(at).toISOString()}, ${off} s off`);
}

const isNear = (at: number, wanted: number | null, ms = LADDER_MS) => wanted === null || Math.abs(at - wanted) <= ms;

/** Of the log: what happened then, as often and as late as expected; nothing, where it must be absent. */
function expectEntries(entries: readonly Entry[], { run, expected, at, isAbsent }: Subject): readonly Entry[] {
  const isSooner = SOONER.some((one) => one.timeline === run.timeline.id && one.t === expected.t);
  // What is late waited for a process that starts.
  const tolerance = expected.late === true ? HOMESERVER_MS : LADDER_MS;
  const then = entries.filter((one) =>
    isSooner && at !== null ? one.at <= at + LADDER_MS : isNear(one.at, at, tolerance),
  );
  if (isAbsent) {
    expect(then).toEqual([]);
    return then;
  }
  expect({ expected, found: then.length > 0 }).toEqual({ expected, found: true });
  if (expected.times !== undefined) expect(entries).toHaveLength(Number(expected.times));
  expect(then.map(({ entry }) => entry.late ?? false)).toEqual(then.map(() => expected.late === true));
  if (typeof expected.wall === 'string')
    for (const one of then) expect(isNear(one.at, Date.parse(expected.wall))).toBe(true);
  return then;
}

const entriesOf = (run: Run, event: string, steps?: readonly number[]): readonly Entry[] =>
  logOf(run).filter(
    ({ entry }) => entry.event === event && (steps === undefined || steps.includes(entry.step ?? Number.NaN)),
  );

function checkDial(subject: Subject): void {
  const { run, expected, at, isAbsent } = subject;
  const dials = entriesOf(run, 'todo').filter(({ entry }) => entry.code === 'DIAL');
  const told = run.callbacks.filter(
    ({ at: when, what }) =>
      what.type === 'ticket.todo' &&
      /\bDIAL\b|\bring cell\b/.test(String(what.data.text)) &&
      (at === null || when >= at - LADDER_MS),
  );
  if (expected.to !== undefined && !isAbsent)
    expect(told.map(({ what }) => String(what.data.text)).some((text) => text.includes(String(expected.to)))).toBe(
      true,
    );
  expectEntries(dials, subject);
}

const texts = (run: Run): readonly Entry[] =>
  entriesOf(run, 'step_due', stepNumbers(run.timeline, 'sms')).filter(({ entry }) => entry.code === 'SMS');

async function checkReport(action: string, subject: Subject): Promise<void> {
  const { run, hall, expected, at } = subject;
  const steps = stepNumbers(run.timeline, action);
  expectEntries(entriesOf(run, 'step_due', steps), subject);
  const [report, ...more] = messagesOf(run, 'report');
  expect(more).toEqual([]);
  expect([report?.what.roomId, mentioned(report!.what)]).toEqual([await hall.reportRoom(String(expected.room)), []]);
  expectNear(report!.at, at);
}

const LOGS: Readonly<Record<string, (subject: Subject) => void | Promise<void>>> = {
  /** The script of the protocol has begun: the first message is out. */
  'Auto Script': ({ run, at }) => {
    const [sent] = entriesOf(run, 'sent');
    expectNear(sent!.at, at);
  },
  DIAL: checkDial,
  'SM SMS Submit Success': (subject) => void expectEntries(texts(subject.run), subject),
  'CLIENT SMS': ({ run, at }) => {
    const [taken] = entriesOf(run, 'acknowledged');
    expectNear(taken!.at, at);
    expect(run.samples.at(-1)?.ticket.acknowledged?.strength).toBe('sms');
  },
  'posted again': (subject) => {
    const [again] = expectEntries(entriesOf(subject.run, 'posted_again'), subject);
    expect(messagesOf(subject.run, 'posted_again').map(({ what }) => mentioned(what))).toEqual([[again?.entry.who]]);
  },
  'skipped voice to primary.second': (subject) => {
    const steps = stepNumbers(subject.run.timeline, 'voice', 'primary.second');
    const [skipped] = expectEntries(entriesOf(subject.run, 'step_skipped', steps), subject);
    expect(skipped?.entry.code).toBe('no-phone');
  },
  digest: (subject) => checkReport('digest', subject),
  report: (subject) => checkReport('report', subject),
};

async function checkLog(value: unknown, subject: Subject): Promise<void> {
  const { run, at, isAbsent } = subject;
  const reminder = /^renotify (\d+)$/.exec(String(value));
  if (reminder) {
    const nth = Number(reminder[1]);
    const [entry] = entriesOf(run, 'renotified').slice(nth - 1);
    expectEntries(entry === undefined ? [] : [entry], subject);
    if (isAbsent) return;
    const message = messagesOf(run, 'renotify')[nth - 1];
    expectNear(message!.at, at);
    expect(relation(message!.what)).toMatchObject({ rel_type: 'm.thread', event_id: run.ended?.event_id });
    return;
  }
  const check = LOGS[String(value)];
  if (!check) throw new Error(`nobody knows the activity ${String(value)}`);
  await check(subject);
}

/** A room step: who holds the role then is called in the thread, by name. */
function checkRoom(value: unknown, subject: Subject): void {
  const { run, hall, expected, at } = subject;
  if (typeof value !== 'string' || value.startsWith('#')) return;
  const steps = stepNumbers(run.timeline, 'room', value);
  const [due] = expectEntries(entriesOf(run, 'step_due', steps), subject);
  if (!due) return;
  const calls = messagesOf(run, 'escalation', due.entry.step);
  expect(calls).toHaveLength(1);
  const [call] = calls as [Came<SeenEvent>];
  expect(call.what.roomId).toBe(run.room);
  expectNear(call.at, at);
  const wanted = expected.resolve === undefined ? [] : [hall.userId(String(expected.resolve))];
  expect(mentioned(call.what)).toEqual(wanted);
  if (value === 'cross_org_backup') {
    expect(due.entry.code).toBe('DIAL');
    expect(run.callbacks.some(({ what }) => /^DIAL .* at fenwickvale\.example/.test(String(what.data.text)))).toBe(
      true,
    );
  }
}

/** Who is on call: without a time, the first whom the ticket called. */
function checkResolve(value: unknown, { run, hall, expected }: Subject): void {
  if (expected.room !== undefined) return;
  const first = logOf(run).find(({ entry }) => entry.who !== undefined && ['step_due', 'todo'].includes(entry.event));
  expect(first?.entry.who).toBe(hall.userId(String(value)));
  const [root] = messagesOf(run, 'ticket');
  if (mentioned(root!.what).length > 0) expect(mentioned(root!.what)).toEqual([hall.userId(String(value))]);
}

function checkTodo(value: unknown, subject: Subject): void {
  const [who, text] = String(value).split(': ');
  expect(who).toBe('dispatcher');
  const { run, at, isAbsent } = subject;
  const todos = entriesOf(run, 'todo').filter(({ entry }) => text !== undefined || entry.code === undefined);
  expectEntries(todos, subject);
  if (isAbsent) return;
  const told = run.callbacks.filter(({ what }) => what.type === 'ticket.todo');
  if (text !== undefined) expect(told.map(({ what }) => String(what.data.text).toLowerCase()).join()).toContain(text);
  else if (!told.some((one) => isNear(one.at, at, HOMESERVER_MS))) expectNear(told.at(-1)?.at ?? 0, at);
}

function checkEscalation(value: unknown, { run, at }: Subject): void {
  const { state, next_step_at: next } = sampleAt(run, at!);
  if (value === 'continues') {
    expect(next).not.toBeNull();
    expect(['sent', 'delivered', 'undecryptable', 'seen']).toContain(state);
    return;
  }
  expect(value).toBe('stopped');
  expect([['acknowledged', 'closed'].includes(state), next]).toEqual([true, null]);
  expect(logOf(run).filter((one) => one.at > at! + LADDER_MS && STEP_EVENTS.includes(one.entry.event))).toEqual([]);
}

/** What the console was told then. */
function checkWctp(value: unknown, { run, expected, at }: Subject): void {
  const until = typeof expected.by === 'string' ? run.acceptedAt + clock(expected.by) : at!;
  const then = run.pushed.filter((one) => one.at >= at! - LADDER_MS && one.at <= until + HOMESERVER_MS);
  const said = then.map(({ what }) => (/^(QUEUED|DELIVERED|READ)$/.test(what.says) ? what.says : kindOf(what.raw)));
  expect(said).toContain(value);
  for (const { what } of run.pushed) expect(what.raw).not.toContain('CNRY');
}
const kindOf = (raw: string): string => /wctp-(MessageReply|SubmitRequest|Failure)\b/.exec(raw)?.[1] ?? 'unknown';

/** The telephone shows it, with Wardroom's own short reference: the service's id may hold anything (data README, "Protocols"). */
function checkSms(value: unknown, subject: Subject): void {
  const { run, hall, expected } = subject;
  const [sent] = expectEntries(texts(run), subject);
  const person = Object.entries(dispatch.people).find(([key]) => hall.userId(key) === sent?.entry.who);
  const phone = String(expected.to ?? person?.[1].cell);
  const shown = hall.textsOn(phone);
  const wording = String(value).replace(/Ref .*$/, `Ref ${shortRef({ ticketId: mainTicket(run) as TicketId })}`);
  expect(shown).toContain(wording);
  expect(shown.join()).not.toContain('CNRY');
}

/** `mgr.hale` reads the control room; an operator is told with the ticket itself, as a to-do. */
function checkAlarm(value: unknown, { run, hall }: Subject): void {
  expect(value).toEqual(['dispatcher', 'mgr.hale']);
  expect(hall.alarms(run).join()).toMatch(/no-schedule|schedule-hole/);
  const told = run.callbacks.filter(({ what }) => /no schedule|by the schedule/.test(String(what.data.text)));
  expect(told.map(({ what, at }) => [what.type, isNear(at, run.acceptedAt, HOMESERVER_MS)])).toEqual([
    ['ticket.todo', true],
  ]);
}

const rootBody = (run: Run): string => String(messagesOf(run, 'ticket')[0]?.what.content.body);

const CHECKS: Readonly<Record<string, Check>> = {
  log: checkLog,
  room: checkRoom,
  resolve: checkResolve,
  todo: checkTodo,
  escalation: checkEscalation,
  wctp: checkWctp,
  sms: checkSms,
  alarm: checkAlarm,
  gap: async (value, { run, hall }) =>
    expect((await hall.dryRun(run)).findings.map(({ what }) => what).join()).toContain(String(value)),
  fallback: async (value, { run, hall }) => expect((await hall.dryRun(run)).resolve).toEqual([value]),
  order_request: (_, { run }) => {
    expect(rootBody(run)).toContain('enter orders in CPOE; no order is carried out from this chat');
  },
  patch: (value, { run }) => {
    expect(value).toBe('by hand');
    expect(rootBody(run)).toContain('the caller asks to be connected');
  },
  ladders: (value, { run }) => {
    const joined = new Set(run.callbacks.map(({ what }) => what.data.ticket_id));
    expect([joined.size, messagesOf(run, 'ticket').length]).toEqual([run.tickets.size, value]);
  },
  rooms_messages_linked: (value, { run }) => {
    expect([...run.tickets.keys()]).toEqual(value);
    const [, again] = value as string[];
    const linked = messagesOf(run, 'notice').filter(({ what }) =>
      String(what.content.body).includes(String(ticketFor(run.timeline, again!).reason)),
    );
    expect(linked.map(({ what }) => relation(what)?.event_id)).toEqual([run.ended?.event_id]);
  },
  room_messages: (value, { run }) => {
    expect(run.messages.filter(({ what }) => relation(what) === undefined)).toHaveLength(Number(value));
  },
  note: (value, { run }) => {
    expect(value).toBe('stays on the board');
    expect(run.board).toContain(mainTicket(run));
  },
  order: (value, { run }) => {
    const roots = run.messages.filter(({ what }) => relation(what) === undefined);
    expect(roots.flatMap(({ what }) => ticketsIn(what.content))).toEqual(
      (value as string[]).map((name) => run.tickets.get(name)),
    );
  },
};

const KNOWN: ReadonlySet<string> = new Set([
  ...SAYS_NOTHING,
  ...Object.keys(CHECKS),
  'room_class',
  'federated',
  'body_contains_canary',
]);

/** Why this key is not looked at in this timeline; null when it is. */
export const excuse = (timeline: string, key: string, value: unknown): string | null =>
  NOT_APPLICABLE.find(
    (one) =>
      one.key === key &&
      (one.timeline === undefined || one.timeline === timeline) &&
      (one.value === undefined || one.value === value),
  )?.why ?? null;

/** Keys that nobody looks at. A key without a value is the rest of a remark that holds a comma. */
export const unknownKeys = (expected: Expectation): readonly string[] =>
  Object.keys(expected).filter((key) => !KNOWN.has(key) && expected[key] !== null);

export async function check(expected: Expectation, run: Run, hall: Hall): Promise<void> {
  const at =
    typeof expected.t === 'string'
      ? run.acceptedAt + clock(expected.t)
      : typeof expected.at === 'string'
        ? Date.parse(expected.at)
        : null;
  for (const [key, value] of Object.entries(expected)) {
    // A text that is not sent leaves a trace that is looked at all the same.
    if (excuse(run.timeline.id, key, value) !== null) continue;
    await CHECKS[key]?.(value, { run, hall, expected, at, isAbsent: expected.absent === true });
  }
}
