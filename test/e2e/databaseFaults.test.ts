import { setTimeout as pause } from 'node:timers/promises';
import { devKill, devStart, devStatus } from '../../src/dev/commands.ts';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { FaultyTcp } from '../support/faultyTcp.ts';
import { postUntilTaken } from './support/persistentCaller.ts';
import { messagesAbout, unreadableFor } from './support/rooms.ts';
import { smallDisk } from './support/smallDisk.ts';
import { about, Ward } from './support/ward.ts';

/** How long the database is gone, or connected and silent. */
const GONE_MS = 30_000;
/** A caller must be told "not now" by then: a statement's patience, a connection's, and the way. */
const REFUSED_WITHIN_MS = 30_000;

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
let relay: FaultyTcp;

const restart = async (): Promise<void> => {
  await devKill({ dir: ward.dir, part: 'wardroom' });
  await devStart({ dir: ward.dir, part: 'wardroom' });
};
const wardroomPid = async () => (await devStatus({ dir: ward.dir })).hospitals[0]?.parts.wardroom.pid ?? null;
const get = (path: string) => fetch(`${ward.hospital.api_url}${path}`);
const untilReady = () => pollUntil('ready', async () => (await get('/ready')).status === 200, { deadlineMs: 90_000 });

/** One attempt to hand a ticket over. */
async function attempt(ticket: Record<string, unknown>) {
  const asked = performance.now();
  const response = await fetch(`${ward.hospital.api_url}/api/v1/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ward.service('nightjar').token}`, 'content-type': 'application/json' },
    body: JSON.stringify(ticket),
  });
  await response.arrayBuffer();
  return {
    status: response.status,
    retryAfter: Number(response.headers.get('retry-after')),
    ms: performance.now() - asked,
  };
}

/** Answering services that give each ticket until it is taken; ends when `until` resolves, with what was taken. */
async function callers(until: Promise<unknown>): Promise<string[]> {
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  const one = async (): Promise<string[]> => {
    const taken: string[] = [];
    while (!isOver) {
      taken.push((await postUntilTaken(ward, ward.ticket('DATABASE'))).ticketId);
      await pause(300);
    }
    return taken;
  };
  return (await Promise.all([one(), one()])).flat();
}

async function arrivedOnce(ids: readonly string[], kinds: readonly string[] = ['ticket']): Promise<void> {
  for (const id of ids) {
    for (const kind of kinds) {
      await alder.waitFor(about(id, kind), { timeoutMs: 60_000 });
      await beech.waitFor(about(id, kind), { timeoutMs: 60_000 });
    }
    await ward.told(id, 'ticket.delivered');
    // The same callback may be repeated when the database went before it could be noted.
    const told = [...new Set(ward.toldOf(id))].filter((status) => ['accepted', 'sent', 'delivered'].includes(status));
    expect(told).toEqual(['accepted', 'sent', 'delivered']);
  }
  const found = await messagesAbout(alder, room, ids);
  for (const id of ids) expect(found.filter((one) => one.id === id).map(({ kind }) => kind)).toEqual(kinds);
  expect(await unreadableFor(beech, room)).toEqual([]);
}

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('DATABASE');
  relay = await FaultyTcp.open(Number(new URL(ward.hospital.processes.postgres.url).port));
  ward.wayTo({ database: relay.port });
  await restart();
});
afterAll(async () => {
  ward?.wayTo({});
  for (const part of ['postgres', 'synapse'] as const) await devStart({ dir: ward.dir, part });
  await ward?.dev('clock', 'real');
  await restart();
  await relay?.close();
  await ward?.close();
});

it('a database that is connected and silent: callers are told soon, and when its network is mended all goes on by itself', async () => {
  const open = await ward.post('DATABASE');
  const root = await alder.waitFor(about(open, 'ticket'));
  const pid = await wardroomPid();
  const underWay = await Promise.all(Array.from({ length: 5 }, () => ward.post('DATABASE')));
  relay.stall();
  const silent = pause(GONE_MS);
  const refused = await Promise.all(Array.from({ length: 3 }, () => attempt(ward.ticket('DATABASE'))));
  for (const { status, retryAfter, ms } of refused) {
    expect([status, retryAfter > 0]).toEqual([503, true]);
    expect(ms).toBeLessThan(REFUSED_WITHIN_MS);
  }
  expect((await get('/health')).status).toBe(200);
  expect(((await (await get('/ready')).json()) as { not_ready: string[] }).not_ready).toContain('database');
  // What is answered meanwhile is heard afterwards.
  await alder.say(room, 'ok', { thread: root.eventId });
  await silent;
  const mended = performance.now();
  relay.pass();
  const after = await ward
    .post('DATABASE')
    .catch(async () => (await postUntilTaken(ward, ward.ticket('DATABASE'))).ticketId);
  await arrivedOnce([...underWay, after]);
  process.stdout.write(`all said ${((performance.now() - mended) / 1000).toFixed(1)} s after the network was mended\n`);
  expect((await ward.until(open, ({ state }) => state === 'acknowledged')).acknowledged?.strength).toBe('device');
  await untilReady();
  expect(await wardroomPid()).toBe(pid);
});

it('a database that is gone for half a minute: what was accepted is said once, what is owed by then is done', async () => {
  const pid = await wardroomPid();
  const before = await Promise.all(Array.from({ length: 3 }, () => ward.post('DATABASE')));
  await arrivedOnce(before);
  const gone = (async () => {
    await devKill({ dir: ward.dir, part: 'postgres' });
    await pause(GONE_MS);
    await devStart({ dir: ward.dir, part: 'postgres' });
  })();
  const given = callers(gone);
  await gone;
  const back = performance.now();
  const accepted = await given;
  for (const person of [alder, beech]) person.client.retryImmediately();
  await arrivedOnce(accepted);
  process.stdout.write(`all said ${((performance.now() - back) / 1000).toFixed(1)} s after the database was back\n`);
  await ward.dev('clock', 'advance', '2m');
  await arrivedOnce([...before, ...accepted], ['ticket', 'renotify']);
  await ward.dev('clock', 'real');
  await untilReady();
  expect(await wardroomPid()).toBe(pid);
});

it('a full disk under the database: nothing is accepted that cannot be kept, and afterwards all goes on by itself', async () => {
  const disk = await smallDisk(ward);
  try {
    const before = await Promise.all(Array.from({ length: 3 }, () => ward.post('DATABASE')));
    await arrivedOnce(before);
    await disk.fill();
    const tickets = Array.from({ length: 80 }, () => ward.ticket('DATABASE'));
    const answers: number[] = [];
    for (const ticket of tickets) answers.push((await attempt(ticket)).status);
    for (const status of answers) expect([202, 503]).toContain(status);
    // There is some room left in pages that were begun, and a vacuum may find more; what was given a 202 is asked for below.
    expect(answers.filter((status) => status === 503).length).toBeGreaterThan(answers.length / 4);
    expect((await get('/health')).status).toBe(200);
    await disk.free();
    const taken = await Promise.all(tickets.map((ticket) => postUntilTaken(ward, ticket)));
    taken.forEach(({ status }, index) => {
      expect(status).toBe(answers[index] === 202 ? 200 : 202);
    });
    await arrivedOnce(taken.map(({ ticketId }) => ticketId));
    await untilReady();
  } finally {
    await disk.remove();
  }
});
