import { MatrixEvent } from 'matrix-js-sdk';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { about, mentioned, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await ward?.close();
});

const isIn = async (person: Person, account: string) => (await person.rooms()).includes(ward.room(account));
const until = (what: string, ready: () => Promise<boolean>) => pollUntil(what, ready, { deadlineMs: 30_000 });
/** Of an event that somebody else can read: whether this person's client, which runs, can. */
async function canDecrypt(person: Person, reader: Person, room: string, event: string): Promise<boolean> {
  const raw = new MatrixEvent(await reader.stored(room, event));
  await person.client.decryptEventIfNeeded(raw);
  return !raw.isDecryptionFailure();
}

describe('an account whose room is for those on duty', () => {
  it('lets in who comes on, hands over, and takes out who goes: the next message has a key that they do not have', async () => {
    const room = ward.room('DUTY');
    await ward.dev('clock', 'set', '2031-07-02T13:59:00Z');
    await until('dr.alder is in', () => isIn(alder, 'DUTY'));
    expect(await isIn(beech, 'DUTY')).toBe(false);
    const open = await ward.post('DUTY');
    const first = await alder.waitFor(about(open, 'ticket'));
    await ward.told(open, 'ticket.delivered');
    await ward.dev('clock', 'advance', '1m');
    const handed = await beech.waitFor(about(open, 'posted_again'));
    expect(mentioned(handed)).toEqual([ward.userId('dr.beech')]);
    await until('dr.alder is out', async () => !(await isIn(alder, 'DUTY')));
    const next = await ward.post('DUTY');
    const seen = await beech.waitFor(about(next, 'ticket'));
    await ward.told(next, 'ticket.delivered');
    expect(await canDecrypt(alder, beech, room, seen.eventId)).toBe(false);
    // The same way shows what could be read.
    expect(await canDecrypt(beech, beech, room, seen.eventId)).toBe(true);
    expect(seen.sessionId).not.toBe(first.sessionId);
    for (const id of [open, next]) {
      const root = id === open ? handed : seen;
      await beech.react(room, root.eventId, '✅');
      await ward.untilState(id, 'acknowledged');
    }
  });

  it('keeps who took a ticket until it is closed, also over the end of the shift', async () => {
    await ward.dev('clock', 'set', '2031-07-03T13:00:00Z');
    const kept = await ward.post('DUTY');
    await beech.react(ward.room('DUTY'), (await beech.waitFor(about(kept, 'ticket'))).eventId, '✅');
    await ward.untilState(kept, 'acknowledged');
    // The end of the shift falls into an outage.
    await ward.dev('kill', 'wardroom');
    await ward.dev('clock', 'set', '2031-07-03T14:00:30Z');
    await ward.dev('start', 'wardroom');
    await until('dr.alder is in again', () => isIn(alder, 'DUTY'));
    // Settled by then: whoever had to go is gone.
    await ward.dev('clock', 'advance', '2m');
    const next = await ward.post('DUTY');
    await alder.waitFor(about(next, 'ticket'));
    expect(await isIn(beech, 'DUTY')).toBe(true);
    await ward.tell(kept, { type: 'closed', text: 'called back' });
    await ward.untilState(kept, 'closed');
    await ward.dev('clock', 'advance', '2m');
    await until('dr.beech is out', async () => !(await isIn(beech, 'DUTY')));
    expect(await isIn(alder, 'DUTY')).toBe(true);
  });
});

describe('somebody whom the caller asks for by name', () => {
  it('and who is not the one called hears of it, and nothing more', async () => {
    const id = await ward.post('ASKED', { provider_requested: 'Dr Rowan Beech' });
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(mentioned(root)).toEqual([ward.userId('dr.alder')]);
    const told = await beech.waitFor(about(id, 'notice'));
    expect(mentioned(told)).toEqual([ward.userId('dr.beech')]);
    expect(told.content.body).toContain('For information only');
    await ward.told(id, 'ticket.delivered');
    const { timeline, state } = await ward.look(id);
    expect([state, timeline.filter(({ code }) => code === 'asked-for-off-duty').map(({ who }) => who)]).toEqual([
      'delivered',
      [ward.userId('dr.beech')],
    ]);
    await alder.react(ward.room('ASKED'), root.eventId, '✅');
    await ward.untilState(id, 'acknowledged');
  });

  it.each(['Dr Alder', 'on-call cardiology', 'Dr Nobody', 'alder beech'])('is nobody else: %s', async (name) => {
    const id = await ward.post('ASKED', { provider_requested: name });
    await ward.told(id, 'ticket.delivered');
    expect((await ward.look(id)).timeline.map(({ code }) => code)).not.toContain('asked-for-off-duty');
    await ward.tell(id, { type: 'closed', text: 'done' });
  });
});
