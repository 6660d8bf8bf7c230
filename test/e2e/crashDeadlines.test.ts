/** kill -9 around every kind of deadline and around a shift change: each is done once, and marked late when it is. */
import { randomInt } from 'node:crypto';
import type { Person } from '../../src/dev/person.ts';
import { roomHistory, type StoredEvent, ticketPart } from '../../src/dev/roomHistory.ts';
import { Seeded } from '../../src/dev/seeded.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { BusinessTime } from './support/businessTime.ts';
import { toldOnce } from './support/callbacks.ts';
import { ask } from './support/database.ts';
import { messagesAbout, ticketsIn } from './support/rooms.ts';
import { about, mentioned, type TicketState, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

const LATE_MS = 5000;
const MIN = 60_000;
const seed = Number(process.env.WARDROOM_TEST_SEED ?? randomInt(2 ** 31));
const random = new Seeded(seed);

/** Where the process may end itself, by what the deadline leaves to do. */
const OF_A_CHANGE = ['change.before_commit'] as const;
const OF_A_STATUS = [...OF_A_CHANGE, 'report.sent'] as const;
const OF_A_MESSAGE = [...OF_A_STATUS, 'post.encrypted', 'post.stored', 'post.sent', 'post.recorded'] as const;
type Points = typeof OF_A_CHANGE | typeof OF_A_STATUS | typeof OF_A_MESSAGE;

interface Deadline {
  readonly name: string;
  readonly event: string;
  readonly step: number;
  readonly after: number;
  readonly points: Points;
}
/** DEADLINES/STAT of fixtures/e2e.yaml, after its first message. */
const LADDER: readonly Deadline[] = [
  { name: 'a reminder', event: 'renotified', step: 1, after: 2 * MIN, points: OF_A_MESSAGE },
  { name: 'a text', event: 'step_due', step: 2, after: 5 * MIN, points: OF_A_CHANGE },
  { name: 'a call by the operator', event: 'todo', step: 3, after: 10 * MIN, points: OF_A_STATUS },
  {
    name: 'a call to a telephone that nobody has',
    event: 'step_skipped',
    step: 4,
    after: 12 * MIN,
    points: OF_A_CHANGE,
  },
  { name: 'the backup', event: 'step_due', step: 5, after: 15 * MIN, points: OF_A_MESSAGE },
  { name: 'another organisation', event: 'step_due', step: 6, after: 20 * MIN, points: OF_A_MESSAGE },
  { name: 'a to-do', event: 'todo', step: 7, after: 25 * MIN, points: OF_A_STATUS },
  { name: 'a repeated to-do', event: 'todo', step: 8, after: 35 * MIN, points: OF_A_STATUS },
  { name: 'the end of the ladder', event: 'undelivered', step: 8, after: 45 * MIN, points: OF_A_STATUS },
];
/** Monday 4 August 2031 in New York, four hours behind UTC. */
const local = (time: string): number => Date.parse(`2031-08-04T${time}:00-04:00`);

let ward: Ward;
let alder: Person;
let beech: Person;
let life: WardroomProcess;
let time: BusinessTime;
let late = 0;

beforeAll(async () => {
  ward = await Ward.open();
  // The backup as well: whoever is called can read it.
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech'), ward.person('np.cedar')]);
  life = new WardroomProcess(ward);
  time = new BusinessTime(ward.dir);
  await time.begin(local('05:00'));
  process.stdout.write(`crashDeadlines.test.ts: WARDROOM_TEST_SEED=${seed}\n`);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await life?.start();
  await ward?.close();
  process.stdout.write(`crashDeadlines.test.ts: ${late} of the deadlines were kept late\n`);
});

/**
 * Wardroom dies by kill -9 around an instant of business time: somewhere in the second about it, or, started after it, at a named point of
 * what it then does. It is up again when this returns.
 */
async function dieAround(instant: number, points: Points): Promise<void> {
  if (random.pick(['instant', 'point']) === 'instant') {
    await time.to(instant - random.between(0, 400));
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 800)));
    await life.kill();
    if (random.between(0, 1) === 1) await time.to(instant + random.between(0, 60) * 1000);
  } else {
    await time.to(instant - 2000);
    await life.kill();
    await time.to(instant + random.between(0, 60) * 1000);
    const point = random.pick<(typeof OF_A_MESSAGE)[number]>(points);
    expect(await life.startUntilCrash({ [point]: 1 })).toBe(point);
  }
  await life.start();
  await time.to(instant);
}

/** Until nothing is owed to the room and the service. */
async function settled(ids: readonly string[]): Promise<void> {
  const owed = `SELECT 1 FROM wardroom.messages WHERE ticket_id = ANY($1) AND state <> 'sent'
    UNION ALL SELECT 1 FROM wardroom.reports WHERE ticket_id = ANY($1) AND state = 'pending'`;
  await pollUntil('nothing owed', async () => (await ask(ward.hospital, owed, [ids])).length === 0, {
    deadlineMs: 60_000,
  });
}

const lineOf = ({ event, step, late: isLate }: TicketState['timeline'][number]) => [event, step, isLate ?? false];

/** Of the log: every entry of these is late exactly when it was done more than five seconds after it was due. */
function expectLateness(entries: readonly (TicketState['timeline'][number] & { readonly dueAt: number })[]): void {
  for (const { at, dueAt, late: isLate = false } of entries) {
    const lateness = Date.parse(at) - dueAt;
    expect(lateness).toBeGreaterThanOrEqual(0);
    expect(isLate).toBe(lateness > LATE_MS);
    if (isLate) late += 1;
  }
}

/** Told in order, each once; who read it and how long posts took is left aside. */
function statusesOf(id: string): readonly string[] {
  const lines = toldOnce(ward.receiver.callbacks).get(id) ?? [];
  expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map((_, index) => index + 1));
  return lines.map(({ status }) => status).filter((status) => status !== 'seen' && status !== 'delayed');
}

describe(`kill -9 (WARDROOM_TEST_SEED=${seed})`, () => {
  it('around every deadline of a ladder: each step is done once, in order, and marked late when it is', async () => {
    const id = await ward.post('DEADLINES');
    const acceptedAt = Date.parse((await ward.untilState(id, 'delivered')).accepted_at);
    for (const { name, event, step, after, points } of LADDER) {
      await dieAround(acceptedAt + after, points);
      const isDone = (ticket: TicketState) => ticket.timeline.some((one) => one.event === event && one.step === step);
      await ward.until(id, isDone).catch((error: unknown) => {
        throw new Error(`${name} was not done`, { cause: error });
      });
      await settled([id]);
    }
    const { timeline, state, next_step_at: next } = await ward.look(id);
    expect([state, next]).toEqual(['undelivered', null]);
    const kept = timeline.filter((one) => LADDER.some(({ event, step }) => one.event === event && one.step === step));
    expect(kept.map(({ event, step }) => [event, step])).toEqual(LADDER.map(({ event, step }) => [event, step]));
    expectLateness(kept.map((one, index) => ({ ...one, dueAt: acceptedAt + LADDER[index]!.after })));
    // Nothing else was logged of a step but the first one.
    const steps = timeline.filter(({ step, event }) => step !== undefined && event !== 'seen');
    expect(steps.map(lineOf)).toEqual([['step_due', 0, false], ...kept.map(lineOf)]);

    const room = await messagesAbout(alder, ward.room('DEADLINES'), [id]);
    expect(room.map(({ kind }) => kind)).toEqual(['ticket', 'renotify', 'escalation', 'escalation']);
    expect(statusesOf(id)).toEqual([
      'accepted',
      'sent',
      'delivered',
      'renotified',
      'todo',
      'escalated',
      'escalated',
      'todo',
      'todo',
      'todo',
      'undelivered',
    ]);
    await ward.tell(id, { type: 'closed' });
  });

  it('around a shift change: who comes on is handed the open ticket once', async () => {
    await time.to(local('06:58'));
    const id = await ward.post('DEADLINES', { urgency: 'URGENT' });
    await ward.untilState(id, 'delivered');
    await settled([id]);
    await dieAround(local('07:00'), OF_A_MESSAGE);
    const handed = await beech.waitFor(about(id, 'escalation'));
    expect(mentioned(handed)).toEqual([ward.userId('dr.beech')]);
    await settled([id]);
    const { timeline } = await ward.look(id);
    const changes = timeline.filter(({ code }) => code === 'shift-change');
    expect(changes.map(({ who }) => who)).toEqual([ward.userId('dr.beech')]);
    expectLateness(changes.map((one) => ({ ...one, dueAt: local('07:00') })));
    const room = await messagesAbout(alder, ward.room('DEADLINES'), [id]);
    expect(room.map(({ kind }) => kind)).toEqual(['ticket', 'escalation']);
    expect(statusesOf(id)).toEqual(['accepted', 'sent', 'delivered', 'escalated']);
    await ward.tell(id, { type: 'closed' });
  });

  it.each([
    ['the digest', 'FYI', '07:30'],
    ['the hour when the office opens', 'ROUTINE', '08:30'],
  ])('around %s: it is reported once', async (_, urgency, at) => {
    const id = await ward.post('DEADLINES', { urgency });
    await ward.told(id, 'ticket.sent');
    await settled([id]);
    await dieAround(local(at), OF_A_MESSAGE);
    const { timeline } = await ward.untilState(id, 'reported');
    await settled([id]);
    const due = timeline.filter(({ event }) => event === 'step_due');
    expect(due.map(({ step }) => step)).toEqual([0]);
    expectLateness(due.map((one) => ({ ...one, dueAt: local(at) })));
    expect(timeline.filter(({ event }) => event === 'reported')).toHaveLength(1);
    const isReport = ({ content }: Pick<StoredEvent, 'content'>) =>
      ticketPart(content)?.kind === 'report' && ticketsIn(content).includes(id);
    const { roomId } = await alder.waitFor(isReport);
    expect((await roomHistory(alder, roomId)).filter(isReport)).toHaveLength(1);
    expect(statusesOf(id)).toEqual(['accepted', 'sent', 'reported']);
  });
});
