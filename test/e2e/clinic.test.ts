/** What operators and clinicians do with a ticket, with everything real. */
import type { Person } from '../../src/dev/person.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('CLINIC');
});
afterAll(() => ward?.close());

async function arrived(patch: Readonly<Record<string, unknown>> = {}) {
  const id = await ward.post('CLINIC', patch);
  const root = await alder.waitFor(about(id, 'ticket'));
  return { id, root };
}

describe('an operator', () => {
  it('corrects a ticket in its thread, connects the caller, and closes it', async () => {
    const { id, root } = await arrived();
    const event = { type: 'corrected', text: `Left arm, not right. ${ward.canary}` };
    expect(await ward.tell(id, event)).toMatchObject({ status: 200, body: { duplicate: false } });
    expect(await ward.tell(id, event)).toMatchObject({ status: 200, body: { duplicate: true } });
    const notice = await alder.waitFor(about(id, 'notice'));
    expect(notice.content.body).toContain(event.text);
    expect(mentioned(notice)).toEqual([ward.userId('dr.alder')]);
    expect(relation(notice)?.event_id).toBe(root.eventId);
    expect((await alder.stored(room, notice.eventId)).type).toBe('m.room.encrypted');
    expect(await ward.tell(id, { type: 'patched', text: 'Put through.' })).toMatchObject({ status: 200 });
    const told = await ward.told(id, 'ticket.acknowledged');
    expect(told.data).toMatchObject({ by: 'op17', state: 'acknowledged' });
    expect((await ward.look(id)).acknowledged).toMatchObject({ how: 'patched' });
    await ward.tell(id, { type: 'closed' });
    await ward.told(id, 'ticket.closed');
    expect(await ward.tell(id, { type: 'patched' })).toMatchObject({ status: 409 });
    expect(await ward.tell(id, { type: 'closed' }, 'wren')).toMatchObject({ status: 404 });
  });
});

/** The answer to a command. */
const answerTo = (said: string) =>
  beech.waitFor((event) => {
    const answers = relation(event)?.['m.in_reply_to']?.event_id === said;
    return answers && event.content['org.wardroom.answer'] !== undefined;
  });
const answerOf = (event: { readonly content: Readonly<Record<string, unknown>> }) =>
  event.content['org.wardroom.answer'] as { outcome: string; code: string; data: Record<string, unknown> };

describe('a clinician', () => {
  it('sends a ticket to the backup, who is called at once', async () => {
    const { id, root } = await arrived();
    await alder.say(room, 'Send to backup', { thread: root.eventId });
    const call = await beech.waitFor(about(id, 'escalation'));
    expect(mentioned(call)).toEqual([ward.userId('dr.beech')]);
    expect((await ward.told(id, 'ticket.declined')).data).toMatchObject({ by: ward.userId('dr.alder') });
    await ward.told(id, 'ticket.escalated');
    await beech.say(room, 'ok', { thread: root.eventId });
    expect((await ward.untilState(id, 'acknowledged')).acknowledged?.by).toBe(ward.userId('dr.beech'));
    expect(answerOf(await answerTo(await beech.say(room, '!done', { thread: root.eventId }))).code).toBe('closed');
  });

  it('sees what waits, takes it, hands it over and closes it by commands, each answered once', async () => {
    const { id, root } = await arrived();
    const listed = await answerTo(await alder.say(room, '!tickets'));
    expect(listed.content.msgtype).toBe('m.notice');
    expect(answerOf(listed).data.tickets).toEqual([expect.objectContaining({ ticket_id: id, event_id: root.eventId })]);
    const taken = await answerTo(await alder.say(room, '!ack', { thread: root.eventId }));
    expect(answerOf(taken)).toMatchObject({ outcome: 'ok', code: 'acknowledged' });
    expect(relation(taken)?.event_id).toBe(root.eventId);
    expect((await alder.stored(room, taken.eventId)).type).toBe('m.room.encrypted');
    const passed = await answerTo(await alder.say(room, `!pass ${ward.userId('dr.beech')}`, { thread: root.eventId }));
    expect(answerOf(passed).code).toBe('passed');
    expect(mentioned(await beech.waitFor(about(id, 'escalation')))).toEqual([ward.userId('dr.beech')]);
    const done = await beech.say(room, `!done Told the ward. ${ward.canary}`, { thread: root.eventId });
    expect(answerOf(await answerTo(done))).toMatchObject({ code: 'closed', data: { state: 'closed' } });
    const told = await ward.told(id, 'ticket.closed');
    expect(told.data).toMatchObject({ by: ward.userId('dr.beech'), text: `Told the ward. ${ward.canary}` });
    const statuses = ward.toldOf(id).filter((status) => status !== 'seen');
    expect(statuses.slice(-5)).toEqual(['acknowledged', 'unacknowledged', 'declined', 'acknowledged', 'closed']);
    const onCall = await answerTo(await alder.say(room, '!oncall'));
    expect(onCall.content.body).toContain(`dr.alder (${ward.userId('dr.alder')})`);
  });
});

describe('a caller who rings again', () => {
  it('joins the open ticket in its thread, and the clock jumps ahead', async () => {
    const first = await arrived();
    const external = String((await ward.look(first.id)).external_id);
    const reason = `Second call, no call back yet. ${ward.canary}`;
    const again = await ward.post('CLINIC', { relates_to: external, reason });
    const notice = await alder.waitFor(about(first.id, 'notice'));
    expect(notice.content.body).toContain(reason);
    expect(mentioned(notice)).toEqual([ward.userId('dr.alder')]);
    expect(relation(notice)?.event_id).toBe(first.root.eventId);
    const call = await beech.waitFor(about(first.id, 'escalation'));
    expect(mentioned(call)).toEqual([ward.userId('dr.beech')]);
    expect(await ward.untilState(again, 'delivered')).toMatchObject({
      joined_to: first.id,
      flags: ['repeat_call'],
      event_id: first.root.eventId,
      next_step_at: null,
    });
    // One ticket for the people: it needs no number.
    await beech.say(room, 'ok');
    for (const id of [first.id, again]) await ward.told(id, 'ticket.acknowledged');
    expect((await ward.look(again)).acknowledged?.by).toBe(ward.userId('dr.beech'));
    await ward.tell(first.id, { type: 'closed' });
    await ward.told(again, 'ticket.closed');
  });
});

describe('all of it', () => {
  it('leaves no text where it may not be', async () => {
    expect(await ward.leaks()).toEqual([]);
    const withText = ward.receiver.callbacks.filter((one) => one.raw.includes(ward.canary));
    expect(withText.map(({ type }) => type)).toEqual(['ticket.closed']);
  });
});
