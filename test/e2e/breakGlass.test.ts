import { House, joinedIn } from '../../src/dev/house.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

let ward: Ward;
let house: House;
let rowan: Person;
let sorrel: Person;
let tansy: Person;
let room: string;
/** A room that sorrel and tansy are in, where they talk to Wardroom. */
let station: string;

/** One after the other. Rowan is a physician; sorrel and tansy are nurses, and the room of this story is for physicians. */
beforeAll(async () => {
  ward = await Ward.open();
  house = new House(ward.hospital, (key) => ward.person(key));
  await house.open('adm.gorse', 'adm.fir');
  [rowan, sorrel, tansy] = (await Promise.all(
    ['dr.rowan', 'rn.sorrel', 'rn.tansy'].map((key) => house.person(key)),
  )) as [Person, Person, Person];
  for (const [person, role] of [
    [rowan, 'physician'],
    [sorrel, 'nurse'],
    [tansy, 'nurse'],
  ] as const)
    await house.done(`role grant ${person.userId} ${role}`);
  room = String((await house.done('room create clinical BG 5 East --roles physician')).data.room_id);
  station = String((await house.done('room create clinical BG 6 East --roles nurse')).data.room_id);
  await Promise.all([rowan.room(room), sorrel.room(station), tansy.room(station)]);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  for (const [person, role] of [
    [rowan, 'physician'],
    [sorrel, 'nurse'],
    [tansy, 'nurse'],
  ] as const)
    await house?.done(`role revoke ${person.userId} ${role}`);
  for (const id of [room, station]) await house?.done(`room close ${id}`);
  await ward?.close();
  if (ward) await ask(ward.hospital, `UPDATE wardroom.administrators SET told = false WHERE state = 'seen'`);
});

const answerTo = (id: string) => (event: SeenEvent) =>
  event.content['org.wardroom.answer'] !== undefined &&
  (event.content['m.relates_to'] as { 'm.in_reply_to'?: { event_id?: string } })?.['m.in_reply_to']?.event_id === id;
async function asks(person: Person, words: string) {
  const answer = await person.waitFor(answerTo(await person.say(station, `!breakglass ${words}`)));
  return answer.content['org.wardroom.answer'] as { outcome: string; code: string; data: Record<string, string> };
}
const isIn = async (person: Person) => (await joinedIn(room, rowan)).includes(person.userId);
const within = (what: string, ready: () => Promise<boolean>) =>
  pollUntil(what, ready, { deadlineMs: 10_000, everyMs: 50 });
const bodyWith = (text: string) => (event: SeenEvent) => String(event.content.body).includes(text);

it('a nurse breaks the glass, reads the past and what comes, and is out within five seconds of the start after it was over', async () => {
  await rowan.say(room, 'BG-PAST potassium 6.9');
  expect(await asks(sorrel, room)).toMatchObject({ outcome: 'refused', code: 'reason-missing' });
  const given = await asks(sorrel, `${room} --reason code blue, nobody answers --for 20m`);
  expect(given).toMatchObject({ outcome: 'ok', code: 'granted', data: { user_id: sorrel.userId, room_id: room } });
  await within('sorrel is in', () => isIn(sorrel));
  expect(await isIn(tansy)).toBe(false);

  const transcript = await sorrel.waitFor(bodyWith('BG-PAST potassium 6.9'));
  expect([transcript.encrypted, transcript.sender, transcript.roomId === room]).toEqual([
    true,
    ward.hospital.bot_user_id,
    false,
  ]);
  expect(String(transcript.content.body)).toContain(`${rowan.userId}: BG-PAST`);
  const people = await sorrel.api<{ joined: Record<string, unknown> }>(
    'GET',
    `/_matrix/client/v3/rooms/${encodeURIComponent(transcript.roomId)}/joined_members`,
  );
  expect(Object.keys(people.joined).sort()).toEqual([sorrel.userId, ward.hospital.bot_user_id].sort());
  await rowan.say(room, 'BG-NEXT calcium given');
  await sorrel.waitFor((event) => event.roomId === room && bodyWith('BG-NEXT')(event));

  await ward.dev('kill', 'wardroom');
  await ward.dev('clock', 'advance', '21m');
  await ward.dev('start', 'wardroom');
  const start = performance.now();
  await within('sorrel is out', async () => !(await isIn(sorrel)));
  expect(performance.now() - start).toBeLessThan(5_000);
  const after = await rowan.say(room, 'BG-AFTER');
  // The homeserver does not show it to who was out by then; who is in sees it the same way.
  await expect(sorrel.stored(room, after)).rejects.toMatchObject({ status: 404 });
  expect((await rowan.stored(room, after)).type).toBe('m.room.encrypted');

  // What was in the room of their own is gone at the homeserver, and they are out of it.
  await sorrel.waitFor((event) => event.roomId === transcript.roomId && bodyWith('is over')(event));
  await within('out of the transcript', async () => !(await sorrel.rooms()).includes(transcript.roomId));
  await within('all of it on record', async () => {
    const [left] = await ask<{ times: number }>(
      ward.hospital,
      `SELECT count(*)::int AS times FROM wardroom.audit_entries WHERE body->>'action' = 'breakglass.closed'`,
    );
    return (left?.times ?? 0) > 0;
  });

  const { breakglass } = given.data;
  const listed = await house.done('breakglass list');
  expect(listed.body).toContain('code blue, nobody answers');
  expect((await house.done(`breakglass review ${breakglass} --note asked the ward`)).code).toBe('reviewed');
  const audited = await ask<{ action: string }>(
    ward.hospital,
    `SELECT DISTINCT body->>'action' AS action FROM wardroom.audit_entries WHERE body->>'action' LIKE 'breakglass.%'`,
  );
  const actions = audited.map(({ action }) => action);
  for (const verb of ['refused', 'granted', 'transcript', 'ended', 'reviewed'])
    expect(actions).toContain(`breakglass.${verb}`);
});

it('killed inside a grant and inside a close, it gives all of it once and takes all of it back', async () => {
  await rowan.say(room, 'BG-AGAIN lactate 4.1');
  const process_ = new WardroomProcess(ward);
  await process_.kill();
  const said = await tansy.say(station, `!breakglass ${room} --reason sepsis, nobody answers --for 20m`);
  expect(await process_.startUntilCrash({ 'breakglass.granted': 1 })).toBe('breakglass.granted');
  expect(await process_.startUntilCrash({ 'breakglass.reading': 1 })).toBe('breakglass.reading');
  await process_.start();
  await within('tansy is in', () => isIn(tansy));
  const given = await tansy.waitFor(answerTo(said));
  const { data, code } = given.content['org.wardroom.answer'] as { code: string; data: Record<string, string> };
  expect(code).toBe('granted');
  const transcript = await tansy.waitFor(bodyWith('BG-AGAIN lactate 4.1'));
  const onRecord = async (action: string) =>
    (await auditOf(ward, action)).filter(({ detail }) => detail?.breakglass === data.breakglass);
  await within('the transcript is whole', async () => (await onRecord('breakglass.transcript')).length === 1);
  const pieces = () =>
    tansy.events
      .all()
      .filter(({ roomId, sender }) => roomId === transcript.roomId && sender === ward.hospital.bot_user_id)
      .map(({ content }) => String(content.body));
  expect(pieces().filter((body) => body.includes('BG-AGAIN'))).toHaveLength(1);
  expect(pieces().filter((body) => body.startsWith('Emergency access'))).toHaveLength(1);

  await process_.kill();
  await ward.dev('clock', 'advance', '21m');
  expect(await process_.startUntilCrash({ 'breakglass.ended': 1 })).toBe('breakglass.ended');
  expect(await process_.startUntilCrash({ 'breakglass.closing': 1 })).toBe('breakglass.closing');
  await process_.start();
  await within('tansy is out', async () => !(await isIn(tansy)));
  await within('out of the transcript', async () => !(await tansy.rooms()).includes(transcript.roomId));
  await within('closed', async () => (await onRecord('breakglass.closed')).length === 1);
  expect(pieces().filter((body) => body.includes('is over'))).toHaveLength(1);
  for (const action of ['breakglass.granted', 'breakglass.told', 'breakglass.opened', 'breakglass.ended'])
    expect([action, (await onRecord(action)).length]).toEqual([action, 1]);
  await house.done(`breakglass review ${data.breakglass}`);
});
