import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { devKill, devStart, devStatus } from '../../src/dev/commands.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { FaultyHttp, type HttpFault, type ProxiedRequest } from '../support/faultyHttp.ts';
import { FaultyTcp } from '../support/faultyTcp.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { messagesAbout, unreadableFor } from './support/rooms.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
let proxy: FaultyHttp;
let relay: FaultyTcp;

/** How long the network to the homeserver is half open, and how long the homeserver is gone. */
const HALF_OPEN_MS = 20_000;
const GONE_MS = 60_000;

const wardroomPid = async () => (await devStatus({ dir: ward.dir })).hospitals[0]?.parts.wardroom.pid ?? null;

/** The parts that `/ready` says are not ready. */
async function notReady(): Promise<readonly string[]> {
  const response = await fetch(`${ward.hospital.api_url}/ready`);
  return ((await response.json()) as { not_ready?: string[] }).not_ready ?? [];
}

const restart = async (): Promise<void> => {
  await devKill({ dir: ward.dir, part: 'wardroom' });
  await devStart({ dir: ward.dir, part: 'wardroom' });
};

/** The transaction id of a message to the story's room (alarms and notices go elsewhere), or null for any other request. */
function messageSent({ method, path }: ProxiedRequest): string | null {
  const [, into, transaction] = /\/rooms\/([^/]+)\/send\/m\.room\.encrypted\/([^/]+)$/.exec(path) ?? [];
  return method === 'PUT' && into !== undefined && decodeURIComponent(into) === room ? (transaction ?? null) : null;
}

/** Gives each message's attempts these faults, one after the other; then it passes. Counts the attempts. */
function faultsInTurn(faults: readonly HttpFault[]): ReadonlyMap<string, number> {
  const attempts = new Map<string, number>();
  proxy.rule = (request) => {
    const message = messageSent(request);
    if (message === null) return null;
    const before = attempts.get(message) ?? 0;
    attempts.set(message, before + 1);
    return faults[before] ?? null;
  };
  return attempts;
}

/** Every one of these tickets is in the room once, readable for both; its service was told each status once, in order. */
async function arrivedOnce(ids: readonly string[], kinds: readonly string[] = ['ticket']): Promise<void> {
  for (const id of ids) {
    for (const kind of kinds) {
      await alder.waitFor(about(id, kind), { timeoutMs: 60_000 });
      await beech.waitFor(about(id, kind), { timeoutMs: 60_000 });
    }
    await ward.told(id, 'ticket.delivered');
    const told = ward.toldOf(id).filter((status) => ['accepted', 'sent', 'delivered'].includes(status));
    expect(told).toEqual(['accepted', 'sent', 'delivered']);
  }
  const found = await messagesAbout(alder, room, ids);
  for (const id of ids) expect(found.filter((one) => one.id === id).map(({ kind }) => kind)).toEqual(kinds);
  expect(await unreadableFor(beech, room)).toEqual([]);
}

const post = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => ward.post('FAULTS')));

/** Makes these tickets' messages two days old, of which the homeserver no longer knows the transaction ids. */
async function forget(ids: readonly string[]): Promise<void> {
  await ask(
    ward.hospital,
    `UPDATE wardroom.messages SET queued_at = queued_at - interval '2 days' WHERE ticket_id = ANY ($1)`,
    [ids],
  );
  const url = new URL(ward.hospital.processes.postgres.url);
  url.pathname = '/synapse';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query('DELETE FROM event_txn_id_device_id WHERE room_id = $1', [room]);
  await client.end();
}

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('FAULTS');
  proxy = await FaultyHttp.open(Number(new URL(ward.hospital.homeserver_url).port));
  relay = await FaultyTcp.open(proxy.port);
  ward.wayTo({ homeserver: relay.port });
  await restart();
});
afterAll(async () => {
  ward?.wayTo({});
  await ward?.dev('clock', 'real');
  await devStart({ dir: ward.dir, part: 'synapse' });
  await restart();
  await relay?.close();
  await proxy?.close();
  await ward?.close();
});
afterEach(() => {
  proxy.rule = () => null;
});

describe('a homeserver that answers with', () => {
  it('429, 502 and 504 gets each message again until it takes it, once', async () => {
    const attempts = faultsInTurn([
      {
        answer: 429,
        headers: { 'content-type': 'application/json', 'retry-after': '1' },
        body: '{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":500}',
      },
      { answer: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' },
      { answer: 504, headers: { 'content-type': 'text/html' }, body: '<html>Gateway Time-out</html>' },
    ]);
    const ids = await post(5);
    await arrivedOnce(ids);
    expect([...attempts.values()]).toEqual(Array(5).fill(4));
  });

  it('an error to every second request, whatever it asks, loses and doubles nothing', async () => {
    // Keys, syncs, membership: whatever Wardroom asks, every second answer is an error.
    let count = 0;
    proxy.rule = () => {
      count += 1;
      return count % 2 === 0 ? { answer: 502, body: 'Bad Gateway' } : null;
    };
    await arrivedOnce(await post(5));
  });
});

describe('a homeserver that took a message and whose answer was lost', () => {
  it('gets the same message again under the same transaction id, and shows it once', async () => {
    const attempts = faultsInTurn(['lose-answer', 'lose-answer']);
    const ids = await post(5);
    await arrivedOnce(ids);
    for (const count of attempts.values()) expect(count).toBeGreaterThanOrEqual(3);
  });
});

describe('what is taken back while the homeserver is killed before it does anything', () => {
  /** Whether Wardroom heard that somebody has read so far. */
  const isSeen = async (event: string, user: string): Promise<boolean> => {
    const rows = await ask(
      ward.hospital,
      `SELECT 1 FROM wardroom.inbox_events e JOIN wardroom.inbox_receipts r USING (room_id) WHERE e.event_id = $1 AND r.user_id = $2 AND r.seq >= e.seq`,
      [event, user],
    );
    return rows.length > 0;
  };
  const isRedacted = async (event: string): Promise<boolean> => {
    const { unsigned } = (await alder.stored(room, event)) as { unsigned?: { redacted_because?: unknown } };
    return unsigned?.redacted_because !== undefined;
  };
  const recorded = async (action: string, events: readonly string[]) =>
    (await auditOf(ward, action)).filter(({ event }) => events.includes(String(event))).length;

  it('is gone when it is back, with its edit and its copies, and who had seen it is told once', async () => {
    // Right after its very first start Wardroom has no policy yet to go by.
    const hasPolicy = async () => (await ask(ward.hospital, 'SELECT 1 FROM wardroom.policy_versions')).length > 0;
    await pollUntil('a policy', hasPolicy, { deadlineMs: 60_000 });
    const id = await ward.post('FAULTS');
    const root = await alder.waitFor(about(id, 'ticket'));
    const wrong = await alder.say(room, 'Bed 12, not bed 21', { thread: root.eventId });
    const edit = await alder.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: '* Bed 12',
      'm.new_content': { msgtype: 'm.text', body: 'Bed 12' },
      'm.relates_to': { rel_type: 'm.replace', event_id: wrong },
    });
    await ward.told(id, 'ticket.replied');
    await beech.waitFor((event) => event.eventId === wrong);
    await beech.read(room, edit);
    await pollUntil('the receipt is heard', () => isSeen(edit, beech.userId), { deadlineMs: 30_000 });
    // No redaction reaches it before it is killed.
    let refused = 0;
    proxy.rule = ({ path }) => {
      if (!/\/redact\//.test(path)) return null;
      refused += 1;
      return { answer: 503, body: '' };
    };
    const pid = await wardroomPid();
    const said = await alder.say(room, '!recall', { replyTo: wrong });
    const isAnswer = (event: SeenEvent) =>
      event.content['org.wardroom.answer'] !== undefined && relation(event)?.['m.in_reply_to']?.event_id === said;
    const answer = await beech.waitFor(isAnswer);
    expect(answer.content['org.wardroom.answer']).toMatchObject({
      outcome: 'ok',
      code: 'recalled',
      data: { event_id: wrong, edits: 1, seen_by: [beech.userId], told_service: true, ticket_id: id },
    });
    expect(mentioned(answer)).toEqual([beech.userId]);
    await pollUntil('asked for in vain', async () => refused > 0, { deadlineMs: 30_000 });
    expect([await isRedacted(wrong), await isRedacted(edit)]).toEqual([false, false]);
    await devKill({ dir: ward.dir, part: 'synapse' });
    proxy.rule = () => null;
    await pollUntil('not ready', async () => (await notReady()).includes('homeserver'), { deadlineMs: 60_000 });
    await devStart({ dir: ward.dir, part: 'synapse' });
    for (const person of [alder, beech]) person.client.retryImmediately();
    for (const event of [wrong, edit]) await pollUntil('taken away', () => isRedacted(event), { deadlineMs: 60_000 });

    await pollUntil('on record', async () => (await recorded('message.taken_away', [wrong, edit])) === 2, {
      deadlineMs: 30_000,
    });
    const [copies] = await ask<{ count: number }>(
      ward.hospital,
      'SELECT count(*)::int AS count FROM wardroom.reports WHERE ticket_id = $1 AND text_key_id IS NOT NULL',
      [id],
    );
    expect(copies).toEqual({ count: 0 });
    // Whatever else would still be said comes before the next ticket.
    const next = await ward.post('FAULTS');
    await beech.waitFor(about(next, 'ticket'));
    expect(beech.events.all().filter(isAnswer)).toHaveLength(1);
    expect(await wardroomPid()).toBe(pid);
  });
});

it('a half open network, then a homeserver that is gone for a minute after it took messages whose answers were lost', async () => {
  const lost = new Set<string>();
  let isBack = false;
  let swallowed: string | null = null;
  proxy.rule = (request) => {
    const message = messageSent(request);
    if (message === null || isBack) return null;
    // Taken once, never heard of; repeated only when the homeserver has forgotten all of it.
    if (lost.has(message)) return { answer: 503, body: '' };
    lost.add(message);
    swallowed ??= message;
    return message === swallowed ? 'swallow-answer' : 'lose-answer';
  };
  const pid = await wardroomPid();
  const taken = await post(4);
  const ids = [...taken];
  await pollUntil('all taken', async () => lost.size === 4, { deadlineMs: 90_000 });
  for (const id of ids) await alder.waitFor(about(id, 'ticket'));

  relay.stall();
  const stalled = pause(HALF_OPEN_MS);
  await pollUntil('not ready', async () => (await notReady()).includes('homeserver'), { deadlineMs: 30_000 });
  expect((await fetch(`${ward.hospital.api_url}/health`)).status).toBe(200);
  ids.push(...(await post(3)));
  await stalled;

  await devKill({ dir: ward.dir, part: 'synapse' });
  relay.pass();
  await forget(taken);
  const gone = pause(GONE_MS).then(() => false);
  for (let isGone = true; isGone; isGone = await Promise.race([gone, pause(5_000).then(() => true)]))
    ids.push(...(await post(1)));
  await ward.dev('clock', 'advance', '2m');
  await devStart({ dir: ward.dir, part: 'synapse' });
  const back = performance.now();
  isBack = true;
  for (const person of [alder, beech]) person.client.retryImmediately();
  await arrivedOnce(ids, ['ticket', 'renotify']);
  process.stdout.write(`all said ${((performance.now() - back) / 1000).toFixed(1)} s after the homeserver was back\n`);
  await pollUntil('ready', async () => (await notReady()).length === 0, { deadlineMs: 60_000 });
  expect(await wardroomPid()).toBe(pid);
});
