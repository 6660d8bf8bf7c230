import { devKill, devStart } from '../../src/dev/commands.ts';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { FaultyHttp, type HttpFault, type ProxiedRequest } from '../support/faultyHttp.ts';
import { messagesAbout } from './support/rooms.ts';
import { about, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
let proxy: FaultyHttp;

const restart = async (): Promise<void> => {
  await devKill({ dir: ward.dir, part: 'wardroom' });
  await devStart({ dir: ward.dir, part: 'wardroom' });
};

/** The transaction id of a message, or null for any other request. */
const messageSent = ({ method, path }: ProxiedRequest): string | null =>
  method === 'PUT' ? (/\/rooms\/[^/]+\/send\/m\.room\.encrypted\/([^/]+)$/.exec(path)?.[1] ?? null) : null;

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
async function arrivedOnce(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await alder.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 });
    await beech.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 });
    await ward.told(id, 'ticket.delivered');
    expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'delivered']);
  }
  const found = await messagesAbout(alder, room, ids);
  expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort());
}

const post = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => ward.post('FAULTS')));

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('FAULTS');
  proxy = await FaultyHttp.open(Number(new URL(ward.hospital.homeserver_url).port));
  ward.wayTo({ homeserver: proxy.port });
  await restart();
});
afterAll(async () => {
  ward?.wayTo({});
  await devStart({ dir: ward.dir, part: 'synapse' });
  await restart();
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

  it('shows it once although it was restarted before it got the message again, and although one answer never ended', async () => {
    const lost = new Set<string>();
    let isBack = false;
    let swallowed: string | null = null;
    proxy.rule = (request) => {
      const message = messageSent(request);
      if (message === null || message === swallowed) return null;
      if (!lost.has(message)) {
        lost.add(message);
        // One of them waits for an answer until its time is up, 30 s.
        if (swallowed === null) {
          swallowed = message;
          return 'swallow-answer';
        }
        return 'lose-answer';
      }
      return isBack ? null : { answer: 503, body: '' };
    };
    const ids = await post(4);
    await pollUntil('all taken', async () => lost.size === 4, { deadlineMs: 30_000 });
    for (const id of ids) await alder.waitFor(about(id, 'ticket'));
    await devKill({ dir: ward.dir, part: 'synapse' });
    await devStart({ dir: ward.dir, part: 'synapse' });
    for (const person of [alder, beech]) person.client.retryImmediately();
    isBack = true;
    await arrivedOnce(ids);
  });
});
