import { Webhook } from 'standardwebhooks';
import type { Person } from '../../src/dev/person.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('ANSWER');
});
afterAll(() => ward?.close());

/** A ticket of its own, and its message as dr.alder sees it. */
async function arrived(patch: Readonly<Record<string, unknown>> = {}) {
  const id = await ward.post('ANSWER', patch);
  const root = await alder.waitFor(about(id, 'ticket'));
  return { id, root };
}

/** Ends a ticket, so that later tests start with none open. */
const settle = async (id: string, rootId: string) => {
  await alder.react(room, rootId, '✅');
  await ward.untilState(id, 'acknowledged');
};

describe('a ticket in the room', () => {
  it('is one encrypted message that shows every field, urgency first, and mentions exactly who is due', async () => {
    const { id, root } = await arrived({
      order_request: true,
      told_911: true,
      best_time: 'after 14:00',
      patient: { name: `Ottis ${ward.canary}`, dob: '1951-03-09', mrn: 'FV-0091827' },
    });
    const stored = await alder.stored(room, root.eventId);
    expect(stored.type).toBe('m.room.encrypted');
    expect(root.sender).toBe(ward.service('nightjar').accounts.find((one) => one.id === 'ANSWER')?.voice_user_id);
    const body = String(root.content.body);
    expect(body.startsWith('STAT')).toBe(true);
    for (const part of [ward.canary, '+12125550142', 'FV-0091827', '1951-03-09', 'after 14:00', 'spouse'])
      expect(body).toContain(part);
    expect(root.content.msgtype).toBe('m.text');
    expect(root.content.format).toBe('org.matrix.custom.html');
    expect(root.content['org.wardroom.ticket']).toEqual({ ticket_id: id, urgency: 'stat', kind: 'ticket', step: 0 });
    expect(mentioned(root)).toEqual([ward.userId('dr.alder')]);
    expect(relation(root)).toBeUndefined();
    await settle(id, root.eventId);
  });

  it('is delivered when everyone due has the key, seen when the message was displayed, and only then acknowledged', async () => {
    const { id, root } = await arrived();
    await ward.told(id, 'ticket.delivered');
    await alder.read(room, root.eventId);
    await ward.told(id, 'ticket.seen');
    expect((await ward.look(id)).acknowledged).toBeNull();
    await alder.say(room, 'OK.', { thread: root.eventId });
    const told = await ward.told(id, 'ticket.acknowledged');
    expect(told.data).toMatchObject({
      by: ward.userId('dr.alder'),
      strength: 'device',
      state: 'acknowledged',
      account: 'ANSWER',
      urgency: 'stat',
    });
    expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'delivered', 'seen', 'acknowledged']);
    const ticket = await ward.look(id);
    expect(ticket).toMatchObject({ state: 'acknowledged', room_id: room, event_id: root.eventId, next_step_at: null });
    expect(ticket.acknowledged).toMatchObject({ by: ward.userId('dr.alder'), how: 'reply', strength: 'device' });
  });

  it('is acknowledged by a thumbs-up in any skin tone, as sure as the server is', async () => {
    const { id, root } = await arrived();
    await beech.waitFor(about(id, 'ticket'));
    await beech.react(room, root.eventId, '👍🏽');
    const ticket = await ward.untilState(id, 'acknowledged');
    expect(ticket.acknowledged).toMatchObject({ by: ward.userId('dr.beech'), how: 'reaction', strength: 'server' });
  });

  it('goes on when the reaction is taken back', async () => {
    const { id, root } = await arrived();
    const reaction = await alder.react(room, root.eventId, '✅');
    await ward.untilState(id, 'acknowledged');
    await alder.redact(room, reaction);
    await ward.told(id, 'ticket.unacknowledged');
    const ticket = await ward.look(id);
    expect(ticket.state).not.toBe('acknowledged');
    expect(ticket.next_step_at).not.toBeNull();
    await settle(id, root.eventId);
  });

  it('is not silenced by a question, which is passed on with its text', async () => {
    const { id, root } = await arrived();
    await alder.say(room, 'ok who is this for?', { replyTo: root.eventId });
    const told = await ward.told(id, 'ticket.replied');
    expect(told.data.text).toBe('ok who is this for?');
    expect((await ward.look(id)).state).not.toBe('acknowledged');
    await settle(id, root.eventId);
  });

  it('is acknowledged by a rich reply, by !ack, and by its number', async () => {
    const first = await arrived();
    await alder.say(room, 'on it', { replyTo: first.root.eventId });
    await ward.untilState(first.id, 'acknowledged');
    const second = await arrived();
    await alder.say(room, '!ack', { thread: second.root.eventId });
    expect((await ward.untilState(second.id, 'acknowledged')).acknowledged).toMatchObject({
      how: 'command',
      strength: 'device',
    });
    const third = await arrived();
    const token = /(\d+) ok/.exec(String(third.root.content.body))?.[1];
    await alder.say(room, `${token} ok`);
    await ward.untilState(third.id, 'acknowledged');
  });

  it('takes an unthreaded ok for the only open ticket, and asks which when several are open', async () => {
    const only = await arrived();
    await alder.say(room, 'ok');
    await ward.untilState(only.id, 'acknowledged');
    const one = await arrived();
    const two = await arrived();
    const said = await alder.say(room, 'ok');
    const asked = await alder.waitFor((event) => relation(event)?.['m.in_reply_to']?.event_id === said);
    expect(String(asked.content.body)).toMatch(/which/i);
    expect((await ward.look(one.id)).acknowledged).toBeNull();
    expect((await ward.look(two.id)).acknowledged).toBeNull();
    await settle(one.id, one.root.eventId);
    await settle(two.id, two.root.eventId);
  });

  it('comes from the voice of its own service, and replies go back as that service wants', async () => {
    const id = await ward.post('ANSWER', {}, 'wren');
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(root.sender).toBe(ward.service('wren').accounts[0]?.voice_user_id);
    expect(root.sender).not.toBe(ward.service('nightjar').accounts[0]?.voice_user_id);
    await alder.say(room, 'calling the family first', { thread: root.eventId });
    const told = await ward.told(id, 'ticket.replied');
    expect(told.data).not.toHaveProperty('text');
    await alder.react(room, root.eventId, '✔️');
    await ward.untilState(id, 'acknowledged', 'wren');
    const foreign = await fetch(`${ward.hospital.api_url}/api/v1/tickets/${id}`, {
      headers: { authorization: `Bearer ${ward.service('nightjar').token}` },
    });
    expect(foreign.status).toBe(404);
  });

  it('is told to the service in callbacks that any Standard Webhooks library verifies', async () => {
    const { id, root } = await arrived();
    const callback = await ward.told(id, 'ticket.delivered');
    const verified = new Webhook(ward.service('nightjar').callback_secret).verify(callback.raw, callback.headers);
    expect(verified).toMatchObject({ type: 'ticket.delivered', data: { ticket_id: id } });
    expect(() => new Webhook(ward.service('wren').callback_secret).verify(callback.raw, callback.headers)).toThrow();
    await settle(id, root.eventId);
  });

  it('leaves its text in no table, medium, log or callback', async () => {
    expect(await ward.leaks()).toEqual([]);
    const withText = ward.receiver.callbacks.filter((one) => one.raw.includes(ward.canary));
    expect(withText).toEqual([]);
  });
});
