import { once } from 'node:events';
import { createServer } from 'node:http';
import { devKill, devStart, devStatus } from '../../src/dev/commands.ts';
import { postTicket } from '../../src/dev/demo/answeringService.ts';
import type { Person } from '../../src/dev/person.ts';
import { roomHistory, ticketPart } from '../../src/dev/roomHistory.ts';
import type { Part } from '../../src/dev/status.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { sharedHospital } from '../support/hospital.ts';
import { ask } from './support/database.ts';
import { about, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;

const kill = (part: Part) => devKill({ dir: ward.dir, part });
const start = (part: Part) => devStart({ dir: ward.dir, part });
const wardroomPid = async () => (await devStatus({ dir: ward.dir })).hospitals[0]?.parts.wardroom.pid ?? null;
const get = (path: string) => fetch(`${ward.hospital.api_url}${path}`);

/** The parts that `/ready` says are not ready. */
async function notReady(): Promise<readonly string[]> {
  const response = await get('/ready');
  const body = (await response.json()) as { not_ready?: string[] };
  expect([response.status, body.not_ready === undefined]).toEqual(body.not_ready ? [503, false] : [200, true]);
  return body.not_ready ?? [];
}

const untilNotReady = (...parts: string[]) =>
  pollUntil(
    `not ready: ${parts.join()}`,
    async () => {
      const named = await notReady();
      return parts.every((part) => named.includes(part));
    },
    { deadlineMs: 60_000 },
  );

const untilReady = () => pollUntil('ready', async () => (await get('/ready')).status === 200, { deadlineMs: 90_000 });

/** `kind` and ticket of every message of Wardroom about these tickets, in the order of the room. */
async function messages(ids: readonly string[]): Promise<readonly { readonly id: string; readonly kind: string }[]> {
  const history = [...(await roomHistory(alder, room))].reverse();
  return history.flatMap((event) => {
    const part = ticketPart(event.content);
    return part && ids.includes(part.ticket_id) ? [{ id: part.ticket_id, kind: part.kind }] : [];
  });
}

/** How many of these tickets have a message that is encrypted and not known to be sent. */
async function encrypted(ids: readonly string[]): Promise<number> {
  const rows = await ask(
    ward.hospital,
    `SELECT 1 FROM wardroom.messages WHERE ticket_id = ANY($1) AND state = 'encrypted'`,
    [ids],
  );
  return rows.length;
}

/** The answering service away, and when it is back leaving a callback, which is tried again, without an answer. */
async function heldCallback(): Promise<{ readonly ticket: string; letGo(): Promise<void> }> {
  const { callbackPort } = await sharedHospital();
  await ward.receiver.close();
  const id = await ward.post('OUTAGE');
  const failed = `SELECT 1 FROM wardroom.reports WHERE ticket_id = $1 AND attempts > 0`;
  await pollUntil('a failed callback', async () => (await ask(ward.hospital, failed, [id])).length > 0, {
    deadlineMs: 30_000,
  });
  const server = createServer();
  const asked = once(server, 'request');
  server.listen(callbackPort, '127.0.0.1');
  await asked;
  return {
    ticket: id,
    async letGo() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await ward.receiver.listen(callbackPort);
    },
  };
}

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('OUTAGE');
});
afterAll(async () => {
  // `start` leaves alone what runs.
  for (const part of ['postgres', 'synapse', 'wardroom'] as const) await start(part);
  await ward?.dev('clock', 'real');
  await ward?.close();
});

/** Someone answers, the way in works too. */
async function acknowledge(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const root = await alder.waitFor(about(id, 'ticket'));
    await alder.say(room, 'ok', { thread: root.eventId });
  }
  for (const id of ids) expect((await ward.untilState(id, 'acknowledged')).acknowledged?.strength).toBe('device');
}

describe('while the homeserver is down', () => {
  it('tickets are accepted, ladders go on, and afterwards everything is posted once and in order', async () => {
    const before = await ward.post('OUTAGE');
    await alder.waitFor(about(before, 'ticket'));
    const pid = await wardroomPid();
    await kill('synapse');
    await untilNotReady('homeserver');
    expect((await get('/health')).status).toBe(200);
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.push(await ward.post('OUTAGE'));
    await ward.dev('clock', 'advance', '2m');
    await ward.dev('clock', 'advance', '13m');
    await ward.dev('clock', 'advance', '10m');
    for (const id of ids) {
      await ward.told(id, 'ticket.todo');
      const { state, timeline } = await ward.look(id);
      expect(state).toBe('accepted');
      expect(timeline.filter(({ event }) => event === 'step_due').map(({ who }) => who)).toEqual([
        ward.userId('dr.alder'),
        ward.userId('dr.beech'),
      ]);
    }
    await start('synapse');
    for (const person of [alder, beech]) person.client.retryImmediately();
    await untilReady();
    for (const id of ids) {
      for (const kind of ['ticket', 'renotify', 'escalation']) {
        await alder.waitFor(about(id, kind), { timeoutMs: 60_000 });
        await beech.waitFor(about(id, kind), { timeoutMs: 60_000 });
      }
      await ward.untilState(id, 'delivered');
    }
    const found = await messages(ids);
    for (const id of ids)
      expect(found.filter((one) => one.id === id).map(({ kind }) => kind)).toEqual([
        'ticket',
        'renotify',
        'escalation',
      ]);
    expect(await wardroomPid()).toBe(pid);
    await acknowledge([before, ...ids]);
    await ward.dev('clock', 'real');
  });
});

describe('while the database is down', () => {
  /** One attempt to hand a ticket over. */
  async function attempt(ticket: Record<string, unknown>) {
    const response = await fetch(`${ward.hospital.api_url}/api/v1/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ward.service('nightjar').token}`, 'content-type': 'application/json' },
      body: JSON.stringify(ticket),
    });
    const { ticket_id, code } = (await response.json()) as { ticket_id?: string; code?: string };
    return { status: response.status, retryAfter: response.headers.get('retry-after'), id: ticket_id, code };
  }

  it('nothing is accepted and nothing accepted is lost; afterwards Wardroom goes on by itself', async () => {
    const open = await ward.post('OUTAGE');
    await alder.waitFor(about(open, 'ticket'));
    const pid = await wardroomPid();

    // Messages that wait for the homeserver's answer when the database goes, and a callback that waits for the service's.
    const synapse = (await devStatus({ dir: ward.dir })).hospitals[0]?.parts.synapse.pid ?? 0;
    const callback = await heldCallback();
    process.kill(synapse, 'SIGSTOP');
    const underWay = await Promise.all(Array.from({ length: 5 }, () => ward.post('OUTAGE')));
    await pollUntil('messages under way', async () => (await encrypted(underWay)) === 5, { deadlineMs: 30_000 });
    // A burst that is being accepted at that moment.
    const burst = Array.from({ length: 20 }, () => ward.ticket('OUTAGE'));
    const answers = burst.map((ticket) => attempt(ticket));
    await Promise.any(answers.map((answer) => answer.then(({ status }) => status === 202 || Promise.reject())));
    await kill('postgres');
    process.kill(synapse, 'SIGCONT');
    await callback.letGo();
    for (const { status } of await Promise.all(answers)) expect([202, 503]).toContain(status);
    await untilNotReady('database', 'audit', 'voices');
    expect((await get('/health')).status).toBe(200);
    const refused = Array.from({ length: 3 }, () => ward.ticket('OUTAGE'));
    for (const ticket of refused) {
      const answer = await attempt(ticket);
      expect(answer).toMatchObject({ status: 503, code: 'unavailable', id: undefined });
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    }

    await start('postgres');
    await untilReady();
    expect(await wardroomPid()).toBe(pid);
    // The service repeats what was refused, as it was told; what was accepted is answered as a duplicate.
    const tickets = [...burst, ...refused];
    const repeated = await Promise.all(tickets.map(async (ticket) => attempt(ticket)));
    const accepted = await Promise.all(answers);
    const ids = [...underWay];
    repeated.forEach(({ status, id }, index) => {
      expect([200, 202]).toContain(status);
      const first = accepted[index];
      if (first?.status === 202) expect([status, id]).toEqual([200, first.id]);
      ids.push(id ?? '');
    });
    for (const person of [alder, beech]) person.client.retryImmediately();
    for (const id of ids) {
      await alder.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 });
      await ward.told(id, 'ticket.delivered');
    }
    // What nobody answered is told again, in order.
    await ward.told(callback.ticket, 'ticket.delivered');
    expect(ward.toldOf(callback.ticket)).toEqual(['accepted', 'sent', 'delivered']);
    const found = await messages(ids);
    expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort());
    await acknowledge([open, callback.ticket, ...ids]);
  });

  it('and afterwards jobs are done at once again, not only by the sweep', async () => {
    const answered = performance.now();
    const { body } = await postTicket(ward.hospital.api_url, ward.service('nightjar').token, ward.ticket('OUTAGE'));
    const id = String(body.ticket_id);
    const root = await alder.waitFor(about(id, 'ticket'));
    // The sweep would leave it alone for ten seconds.
    expect(performance.now() - answered).toBeLessThan(5_000);
    await alder.react(room, root.eventId, '✅');
    await ward.untilState(id, 'acknowledged');
  });
});
