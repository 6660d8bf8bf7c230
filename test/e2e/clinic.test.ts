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

describe('all of it', () => {
  it('leaves no text where it may not be', async () => {
    expect(beech.userId).toBe(ward.userId('dr.beech'));
    expect(await ward.leaks()).toEqual([]);
    expect(ward.receiver.callbacks.filter((one) => one.raw.includes(ward.canary))).toEqual([]);
  });
});
