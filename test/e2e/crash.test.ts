import { randomInt } from 'node:crypto';
import { wardroom } from '../../src/dev/demo/cli.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { roomHistory, ticketPart, ticketRoots } from '../../src/dev/roomHistory.ts';
import { Seeded } from '../../src/dev/seeded.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ticketCrashPoints } from '../../src/flows/crashPoint.ts';
import { toldOnce } from './support/callbacks.ts';
import { ask } from './support/database.ts';
import { postUntilTaken, type Taken } from './support/persistentCaller.ts';
import { Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

/** hostile.jsonl, "appservice killed between 200 answer and room send", is `accept.committed` to `post.stored` here. */
const KILLS = 14;
const CALLERS = 4;
/** A caller's next ticket comes so much after the last: enough traffic to reach every point, not a load test. */
const PAUSE_MS = 150;

const seed = Number(process.env.WARDROOM_TEST_SEED ?? randomInt(2 ** 31));
const random = new Seeded(seed);

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
let life: WardroomProcess;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('CRASH');
  life = new WardroomProcess(ward);
});
afterAll(async () => {
  await life?.start();
  await ward?.close();
});

const told = () => toldOnce(ward.receiver.callbacks);

const count = (all: ReturnType<typeof told>, status: string): number =>
  [...all.values()].flat().filter((one) => one.status === status).length;

/** A clinician who asks back in the thread of one ticket after the other; the roots of those threads. */
async function askInThreads(over: () => boolean): Promise<readonly string[]> {
  const asked = new Set<string>();
  const isNew = (event: SeenEvent) =>
    event.roomId === room && ticketPart(event.content)?.kind === 'ticket' && !asked.has(event.eventId);
  while (!over()) {
    const root = await beech.waitFor(isNew, { timeoutMs: 1000 }).catch(() => null);
    if (root === null) continue;
    asked.add(root.eventId);
    await beech.say(room, 'who is this for?', { thread: root.eventId });
  }
  return [...asked];
}

const allDelivered = (tickets: readonly Taken[], deadlineMs: number) =>
  pollUntil(
    'delivered, as the service was told',
    async () => {
      const now = told();
      return tickets.every(({ ticketId }) => now.get(ticketId)?.some((one) => one.status === 'delivered'));
    },
    { deadlineMs },
  );

describe(`Wardroom killed with -9 (WARDROOM_TEST_SEED=${seed})`, () => {
  it(`${KILLS} times, at every named point: each accepted ticket is in the room once, each status told in order`, async () => {
    process.stdout.write(`crash.test.ts: WARDROOM_TEST_SEED=${seed}\n`);
    const kills = random.shuffled([
      ...ticketCrashPoints,
      ...Array.from({ length: KILLS - ticketCrashPoints.length }, () => random.pick(ticketCrashPoints)),
    ]);
    await life.kill();
    let over = false;
    const taken: Taken[] = [];
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!over) {
        taken.push(await postUntilTaken(ward, ward.ticket('CRASH')));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    });
    const asking = askInThreads(() => over);
    try {
      for (const point of kills) expect(await life.startUntilCrash({ [point]: random.between(1, 6) })).toBe(point);
    } finally {
      over = true;
    }
    await life.start();
    await Promise.all(callers);
    const asked = await asking;
    await allDelivered(taken, 60_000);

    const history = await roomHistory(alder, room);
    const roots = ticketRoots(history);
    const ids = roots.map((root) => ticketPart(root.content)?.ticket_id);
    expect([...ids].sort()).toEqual(taken.map((one) => one.ticketId).sort());
    const refs = roots.map((root) => /· ref (T-[0-9a-f-]{36})\n/.exec(String(root.content?.body))?.[1]);
    expect([...refs].sort()).toEqual(taken.map((one) => one.externalId).sort());
    // Also none that this client cannot read.
    const sent = history.filter((event) => event.wireType === 'm.room.encrypted' && event.wireRelation === undefined);
    expect(sent).toHaveLength(taken.length);

    await pollUntil('every question passed on', async () => count(told(), 'replied') >= asked.length, {
      deadlineMs: 60_000,
    });
    const statuses = told();
    const fromRoot = new Map(roots.map((root) => [root.eventId, ticketPart(root.content)?.ticket_id]));
    for (const { ticketId } of taken) {
      const lines = statuses.get(ticketId) ?? [];
      expect(lines.map((one) => one.sequence)).toEqual(lines.map((_, index) => index + 1));
      // Who asks has seen it. On a slow machine the lives are so short and so many that what waits for its turn is truly delayed.
      const ofAsking = ['replied', 'seen', 'delayed'];
      expect(lines.map((one) => one.status).filter((status) => !ofAsking.includes(status))).toEqual([
        'accepted',
        'sent',
        'delivered',
      ]);
      expect(lines.filter((one) => one.status === 'replied')).toHaveLength(
        asked.filter((root) => fromRoot.get(root) === ticketId).length,
      );
    }
    expect(asked.length).toBeGreaterThanOrEqual(1);
    const ours = ward.receiver.callbacks.filter((one) => one.data.account === 'CRASH');
    expect(ours.filter((one) => !one.isSigned)).toEqual([]);
    // The caller who was cut off after the commit heard 200 on the second try.
    expect(taken.filter((one) => one.status === 200).length).toBeGreaterThanOrEqual(1);
    process.stdout.write(`crash.test.ts: ${kills.length} kills, ${taken.length} tickets, ${asked.length} replies\n`);

    const { stdout } = await wardroom([
      'audit',
      'fsck',
      '--json',
      ...ward.hospital.config_files.flatMap((file) => ['--config', file]),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, findings: [] });
  });

  it('is not held up by jobs that a dead worker keeps locked', async () => {
    // Without a homeserver nothing can be posted: every ticket gets a job for later.
    await ward.dev('kill', 'synapse');
    const tickets = await Promise.all(Array.from({ length: 8 }, () => postUntilTaken(ward, ward.ticket('CRASH'))));
    const ids = tickets.map((ticket) => ticket.ticketId);
    const jobs = `FROM graphile_worker.jobs WHERE key = ANY(SELECT 'post:' || message_id FROM wardroom.messages WHERE ticket_id = ANY($1))`;
    await pollUntil(
      'a job for each ticket',
      async () => (await ask(ward.hospital, `SELECT 1 ${jobs}`, [ids])).length === ids.length,
      { deadlineMs: 30_000 },
    );
    await life.kill();
    await ward.dev('start', 'synapse');
    await ask(
      ward.hospital,
      `UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'worker-dead', run_at = now()`,
    );
    expect(await ask(ward.hospital, `SELECT 1 ${jobs} AND locked_by = 'worker-dead'`, [ids])).toHaveLength(ids.length);
    await life.start();
    await allDelivered(tickets, 15_000);
    const roots = ticketRoots(await roomHistory(alder, room)).map((root) => ticketPart(root.content)?.ticket_id);
    expect(roots.filter((id) => id !== undefined && ids.includes(id)).sort()).toEqual([...ids].sort());
  });
});
