import { jest } from '@jest/globals';
import pg from 'pg';
import type { Person } from '../../../src/dev/person.ts';
import type { RoomId } from '../../../src/kernel/ids.ts';
import { post, type Rig, startRig, type TestVoice, until } from './rig.ts';

jest.setTimeout(180_000);

let rig: Rig;
let fenn: Person;
let database: pg.Client;

beforeAll(async () => {
  rig = await startRig(['fenn']);
  fenn = await rig.person('fenn', { onlySignedDevices: true });
  database = new pg.Client({ connectionString: rig.database.adminUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await rig?.close();
});

type Stored = Record<string, unknown>;
const sessionOf = (event: Stored): string => String((event.content as Stored).session_id);
const opens = async (voice: TestVoice, room: RoomId, event: Stored): Promise<string> => {
  const opened = await voice.crypto.decrypt(room, event);
  return opened.ok ? String(opened.value.clear.content.reveal().body) : opened.error;
};

/** Messages of somebody else, each in a session of its own, that the voice can open. */
async function heard(voice: TestVoice, room: RoomId, texts: readonly string[]): Promise<Stored[]> {
  const events: Stored[] = [];
  for (const text of texts) {
    await fenn.rotateSession(room);
    events.push(await fenn.stored(room, await fenn.say(room, text)));
  }
  for (const event of events) await until(async () => (await voice.crypto.decrypt(room, event)).ok);
  return events;
}

const sessionsKept = async (voice: TestVoice): Promise<number> => {
  const { rows } = await database.query<{ count: string }>(
    `SELECT count(*) FROM wardroom.crypto_record WHERE voice = $1 AND store = 'inbound_group_sessions3'`,
    [voice.user],
  );
  return Number(rows[0]!.count);
};

it('what was encrypted with a forgotten session is never opened again, before or after a restart; everything else is', async () => {
  const voice = await rig.voice('forgets');
  await voice.crypto.start();
  const room = await rig.room(voice, [fenn]);
  const other = await rig.room(voice, [fenn]);
  await post(voice, room, [fenn.userId], 'hello');
  const [first, second, third] = (await heard(voice, room, ['one', 'two', 'three'])) as [Stored, Stored, Stored];
  const [elsewhere] = (await heard(voice, other, ['elsewhere'])) as [Stored];
  const before = await sessionsKept(voice);

  // The same session of another room is another one: none there.
  expect(await voice.crypto.forgetSessions(other, [sessionOf(first)])).toBe(0);
  expect(await opens(voice, room, first)).toBe('one');
  expect(await voice.crypto.forgetSessions(room, [sessionOf(first), sessionOf(second), 'no-such-session'])).toBe(2);
  expect(await sessionsKept(voice)).toBe(before - 2);
  expect(await voice.crypto.forgetSessions(room, [sessionOf(first)])).toBe(0);

  const texts = (one: TestVoice) =>
    Promise.all([first, second, third].map((event) => opens(one, room, event)).concat(opens(one, other, elsewhere)));
  const left = ['missing-key', 'missing-key', 'three', 'elsewhere'];
  expect(await texts(voice)).toEqual(left);
  await voice.crypto.panicForTest();
  expect(await texts(voice)).toEqual(left);
  await voice.crypto.stop();
  const back = await rig.voice('forgets');
  await back.crypto.start();
  expect(back.codes).toEqual([]);
  expect(await texts(back)).toEqual(left);
  await back.crypto.stop();
});

it('own sessions are forgotten once they are over; the one in use is passed over, and goes on', async () => {
  const voice = await rig.voice('writes');
  await voice.crypto.start();
  const room = await rig.room(voice, [fenn]);
  const said = async (text: string): Promise<Stored> =>
    fenn.stored(room, (await post(voice, room, [fenn.userId], text)).eventId);
  const old = await said('old');
  voice.crypto.membersLeft(room, []);
  const current = await said('current');
  expect(sessionOf(current)).not.toBe(sessionOf(old));
  expect(await voice.crypto.forgetSessions(room, [sessionOf(old), sessionOf(current)])).toBe(1);
  expect(await opens(voice, room, old)).toBe('missing-key');
  expect(await opens(voice, room, current)).toBe('current');
  expect(sessionOf(await said('next'))).toBe(sessionOf(current));
  await voice.crypto.stop();
});

it('without an engine nothing is said to be forgotten', async () => {
  const voice = await rig.voice('asleep');
  const room = await rig.room(voice, [fenn]);
  await expect(voice.crypto.forgetSessions(room, ['some-session'])).rejects.toThrow('crypto-not-ready');
});
