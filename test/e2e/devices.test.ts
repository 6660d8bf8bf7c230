import { request } from '../../src/dev/admin.ts';
import { devKill, devStart } from '../../src/dev/commands.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { ask } from './support/database.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let room: string;
/** Everyone logged in by this file who is still there. */
const present = new Set<Person>();
/** A ticket for dr.elm, who has no device but those of `caughtUp`. */
let beacon: string;

async function logIn(key: string, options: Parameters<Ward['person']>[1] = {}): Promise<Person> {
  const person = await ward.person(key, options);
  present.add(person);
  return person;
}

async function logOut(...people: readonly Person[]): Promise<void> {
  for (const person of people) {
    present.delete(person);
    await person.logOut();
  }
  await caughtUp();
}

/**
 * Returns when the voice knows of every change of devices until now: the homeserver reports them in order, and the one made here
 * has an effect that can be seen.
 */
async function caughtUp(): Promise<void> {
  const elm = await ward.person('dr.elm');
  await elm.waitFor(about(beacon, 'posted_again'));
  await elm.logOut();
}

/** Posts to the account of this file; what the person's client got, readable or not. */
const post = () => ward.post('DEVICES');

/** Messages of a kind about a ticket that a client could read. */
const readBy = (person: Person, id: string, kind: string): readonly SeenEvent[] =>
  person.events.all().filter((event) => event.failure === null && about(id, kind)(event));

/** Devices with the key of any message that holds the ticket's text. */
async function readers(id: string, user: string): Promise<readonly string[]> {
  const rows = await ask<{ readers: Record<string, string[]> | null }>(
    ward.hospital,
    `SELECT readers FROM wardroom.messages WHERE ticket_id = $1 AND kind IN ('ticket', 'posted_again')`,
    [id],
  );
  return rows.flatMap((row) => row.readers?.[user] ?? []);
}

const events = async (id: string, event: string) =>
  (await ward.look(id)).timeline.filter((line) => line.event === event);

async function acknowledge(person: Person, id: string): Promise<void> {
  const { event_id } = await ward.look(id);
  await person.react(room, event_id ?? '', '✅');
  await ward.untilState(id, 'acknowledged');
}

beforeAll(async () => {
  ward = await Ward.open();
  room = ward.room('DEVICES');
  beacon = await ward.post('OTHER-CLIENT');
  await ward.untilState(beacon, 'undecryptable');
});
/** Every test begins and ends with nobody logged in and no ticket of this room open. */
afterEach(async () => {
  await ward.dev('clock', 'real');
  if (present.size > 0) await logOut(...present);
});
afterAll(() => ward?.close());

describe('a ticket and the devices of those it is due to', () => {
  it('is undecryptable for someone without a device, and posted again when a cross-signed one appears', async () => {
    const dogwood = ward.userId('dr.dogwood');
    const id = await post();
    expect((await ward.told(id, 'ticket.undecryptable')).data).toMatchObject({ by: dogwood, state: 'undecryptable' });
    expect((await ward.told(id, 'ticket.todo')).data).toMatchObject({
      by: dogwood,
      text: 'Message cannot be read, ring cell',
    });
    const before = await ward.look(id);
    expect(before.state).toBe('undecryptable');
    expect(before.next_step_at).not.toBeNull();
    expect(before.timeline.map(({ event, who }) => ({ event, who }))).toEqual(
      expect.arrayContaining([
        { event: 'undecryptable', who: dogwood },
        { event: 'todo', who: dogwood },
      ]),
    );
    expect(ward.toldOf(id)).not.toContain('delivered');

    const phone = await logIn('dr.dogwood');
    const again = await phone.waitFor(about(id, 'posted_again'));
    expect(relation(again)).toMatchObject({ rel_type: 'm.thread', event_id: before.event_id });
    expect(mentioned(again)).toEqual([dogwood]);
    for (const part of ['STAT', ward.canary, '+12125550142', '1951-03-09', 'spouse'])
      expect(String(again.content.body)).toContain(part);
    await ward.told(id, 'ticket.delivered');
    expect((await ward.look(id)).state).toBe('delivered');
    expect(await events(id, 'posted_again')).toHaveLength(1);
    expect(readBy(phone, id, 'ticket')).toEqual([]);
    await acknowledge(phone, id);
  });

  it('gives no key to a device that its owner did not sign: the ticket stays undecryptable', async () => {
    const unsigned = await logIn('dr.dogwood', { verify: false });
    await caughtUp();
    const id = await post();
    const { event_id } = await ward.untilState(id, 'undecryptable');
    const seen = await unsigned.waitFor((event) => event.eventId === event_id, { unreadable: true });
    expect(seen.failure).toMatch(/WITHHELD/);
    expect(await readers(id, ward.userId('dr.dogwood'))).toEqual([]);
    await ward.told(id, 'ticket.todo');
    expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'undecryptable', 'todo']);

    const signed = await logIn('dr.dogwood');
    await signed.waitFor(about(id, 'posted_again'));
    await ward.untilState(id, 'delivered');
    expect(await readers(id, ward.userId('dr.dogwood'))).toEqual([signed.deviceId]);
    expect(readBy(unsigned, id, 'posted_again')).toEqual([]);
    await acknowledge(signed, id);
  });

  it('is posted again for a further device of someone who could read it, for as long as it is open', async () => {
    const phone = await logIn('dr.dogwood');
    await caughtUp();
    const done = await post();
    const open = await post();
    await phone.waitFor(about(open, 'ticket'));
    const tablet = await logIn('dr.dogwood', { deviceName: 'tablet' });
    for (const id of [done, open]) {
      const again = await tablet.waitFor(about(id, 'posted_again'));
      expect(String(again.content.body)).toContain(ward.canary);
      expect(ward.toldOf(id)).not.toContain('undecryptable');
    }
    await acknowledge(tablet, done);

    const desk = await logIn('dr.dogwood', { deviceName: 'desk' });
    // The older ticket would come first.
    await desk.waitFor(about(open, 'posted_again'));
    expect(await events(done, 'posted_again')).toHaveLength(1);
    expect(await events(open, 'posted_again')).toHaveLength(2);
    expect(readBy(desk, done, 'posted_again')).toEqual([]);
    await acknowledge(desk, open);
  });

  it('is posted again for a device that appeared while Wardroom was away', async () => {
    const phone = await logIn('dr.dogwood');
    await caughtUp();
    const id = await post();
    await phone.waitFor(about(id, 'ticket'));
    await devKill({ dir: ward.dir, part: 'wardroom' });
    const tablet = await logIn('dr.dogwood', { deviceName: 'tablet' });
    await devStart({ dir: ward.dir, part: 'wardroom' });
    await tablet.waitFor(about(id, 'posted_again'));
    await acknowledge(tablet, id);
  });

  it('is encrypted in a new session once a device that had the key is gone', async () => {
    const phone = await logIn('dr.dogwood');
    const tablet = await logIn('dr.dogwood', { deviceName: 'tablet' });
    await caughtUp();
    const ids = [await post(), await post()];
    const [first, second] = await Promise.all(ids.map((id) => phone.waitFor(about(id, 'ticket'))));
    await tablet.waitFor(about(ids[1] ?? '', 'ticket'));
    expect(first?.sessionId).toBe(second?.sessionId);
    await logOut(tablet);
    const after = await post();
    const third = await phone.waitFor(about(after, 'ticket'));
    expect(third.sessionId).not.toBe(first?.sessionId);
    expect(await readers(after, ward.userId('dr.dogwood'))).toEqual([phone.deviceId]);
    for (const id of [...ids, after]) await acknowledge(phone, id);
  });

  it('is not acknowledged by words that were sent in the clear', async () => {
    const phone = await logIn('dr.dogwood');
    await caughtUp();
    const id = await post();
    const root = await phone.waitFor(about(id, 'ticket'));
    const content = {
      msgtype: 'm.text',
      body: 'ok',
      'm.relates_to': { rel_type: 'm.thread', event_id: root.eventId, 'm.in_reply_to': { event_id: root.eventId } },
    };
    const url = `${ward.hospital.homeserver_url}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/plain-${id}`;
    const { event_id } = await request<{ event_id: string }>('PUT', url, { token: phone.accessToken, body: content });
    expect((await phone.stored(room, event_id)).type).toBe('m.room.message');
    // A room's events are handled in order: when this one was passed on, the one in the clear was handled.
    await phone.say(room, 'who is calling?', { thread: root.eventId });
    await ward.told(id, 'ticket.replied');
    expect((await ward.look(id)).acknowledged).toBeNull();
    expect(
      ward.receiver.callbacks.filter((one) => one.data.ticket_id === id && one.type === 'ticket.replied'),
    ).toHaveLength(1);
    await phone.say(room, 'ok', { thread: root.eventId });
    expect((await ward.untilState(id, 'acknowledged')).acknowledged?.strength).toBe('device');
  });

  it('is posted again for the one it escalates to, who could not read it', async () => {
    const dogwood = await logIn('dr.dogwood');
    await caughtUp();
    const id = await post();
    await dogwood.waitFor(about(id, 'ticket'));
    const beech = await logIn('dr.beech');
    await caughtUp();
    expect(await events(id, 'posted_again')).toEqual([]);
    await ward.dev('clock', 'advance', '15m');
    const escalation = await beech.waitFor(about(id, 'escalation'));
    expect(mentioned(escalation)).toEqual([ward.userId('dr.beech')]);
    const again = await beech.waitFor(about(id, 'posted_again'));
    expect(mentioned(again)).toEqual([ward.userId('dr.beech')]);
    expect(String(again.content.body)).toContain(ward.canary);
    await ward.until(id, (ticket) => ticket.state === 'delivered');
    expect(readBy(beech, id, 'ticket')).toEqual([]);
    expect(await events(id, 'posted_again')).toHaveLength(1);
    await acknowledge(beech, id);
  });

  it('is undecryptable again when it escalates to someone without a device', async () => {
    const dogwood = await logIn('dr.dogwood');
    await caughtUp();
    const id = await post();
    await ward.untilState(id, 'delivered');
    await ward.dev('clock', 'advance', '15m');
    expect((await ward.told(id, 'ticket.undecryptable')).data.by).toBe(ward.userId('dr.beech'));
    const beech = await logIn('dr.beech');
    const again = await beech.waitFor(about(id, 'posted_again'));
    expect(String(again.content.body)).toContain(ward.canary);
    await ward.untilState(id, 'delivered');
    expect(readBy(dogwood, id, 'posted_again')).toHaveLength(1);
    await acknowledge(beech, id);
  });

  it('can be read by a client that takes messages from cross-signed devices only', async () => {
    const strict = await logIn('dr.dogwood', { onlySignedDevices: true });
    const lax = await logIn('dr.beech', { verify: false });
    await caughtUp();
    const id = await post();
    const root = await strict.waitFor(about(id, 'ticket'));
    expect(String(root.content.body)).toContain(ward.canary);
    // The same client does not read what a device sends that its owner did not sign.
    const said = await lax.say(room, 'who is this for?');
    const refused = await strict.waitFor((event) => event.eventId === said, { unreadable: true });
    expect(refused.failure).not.toBeNull();
    await acknowledge(strict, id);
  });
});
