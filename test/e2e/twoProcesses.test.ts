import { devStart } from '../../src/dev/commands.ts';
import { postTicket } from '../../src/dev/demo/answeringService.ts';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ask } from './support/database.ts';
import { messagesAbout, unreadableFor } from './support/rooms.ts';
import { SecondProcess } from './support/secondProcess.ts';
import { about, type TicketState, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

/** How soon the one that waits must be ready after the first one's death. */
const TAKE_OVER_MS = 5_000;
/** A process that lives and does nothing is known as such by its silence of ten seconds. */
const FROZEN_MS = 20_000;

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
let first: WardroomProcess;
let second: SecondProcess;
let third: SecondProcess | undefined;

/** Hands a ticket to one of the processes. */
async function postTo(url: string): Promise<string> {
  const { status, body } = await postTicket(url, ward.service('nightjar').token, ward.ticket('SECOND'));
  expect(status).toBe(202);
  return String(body.ticket_id);
}

const several = (url: string, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => postTo(url)));

/** Each of these tickets is in the room once with each of these messages, readable for everybody; told once and in order. */
async function arrivedOnce(ids: readonly string[], kinds: readonly string[] = ['ticket']): Promise<void> {
  for (const id of ids) {
    for (const kind of kinds) {
      await alder.waitFor(about(id, kind), { timeoutMs: 60_000 });
      await beech.waitFor(about(id, kind), { timeoutMs: 60_000 });
    }
    await ward.told(id, 'ticket.delivered');
    // The same callback may be repeated: its process may have ended before it could note that it was heard.
    expect([...new Set(ward.toldOf(id))].slice(0, 3)).toEqual(['accepted', 'sent', 'delivered']);
  }
  const found = await messagesAbout(alder, room, ids);
  for (const id of ids) expect(found.filter((one) => one.id === id).map(({ kind }) => kind)).toEqual(kinds);
  // A message index used twice, or a key that somebody else's engine sent, would be among them.
  expect(await unreadableFor(beech, room)).toEqual([]);
}

/** The voices whose engine somebody may run now, by how many sessions hold each. */
async function engines(): Promise<readonly number[]> {
  const rows = await ask<{ holders: number }>(
    ward.hospital,
    `SELECT count(*)::int AS holders FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE locktype = 'advisory' AND granted AND a.application_name = 'wardroom-crypto' GROUP BY classid, objid`,
  );
  return rows.map(({ holders }) => holders);
}

/** Somebody answers, and this process says so. */
async function acknowledge(url: string, id: string): Promise<void> {
  const root = await alder.waitFor(about(id, 'ticket'));
  await alder.say(room, 'ok', { thread: root.eventId });
  const headers = { authorization: `Bearer ${ward.service('nightjar').token}` };
  await pollUntil(
    'acknowledged',
    async () => {
      const answer = await fetch(`${url}/api/v1/tickets/${id}`, { headers });
      const { acknowledged } = (await answer.json()) as TicketState;
      return acknowledged?.strength === 'device';
    },
    { deadlineMs: 60_000 },
  );
}

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('SECOND');
  first = new WardroomProcess(ward);
  second = await SecondProcess.start(ward);
});
afterAll(async () => {
  await second?.process.kill();
  await third?.process.kill();
  await ward?.dev('clock', 'real');
  await devStart({ dir: ward.dir, part: 'wardroom' });
  await ward?.close();
});

describe('a second process on the same database', () => {
  it('that is configured like the first ends at once and names the port', async () => {
    const same = await SecondProcess.start(ward, { samePorts: true });
    expect((await same.process.exited).code).toBe(3);
    const port = new URL(ward.hospital.api_url).port;
    expect(same.log()).toContain(`port ${port} is taken (EADDRINUSE): does another Wardroom run here?`);
  });

  it('waits: lives, is not ready, says so, and speaks for nobody', async () => {
    await second.untilLogged('lead.waiting');
    await pollUntil('an answer', async () => (await second.notReady()) !== null, { deadlineMs: 60_000 });
    expect((await fetch(`${second.apiUrl}/health`)).status).toBe(200);
    expect(await second.notReady()).toEqual(['voices', 'rooms']);
    expect((await fetch(`${ward.hospital.api_url}/ready`)).status).toBe(200);
    // There is a hole in the schedule of WATCH: only the one that leads says so.
    expect(second.logged('alarm')).toEqual([]);
    const heartbeats = ward.receiver.callbacks.filter(({ type }) => type === 'service.heartbeat');
    for (const { data } of heartbeats) expect(data).toMatchObject({ voices: 'ok' });
  });

  it('takes tickets meanwhile, which the first one posts at once', async () => {
    const ids = await several(second.apiUrl, 8);
    const posted = performance.now();
    await alder.waitFor(about(ids[0] ?? '', 'ticket'));
    // The sweep would find it after ten seconds only.
    expect(performance.now() - posted).toBeLessThan(8_000);
    await arrivedOnce(ids);
  });

  it('keeps the time of ladders together with the first one, and every step is done once', async () => {
    const ids = [...(await several(second.apiUrl, 5)), ...(await several(ward.hospital.api_url, 5))];
    await arrivedOnce(ids);
    let isMoved = false;
    const moving = ward.dev('clock', 'advance', '2m').finally(() => {
      isMoved = true;
    });
    while (!isMoved) await second.poke();
    await moving;
    await arrivedOnce(ids, ['ticket', 'renotify']);
  });

  it('takes over within five seconds when the first one is killed with messages under way', async () => {
    const before = await several(ward.hospital.api_url, 3);
    const underWay = Promise.all([several(ward.hospital.api_url, 5), several(second.apiUrl, 5)]);
    const accepted = (await underWay).flat();
    await first.kill();
    const died = performance.now();
    await second.untilReady();
    const took = performance.now() - died;
    const after = await several(second.apiUrl, 3);
    process.stdout.write(`took over in ${(took / 1000).toFixed(1)} s\n`);
    expect(took).toBeLessThan(TAKE_OVER_MS);
    await arrivedOnce([...before, ...accepted, ...after]);
    expect((await engines()).every((holders) => holders === 1)).toBe(true);
    const gaps = () =>
      second.logged('alarm').filter(({ alarm, account }) => alarm === 'schedule-gap' && account === 'WATCH');
    await pollUntil('the alarm of the one that leads now', async () => gaps().length === 1, { deadlineMs: 10_000 });
  });
});

describe('the process that took over', () => {
  it('hears what people answer: the homeserver’s transactions come to it', async () => {
    await acknowledge(second.apiUrl, await postTo(second.apiUrl));
  });

  it('is itself followed when it is frozen, and what it had under way is neither lost nor doubled', async () => {
    third = await SecondProcess.start(ward);
    await third.untilLogged('lead.waiting');
    await pollUntil('an answer', async () => (await third?.notReady()) !== null, { deadlineMs: 60_000 });
    const before = await several(second.apiUrl, 8);
    second.process.signal('SIGSTOP');
    const frozen = performance.now();
    await third.untilLogged('lead.gained', FROZEN_MS);
    process.stdout.write(`followed a frozen process in ${((performance.now() - frozen) / 1000).toFixed(1)} s\n`);
    const after = await several(third.apiUrl, 5);
    // While the other is still frozen, with all of its connections open.
    await arrivedOnce([...before, ...after]);
    const holders = await engines();
    expect(holders.length).toBeGreaterThan(1);
    expect(holders.every((count) => count === 1)).toBe(true);
  });

  it('ends by itself when it wakes up, without another word, and the port for transactions is free', async () => {
    if (third === undefined) throw new Error('nobody followed');
    const underWay = await several(third.apiUrl, 3);
    second.process.signal('SIGCONT');
    expect((await second.process.exited).code).toBe(3);
    expect(second.logged('lead.overtaken')).toHaveLength(1);
    expect(second.log()).toContain('another process of this database took over');
    await third.untilReady();
    const later = await several(third.apiUrl, 3);
    await arrivedOnce([...underWay, ...later]);
    await acknowledge(third.apiUrl, later[0] ?? '');
  });
});
