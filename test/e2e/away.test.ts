import { readFileSync } from 'node:fs';
import type { Person } from '../../src/dev/person.ts';
import { roomHistory, ticketPart } from '../../src/dev/roomHistory.ts';
import { ask } from './support/database.ts';
import { about, Ward } from './support/ward.ts';

const NAMES = Array.from({ length: 20 }, (_, index) => `w${String(index + 1).padStart(2, '0')}`);
const LOGINS_AT_ONCE = 5;

let ward: Ward;
let alder: Person;
let clinicians: readonly Person[];
let room: string;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
  const logged: Person[] = [];
  for (let start = 0; start < NAMES.length; start += LOGINS_AT_ONCE) {
    const some = NAMES.slice(start, start + LOGINS_AT_ONCE);
    logged.push(...(await Promise.all(some.map((name) => ward.person(name)))));
  }
  clinicians = logged;
  room = ward.room('AWAY');
});
afterAll(() => ward?.close());

interface Open {
  readonly id: string;
  readonly by: Person;
  readonly root: string;
}

/** One ticket for each of the twenty, on everyone's screen. */
async function ticketForEach(): Promise<readonly Open[]> {
  const ids = await Promise.all(clinicians.map(() => ward.post('AWAY')));
  await Promise.all(
    clinicians.map((person) =>
      Promise.all(ids.map((id) => person.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 }))),
    ),
  );
  return Promise.all(
    clinicians.map(async (by, index) => {
      const id = ids[index] ?? '';
      return { id, by, root: (await by.waitFor(about(id, 'ticket'))).eventId };
    }),
  );
}

/** Everyone begins a new session, as clients do by and by, and answers a ticket of their own. */
const acknowledgeAll = (open: readonly Open[]): Promise<readonly string[]> =>
  Promise.all(
    open.map(async ({ by, root }) => {
      await by.rotateSession(room);
      return by.say(room, 'ok', { thread: root });
    }),
  );

/** Each acknowledgement counts, by the one who sent it, as sure as a cross-signed device makes it. */
async function expectAcknowledged(open: readonly Open[]): Promise<void> {
  const tickets = await Promise.all(open.map(({ id }) => ward.untilState(id, 'acknowledged')));
  expect(tickets.map(({ acknowledged }) => acknowledged)).toEqual(
    open.map(({ by }) => expect.objectContaining({ by: by.userId, how: 'reply', strength: 'device' })),
  );
}

/** How many messages of Wardroom the room holds about each of these tickets, and how many of its events nobody here can read. */
async function posted(
  ids: readonly string[],
): Promise<{ readonly perTicket: readonly number[]; readonly unreadable: number }> {
  const history = await roomHistory(alder, room);
  return {
    perTicket: ids.map((id) => history.filter((event) => ticketPart(event.content)?.ticket_id === id).length),
    unreadable: history.filter((event) => event.wireType === 'm.room.encrypted' && event.content === null).length,
  };
}

/** What Wardroom made of these events: nothing may be left unread. */
const handling = async (events: readonly string[]): Promise<readonly string[]> =>
  (
    await ask<{ state: string }>(ward.hospital, 'SELECT state FROM wardroom.inbox_events WHERE event_id = ANY($1)', [
      events,
    ])
  ).map((row) => row.state);

const enginesDied = (): number =>
  readFileSync(ward.hospital.processes.wardroom.log, 'utf8').split('"crypto.engine_died"').length - 1;

describe('what people send while Wardroom cannot listen', () => {
  it('is decrypted and counts when Wardroom was away while twenty clients began new sessions', async () => {
    const open = await ticketForEach();
    await ward.dev('kill', 'wardroom');
    const sent = await acknowledgeAll(open);
    const sessions = await Promise.all(open.map(async ({ by }, index) => by.stored(room, sent[index] ?? '')));
    expect(new Set(sessions.map(({ content }) => (content as { session_id: string }).session_id)).size).toBe(20);
    await ward.dev('start', 'wardroom');
    await expectAcknowledged(open);
    expect(await handling(sent)).toEqual(sent.map(() => 'handled'));
    const after = await ward.post('AWAY');
    await Promise.all(clinicians.map((person) => person.waitFor(about(after, 'ticket'))));
    expect((await posted([...open.map(({ id }) => id), after])).perTicket).toEqual(Array(21).fill(1));
  });

  it('is decrypted and counts when the crypto engines panic again and again meanwhile; tickets of that time arrive once', async () => {
    const open = await ticketForEach();
    const diedBefore = enginesDied();
    let sending = true;
    const panics = (async () => {
      const panic = new URL('/dev/panic', ward.hospital.metrics_url);
      do expect((await fetch(panic, { method: 'POST' })).status).toBe(200);
      while (sending);
    })();
    const during = Promise.all(Array.from({ length: 5 }, () => ward.post('AWAY')));
    const sent = await acknowledgeAll(open);
    sending = false;
    await panics;
    const tickets = [...(await during), await ward.post('AWAY')];
    await expectAcknowledged(open);
    for (const id of tickets) {
      await alder.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 });
      await ward.untilState(id, 'delivered');
    }
    expect(enginesDied()).toBeGreaterThan(diedBefore);
    expect(await handling(sent)).toEqual(sent.map(() => 'handled'));
    const { perTicket, unreadable } = await posted([...open.map(({ id }) => id), ...tickets]);
    expect(perTicket).toEqual(Array(26).fill(1));
    expect(unreadable).toBe(0);
  });
});
