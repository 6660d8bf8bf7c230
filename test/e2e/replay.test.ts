import { randomUUID } from 'node:crypto';
import type { Person } from '../../src/dev/person.ts';
import { type Config, loadConfig } from '../../src/server/config/index.ts';
import { readRegistration } from '../../src/server/registration.ts';
import { ask } from './support/database.ts';
import { about, type TicketState, Ward } from './support/ward.ts';

type RawEvent = Readonly<Record<string, unknown>>;

let ward: Ward;
let alder: Person;
let room: string;
let config: Config;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
  room = ward.room('REPLAY');
  const loaded = loadConfig([...ward.hospital.config_files]);
  if (!loaded.ok) throw new Error('the hospital has no valid configuration');
  config = loaded.value;
});
afterAll(() => ward?.close());

/** A transaction as the homeserver pushes it, which Wardroom must take. */
async function push(events: readonly RawEvent[], txnId: string = randomUUID()): Promise<void> {
  const { host, port, registration_file } = config.appservice;
  const response = await fetch(`http://${host}:${port}/_matrix/app/v1/transactions/${txnId}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${readRegistration(registration_file).hs.reveal()}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ events }),
  });
  expect(response.status).toBe(200);
}

/** Resolves when nothing of this room waits in the inbox. */
async function handled(): Promise<void> {
  for (;;) {
    const waiting = await ask(
      ward.hospital,
      `SELECT 1 FROM wardroom.inbox_events WHERE room_id = $1 AND state <> 'handled'`,
      [room],
    );
    if (waiting.length === 0) return;
  }
}

/** Everything in the room as the homeserver stores it, the oldest first. */
async function stored(): Promise<readonly RawEvent[]> {
  const { chunk } = await alder.api<{ chunk: RawEvent[] }>(
    'GET',
    `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=250`,
  );
  return chunk.reverse();
}

const event = (type: string, more: RawEvent): RawEvent => ({
  event_id: `$${randomUUID()}`,
  room_id: room,
  sender: ward.userId('dr.alder'),
  type,
  origin_server_ts: Date.now(),
  content: {},
  ...more,
});

async function acknowledgedBy(how: 'reaction' | 'reply'): Promise<{ readonly id: string; readonly reaction: string }> {
  const id = await ward.post('REPLAY');
  const root = await alder.waitFor(about(id, 'ticket'));
  await ward.untilState(id, 'delivered');
  const reaction =
    how === 'reaction'
      ? await alder.react(room, root.eventId, '✅')
      : await alder.say(room, 'ok', { thread: root.eventId });
  await ward.untilState(id, 'acknowledged');
  return { id, reaction: String(reaction) };
}

it('transactions that come again, under new numbers, in pieces, backwards, change nothing and tell nobody anything', async () => {
  const open = await ward.post('REPLAY');
  const replied = await acknowledgedBy('reply');
  const reacted = await acknowledgedBy('reaction');
  const withdrawn = await acknowledgedBy('reaction');
  await alder.redact(room, withdrawn.reaction);
  await ward.until(withdrawn.id, ({ state }) => state !== 'acknowledged');
  await ward.untilState(open, 'delivered');
  await handled();
  const ids = [open, replied.id, reacted.id, withdrawn.id];
  const look = (): Promise<readonly TicketState[]> => Promise.all(ids.map((id) => ward.look(id)));
  const before = await look();
  const told = ids.map((id) => ward.toldOf(id));

  const events = await stored();
  expect(events.length).toBeGreaterThan(8);
  await push(events);
  await push([...events].reverse());
  for (const one of [...events].reverse()) await push([one]);
  await Promise.all(events.map((one) => push([one, ...events])));
  await handled();
  expect(await look()).toEqual(before);

  // Wardroom still hears: what comes after all that counts.
  const root = await alder.waitFor(about(open, 'ticket'));
  await alder.say(room, 'ok', { thread: root.eventId });
  await ward.untilState(open, 'acknowledged');
  await ward.told(open, 'ticket.acknowledged');
  expect(ids.slice(1).map((id) => ward.toldOf(id))).toEqual(told.slice(1));
});

it('an acknowledgement that was taken back does not count when it comes after its redaction', async () => {
  const id = await ward.post('REPLAY');
  const root = await alder.waitFor(about(id, 'ticket'));
  await ward.untilState(id, 'delivered');
  const tick = event('m.reaction', {
    content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: root.eventId, key: '✅' } },
  });
  const redaction = event('m.room.redaction', { redacts: tick.event_id, content: { redacts: tick.event_id } });
  await push([redaction]);
  await push([tick]);
  await handled();
  expect((await ward.look(id)).state).toBe('delivered');

  // In order, and taken back later, it counted until then.
  const other = event('m.reaction', { content: tick.content });
  await push([other]);
  await ward.untilState(id, 'acknowledged');
  await push([event('m.room.redaction', { redacts: other.event_id, content: { redacts: other.event_id } })]);
  await ward.until(id, ({ state }) => state !== 'acknowledged');
});
