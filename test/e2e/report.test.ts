import type { Person } from '../../src/dev/person.ts';
import { messagesAbout } from './support/rooms.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let cedar: Person;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, cedar] = await Promise.all([ward.person('dr.alder'), ward.person('np.cedar')]);
  // A Saturday, 14:00 in New York.
  await ward.dev('clock', 'set', '2031-06-07T18:00:00Z');
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await ward?.close();
});

it('an FYI waits for the digest, which its readers find in the room that is made for it, and asks for nothing', async () => {
  const id = await ward.post('DESK', { urgency: 'FYI' });
  await ward.told(id, 'ticket.sent');
  await ward.dev('clock', 'set', '2031-06-08T11:29:50Z');
  expect(await ward.look(id)).toMatchObject({ state: 'sent', next_step_at: '2031-06-08T11:30:00.000Z' });
  await ward.dev('clock', 'advance', '10s');
  const report = await cedar.waitFor(about(id, 'report'));
  expect(report.roomId).not.toBe(ward.room('DESK'));
  expect((await cedar.stored(report.roomId, report.eventId)).type).toBe('m.room.encrypted');
  expect(String(report.content.body)).toContain(ward.canary);
  expect(String(report.content.body)).not.toContain('ok');
  expect([mentioned(report), relation(report)]).toEqual([[], undefined]);
  expect(await ward.untilState(id, 'reported')).toMatchObject({ next_step_at: null, acknowledged: null });
  await ward.told(id, 'ticket.reported');
  expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'reported']);
});

it('a routine ticket waits for the office, and is reported into the room that its owners made, once, over a kill', async () => {
  const bot = ward.hospital.bot_user_id;
  const room = await alder.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
    preset: 'private_chat',
    room_alias_name: 'ownersdesk',
    power_level_content_override: { invite: 0 },
    invite: [bot, cedar.userId],
    initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
  });
  await cedar.api('POST', `/_matrix/client/v3/join/${encodeURIComponent(room.room_id)}`, {});
  const id = await ward.post('DESK', { urgency: 'ROUTINE' });
  await ward.told(id, 'ticket.sent');
  await ward.dev('kill', 'wardroom');
  // Monday, a minute after the office opened.
  await ward.dev('clock', 'set', '2031-06-09T12:31:00Z');
  await ward.dev('start', 'wardroom');
  const report = await cedar.waitFor(about(id, 'report'));
  expect(report.roomId).toBe(room.room_id);
  const ticket = await ward.untilState(id, 'reported');
  expect(ticket.timeline.filter(({ event }) => event === 'step_due')).toMatchObject([{ step: 0, late: true }]);
  await ward.dev('kill', 'wardroom');
  await ward.dev('start', 'wardroom');
  const next = await ward.post('DESK', { urgency: 'ROUTINE' });
  await cedar.waitFor(about(next, 'report'));
  const all = await messagesAbout(cedar, room.room_id, [id, next]);
  expect(all.map(({ kind }) => kind)).toEqual(['report', 'report']);
});
