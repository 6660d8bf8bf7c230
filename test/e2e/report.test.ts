import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { roomHistory } from '../../src/dev/roomHistory.ts';
import { mentioned, relation, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

let ward: Ward;
let alder: Person;
let cedar: Person;
let life: WardroomProcess;

beforeAll(async () => {
  ward = await Ward.open();
  life = new WardroomProcess(ward);
  [alder, cedar] = await Promise.all([ward.person('dr.alder'), ward.person('np.cedar')]);
  // A Saturday, 14:00 in New York.
  await ward.dev('clock', 'set', '2031-06-07T18:00:00Z');
});
afterAll(async () => {
  if (life && !(await life.isRunning())) await life.start();
  await ward?.dev('clock', 'real');
  await ward?.close();
});

const idsOf = (content: Readonly<Record<string, unknown>> | null): readonly string[] =>
  (content?.['org.wardroom.ticket'] as { kind?: string; ticket_ids?: string[] } | undefined)?.ticket_ids ?? [];
/** A report in which there is this ticket. */
const reportOf = (ticket: string) => (event: SeenEvent) => idsOf(event.content).includes(ticket);
/** The tickets of every report in this room, in its order. */
const reportsIn = async (room: string): Promise<readonly (readonly string[])[]> =>
  [...(await roomHistory(cedar, room))].reverse().flatMap(({ content }) => {
    const ids = idsOf(content);
    return ids.length > 0 ? [ids] : [];
  });

let digestRoom: string;

it('FYIs of two accounts wait for the digest, which their readers find as one message in the room that is made for it', async () => {
  const [first, second] = [await ward.post('DESK', { urgency: 'FYI' }), await ward.post('DESK-B', { urgency: 'FYI' })];
  const dropped = await ward.post('DESK', { urgency: 'FYI' });
  for (const id of [first, second, dropped]) await ward.told(id, 'ticket.sent');
  expect((await ward.tell(dropped, { type: 'cancelled', text: 'sent twice' })).status).toBe(200);
  await ward.dev('clock', 'set', '2031-06-08T11:29:50Z');
  expect(await ward.look(first)).toMatchObject({ state: 'sent', next_step_at: '2031-06-08T11:30:00.000Z' });
  await ward.dev('clock', 'advance', '10s');
  const report = await cedar.waitFor(reportOf(first));
  digestRoom = report.roomId;
  expect([ward.room('DESK'), ward.room('DESK-B')]).not.toContain(digestRoom);
  expect((await cedar.stored(digestRoom, report.eventId)).type).toBe('m.room.encrypted');
  expect(report.content['org.wardroom.ticket']).toMatchObject({ kind: 'report', urgency: 'fyi' });
  const body = String(report.content.body);
  expect(body.split('\n')[0]).toMatch(/^REPORT · DESK(-B)?, DESK(-B)? · 2 tickets: 2 FYI$/);
  expect(body.match(new RegExp(`Reason: Chest pressure ${ward.canary}`, 'g'))).toHaveLength(2);
  expect(body.match(/CANCELLED/g) ?? []).toEqual([]);
  expect(body).not.toContain('reply ok');
  expect([mentioned(report), relation(report)]).toEqual([[], undefined]);
  // Wardroom may give it no alias; one of its readers can, and it is the same room then.
  const alias = `#deskdigest:${cedar.userId.split(':').slice(1).join(':')}`;
  await cedar.api('PUT', `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`, { room_id: digestRoom });
  for (const id of [first, second]) {
    expect(await ward.untilState(id, 'reported')).toMatchObject({ next_step_at: null, acknowledged: null });
    await ward.told(id, 'ticket.reported');
    expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'reported']);
  }
  expect(ward.toldOf(dropped)).toEqual(['accepted', 'sent', 'closed']);
});

it('killed between the sending of a digest and its record, it is there once, and each ticket is reported once', async () => {
  const ids = [
    await ward.post('DESK', { urgency: 'FYI' }),
    await ward.post('DESK-B', { urgency: 'FYI' }),
    await ward.post('DESK', { urgency: 'FYI' }),
  ];
  for (const id of ids) await ward.told(id, 'ticket.sent');
  await life.kill();
  // Monday, two minutes after the digest was due.
  await ward.dev('clock', 'set', '2031-06-09T11:32:00Z');
  expect(await life.startUntilCrash({ 'post.sent': 1 })).toBe('post.sent');
  const report = await cedar.waitFor(reportOf(ids[0]!));
  expect(report.roomId).toBe(digestRoom);
  expect(new Set(idsOf(report.content))).toEqual(new Set(ids));
  expect(String(report.content.body)).toContain('Late: it was due Mon 9 Jun 07:30.');
  await life.start();
  for (const id of ids) {
    const { timeline } = await ward.untilState(id, 'reported');
    expect(timeline.filter(({ event }) => event === 'step_due')).toMatchObject([{ step: 0, late: true }]);
    expect(timeline.filter(({ event }) => event === 'reported')).toHaveLength(1);
    await ward.told(id, 'ticket.reported');
  }
  const reported = (await reportsIn(digestRoom)).flat();
  for (const id of ids) expect(reported.filter((one) => one === id)).toHaveLength(1);
});

it('a routine ticket waits for the office, and is reported into the room that its owners made, once', async () => {
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
  await ward.dev('clock', 'set', '2031-06-09T12:30:00Z');
  expect((await cedar.waitFor(reportOf(id))).roomId).toBe(room.room_id);
  await ward.untilState(id, 'reported');
  // While the office is open a routine ticket does not wait.
  const next = await ward.post('DESK', { urgency: 'ROUTINE' });
  await cedar.waitFor(reportOf(next));
  expect(await reportsIn(room.room_id)).toEqual([[id], [next]]);
});

it('where the practice wants it, its morning report also tells what was urgent overnight and how it ended', async () => {
  // Monday evening.
  await ward.dev('clock', 'set', '2031-06-10T01:00:00Z');
  const [taken, open] = [await ward.post('DESK-B'), await ward.post('DESK-B')];
  await alder.waitFor((event) => event.roomId === ward.room('DESK-B') && JSON.stringify(event.content).includes(taken));
  await ward.tell(taken, { type: 'patched' });
  await ward.untilState(taken, 'acknowledged');
  await ward.tell(taken, { type: 'closed' });
  await ward.dev('clock', 'set', '2031-06-10T12:30:00Z');
  const report = await cedar.waitFor(reportOf(taken));
  expect(idsOf(report.content)).toEqual([taken, open]);
  const body = String(report.content.body);
  expect(body.split('\n')[0]).toBe('REPORT · DESK-B · 2 tickets: 2 STAT');
  expect(body).toContain('Alerted: dr.alder Mon 9 Jun 21:00. Caller and clinician connected Mon 9 Jun 21:00. Closed');
  expect(body).toContain('Nobody has taken it yet.');
  expect((await ward.look(taken)).state).toBe('closed');
  expect((await ward.look(open)).state).not.toBe('reported');
});

it('nothing of a report is readable outside its encrypted message', async () => {
  expect(await ward.leaks()).toEqual([]);
});
