import { jest } from '@jest/globals';
import * as rust from '@matrix-org/matrix-sdk-crypto-wasm';
import pg from 'pg';
import type { Person } from '../../../src/dev/person.ts';
import type { RoomId } from '../../../src/kernel/ids.ts';
import { indexOf, post, type Rig, readBy, startRig, switchable, type TestVoice, until } from './rig.ts';

jest.setTimeout(180_000);

let rig: Rig;
let fenn: Person;
let database: pg.Client;

beforeAll(async () => {
  rig = await startRig(['fenn', 'park']);
  // Her client shows only what devices sent that their owner signed.
  fenn = await rig.person('fenn', { onlySignedDevices: true });
  database = new pg.Client({ connectionString: rig.database.adminUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await rig?.close();
});

type Made = Awaited<ReturnType<typeof post>>;
interface Copy {
  readonly voice: Record<string, unknown>;
  readonly databases: readonly Record<string, unknown>[];
  readonly records: readonly Record<string, unknown>[];
}

async function started(name: string): Promise<{ voice: TestVoice; room: RoomId; made: Made[] }> {
  const voice = await rig.voice(name);
  await voice.crypto.start();
  const room = await rig.room(voice, [fenn]);
  return { voice, room, made: [await post(voice, room, [fenn.userId], 'before')] };
}

/** What a backup of the database, a snapshot of its machine or a copy of its files has of the voice. */
async function copyOf({ user }: TestVoice): Promise<Copy> {
  const rows = async (table: string) =>
    (await database.query<Record<string, unknown>>(`SELECT * FROM wardroom.${table} WHERE voice = $1`, [user])).rows;
  // In one snapshot, as all of those are.
  await database.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const copy = {
    voice: (await rows('crypto_voice'))[0]!,
    databases: await rows('crypto_database'),
    records: await rows('crypto_record'),
  };
  await database.query('COMMIT');
  return copy;
}

/** The database is that of the copy again. */
async function setBack(copy: Copy): Promise<void> {
  const { voice, databases, records } = copy;
  for (const table of ['crypto_record', 'crypto_database', 'crypto_voice'])
    await database.query(`DELETE FROM wardroom.${table} WHERE voice = $1`, [voice.voice]);
  const insert = (table: string, rows: readonly unknown[]) =>
    database.query(
      `INSERT INTO wardroom.${table} SELECT (jsonb_populate_record(NULL::wardroom.${table}, row)).* FROM jsonb_array_elements($1) AS row`,
      [JSON.stringify(rows, (_, value) => (isBytes(value) ? `\\x${Buffer.from(value.data).toString('hex')}` : value))],
    );
  await insert('crypto_voice', [voice]);
  await insert('crypto_database', databases);
  await insert('crypto_record', records);
}

/** A Buffer as JSON has it. */
const isBytes = (value: unknown): value is { data: number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';

const masterKey = async (user: string): Promise<string> => {
  const answer = await fenn.api<{ master_keys: Record<string, { keys: Record<string, string> }> }>(
    'POST',
    '/_matrix/client/v3/keys/query',
    { device_keys: { [user]: [] } },
  );
  return Object.keys(answer.master_keys[user]?.keys ?? {})[0] ?? 'none';
};
const devices = async (voice: TestVoice): Promise<string[]> => {
  const { body } = await voice.request('GET', '/_matrix/client/v3/devices');
  return (body as { devices: { device_id: string }[] }).devices.map((device) => device.device_id);
};
const places = (made: readonly Made[]): string[] =>
  made.map(({ sessionId, content }) => `${sessionId} ${indexOf(content)}`);

/**
 * The voice starts again and says `code`: with a new device, the only one, signed by the identity that people know; both sides
 * read each other; no place in a session is used twice.
 */
async function comesBackAnew(
  before: { voice: TestVoice; room: RoomId; made: readonly Made[] },
  code: TestVoice['codes'][number],
): Promise<TestVoice> {
  const [old, identity] = [before.voice.crypto.deviceId, await masterKey(before.voice.user)];
  const back = await rig.voice(before.voice.user.slice('@wardroom_'.length).split(':')[0]!);
  await back.crypto.start();
  expect(back.codes).toContain(code);
  expect(back.codes).toContain('crypto.identity_restored');
  expect(back.crypto.deviceId).not.toBe(old);
  expect(await devices(back)).toEqual([back.crypto.deviceId]);
  expect(await masterKey(back.user)).toBe(identity);
  const made = [...before.made];
  for (const body of ['after', 'and after that']) {
    made.push(await post(back, before.room, [fenn.userId], body));
    expect(await readBy(fenn, before.room, made.at(-1)!.eventId)).toBe(body);
  }
  expect(new Set(places(made)).size).toBe(made.length);
  await fenn.rotateSession(before.room);
  const event = await fenn.stored(before.room, await fenn.say(before.room, 'ok'));
  await until(async () => (await back.crypto.decrypt(before.room, event)).ok);
  await back.crypto.stop();
  return back;
}

/** The same device goes on, and nothing is said to be wrong. */
async function goesOn({ voice, room }: { voice: TestVoice; room: RoomId }): Promise<void> {
  const device = voice.crypto.deviceId;
  const back = await rig.voice(voice.user.slice('@wardroom_'.length).split(':')[0]!);
  await back.crypto.start();
  expect([back.crypto.deviceId, back.codes]).toEqual([device, []]);
  const { eventId } = await post(back, room, [fenn.userId], 'goes on');
  expect(await readBy(fenn, room, eventId)).toBe('goes on');
  await back.crypto.stop();
}

describe('a database that was set back in time', () => {
  it('is noticed when keys were shared since', async () => {
    const { voice, room, made } = await started('shared');
    const copy = await copyOf(voice);
    voice.crypto.membersLeft(room, []);
    made.push(await post(voice, room, [fenn.userId], 'under a new session'));
    await voice.crypto.stop();
    await setBack(copy);
    await comesBackAnew({ voice, room, made }, 'crypto.store_stale');
  });

  it('is noticed when keys were received since: the homeserver has them no more', async () => {
    const { voice, room, made } = await started('received');
    // What the start brought is settled.
    await until(async () => (await epochAt(voice)) > 0);
    const copy = await copyOf(voice);
    await fenn.rotateSession(room);
    const event = await fenn.stored(room, await fenn.say(room, 'a key that comes once'));
    await until(async () => (await voice.crypto.decrypt(room, event)).ok);
    await until(async () => (await epochAt(voice)) > Number(copy.voice.epoch));
    await voice.crypto.stop();
    await setBack(copy);
    await comesBackAnew({ voice, room, made }, 'crypto.store_stale');
  });

  it('is noticed again when it is set back to the same time once more', async () => {
    const before = await started('twice');
    const copy = await copyOf(before.voice);
    before.voice.crypto.membersLeft(before.room, []);
    before.made.push(await post(before.voice, before.room, [fenn.userId], 'more'));
    await before.voice.crypto.stop();
    await setBack(copy);
    const once = await comesBackAnew(before, 'crypto.store_stale');
    await setBack(copy);
    await comesBackAnew({ ...before, voice: once }, 'crypto.store_stale');
  });

  it('is noticed when it is from before the device that is in use now', async () => {
    const before = await started('older');
    const copy = await copyOf(before.voice);
    await before.voice.crypto.stop();
    await database.query('DELETE FROM wardroom.crypto_record WHERE voice = $1', [before.voice.user]);
    const second = await comesBackAnew(before, 'crypto.store_lost');
    await setBack(copy);
    await comesBackAnew({ ...before, voice: second }, 'crypto.store_stale');
  });

  it('is not suspected of a database that was merely stopped, killed, or copied when nothing had left since', async () => {
    const before = await started('steady');
    const copy = await copyOf(before.voice);
    // Only what makes no use of the ratchets between devices: a message under the session that was shared before.
    before.made.push(await post(before.voice, before.room, [fenn.userId], 'same session'));
    await before.voice.crypto.stop();
    await goesOn(before);
    expect(Number(copy.voice.epoch)).toBeGreaterThan(0);
  });

  it('costs one small request for each round of keys, however many it goes to, and none for a message', async () => {
    const { request } = await rig.voiceUser('thrifty');
    const gate = switchable(request);
    const voice = await rig.voice('thrifty', { request: gate.request });
    await voice.crypto.start();
    const park = await rig.person('park');
    const room = await rig.room(voice, [fenn, park]);
    const people = [fenn.userId, park.userId];
    await post(voice, room, people, 'shares the key');
    let told = 0;
    gate.before = async (method, path) => {
      if (method === 'PUT' && path.includes('crypto_epoch')) told += 1;
      return undefined;
    };
    for (let i = 0; i < 30; i++) await post(voice, room, people, `message ${i}`);
    expect(told).toBe(0);
    voice.crypto.membersLeft(room, []);
    const { readers } = await post(voice, room, people, 'shares a new one');
    expect(Object.keys(readers).sort()).toEqual([fenn.userId, park.userId, voice.user].sort());
    expect(told).toBe(1);
    await voice.crypto.stop();
    await park.logOut();
  });

  it('is guarded before anything leaves: no key is shared while the homeserver does not take the witness', async () => {
    const { request } = await rig.voiceUser('careful');
    const gate = switchable(request);
    const voice = await rig.voice('careful', { request: gate.request });
    await voice.crypto.start();
    const room = await rig.room(voice, [fenn]);
    await post(voice, room, [fenn.userId], 'hello');
    let shared = 0;
    gate.before = async (_method, path) => {
      if (path.includes('/sendToDevice/')) shared += 1;
      return path.includes('crypto_epoch') ? { status: 503, body: null } : undefined;
    };
    voice.crypto.membersLeft(room, []);
    await expect(post(voice, room, [fenn.userId], 'not yet')).rejects.toThrow('crypto-share-failed');
    expect(shared).toBe(0);
    gate.before = async () => undefined;
    const { eventId } = await post(voice, room, [fenn.userId], 'now');
    expect(await readBy(fenn, room, eventId)).toBe('now');
    await voice.crypto.stop();
  });
});

/** What the homeserver was told of the voice's store. */
async function epochAt(voice: TestVoice): Promise<number> {
  const path = `/_matrix/client/v3/user/${encodeURIComponent(voice.user)}/account_data/org.wardroom.crypto_epoch`;
  const { body } = await voice.request('GET', path);
  return Number((body as { epoch?: number }).epoch ?? 0);
}

describe('a damaged store', () => {
  /** The voice's records that are not the same few it always has, one of each kind. */
  const kinds = async (user: string): Promise<string[]> =>
    (
      await database.query<{ store: string }>('SELECT DISTINCT store FROM wardroom.crypto_record WHERE voice = $1', [
        user,
      ])
    ).rows.map(({ store }) => store);

  it.each([
    [
      'with one bit flipped',
      `UPDATE wardroom.crypto_record SET value = set_bit(value, bit_length(value)::bigint / 2, 1 - get_bit(value, bit_length(value)::bigint / 2))`,
    ],
    ['with a record missing', 'DELETE FROM wardroom.crypto_record'],
    ['with a record under another name', `UPDATE wardroom.crypto_record SET key = '"moved"'`],
  ])('%s comes back as a new device, whatever kind of record it is', async (_what, change) => {
    const before = await started(`damaged${change.length}`);
    await before.voice.crypto.stop();
    const copy = await copyOf(before.voice);
    const stores = await kinds(before.voice.user);
    expect(stores.length).toBeGreaterThan(4);
    // One of each kind shows; which kind is damaged in the end differs from run to run of the engine's versions.
    for (const store of stores) {
      await setBack(copy);
      await database.query(
        `${change} WHERE ctid = (SELECT ctid FROM wardroom.crypto_record WHERE voice = $1 AND store = $2 LIMIT 1)`,
        [before.voice.user, store],
      );
      const suspect = await rig.voice(before.voice.user.slice('@wardroom_'.length).split(':')[0]!, {
        // Nothing is changed at the homeserver: the next kind finds the same device there.
        request: async (method, path, options) => {
          if (method === 'GET' || path.endsWith('/keys/query')) return before.voice.request(method, path, options);
          return { status: 503, body: null };
        },
      });
      void suspect.crypto.start().catch(() => undefined);
      await until(() => suspect.codes.length > 0);
      expect([store, suspect.codes[0]]).toEqual([store, 'crypto.store_damaged']);
      await suspect.crypto.stop();
    }
    await setBack(copy);
    await database.query(`${change} WHERE ctid = (SELECT ctid FROM wardroom.crypto_record WHERE voice = $1 LIMIT 1)`, [
      before.voice.user,
    ]);
    await comesBackAnew(before, 'crypto.store_damaged');
  });

  it('of which only the kept identity is damaged goes on with its device, and keeps the identity anew', async () => {
    const before = await started('resealed');
    await before.voice.crypto.stop();
    const spoil = () =>
      database.query(
        `UPDATE wardroom.crypto_voice SET sealed_identity = set_byte(sealed_identity, 40, get_byte(sealed_identity, 40) # 1) WHERE voice = $1`,
        [before.voice.user],
      );
    await spoil();
    const back = await rig.voice('resealed');
    await back.crypto.start();
    expect([back.codes, back.crypto.deviceId]).toEqual([['crypto.identity_resealed'], before.voice.crypto.deviceId]);
    await back.crypto.stop();
    // It is worth something: a store that is lost now still comes back under it.
    await database.query('DELETE FROM wardroom.crypto_record WHERE voice = $1', [before.voice.user]);
    await comesBackAnew(before, 'crypto.store_lost');
  });

  it('from before there were digests is taken as it is, and has one from then on', async () => {
    const before = await started('undigested');
    await before.voice.crypto.stop();
    await database.query('UPDATE wardroom.crypto_voice SET digest = NULL WHERE voice = $1', [before.voice.user]);
    await goesOn(before);
    expect((await copyOf(before.voice)).voice.digest).not.toBeNull();
    await goesOn(before);
  });
});

describe('a store of another device', () => {
  it('that is whole, under the name of the device in use, is not used', async () => {
    const before = await started('mixed');
    const first = await copyOf(before.voice);
    await before.voice.crypto.stop();
    await database.query('DELETE FROM wardroom.crypto_record WHERE voice = $1', [before.voice.user]);
    const second = await comesBackAnew(before, 'crypto.store_lost');
    // Somebody put the tables together by hand.
    await setBack({ ...first, voice: { ...first.voice, device_id: second.crypto.deviceId, epoch: 1_000_000 } });
    await comesBackAnew({ ...before, voice: second }, 'crypto.store_foreign');
  });

  it('of the same name, but with other keys than people are shown, is not used', async () => {
    const before = await started('doubled');
    await before.voice.crypto.stop();
    const device = before.voice.crypto.deviceId!;
    // Another installation with the same registration made a device of this name.
    await before.voice.request('DELETE', `/_matrix/client/v3/devices/${device}`, { body: {} });
    await before.voice.request('PUT', `/_matrix/client/v3/devices/${device}`, { body: {} });
    await rust.initAsync();
    const machine = await rust.OlmMachine.initialize(new rust.UserId(before.voice.user), new rust.DeviceId(device));
    const upload = (await machine.outgoingRequests()).find((one) => one.type === rust.RequestType.KeysUpload)!;
    await before.voice.request('POST', '/_matrix/client/v3/keys/upload', {
      query: { device_id: device },
      body: JSON.parse((upload as rust.KeysUploadRequest).body),
    });
    await comesBackAnew(before, 'crypto.store_foreign');
  });

  it('of another voice is not used', async () => {
    const before = await started('own');
    const other = await started('others');
    await before.voice.crypto.stop();
    await other.voice.crypto.stop();
    const [own, theirs] = [await copyOf(before.voice), await copyOf(other.voice)];
    await setBack({ ...own, records: theirs.records.map((record) => ({ ...record, voice: before.voice.user })) });
    await comesBackAnew(before, 'crypto.store_damaged');
    await goesOn(other);
  });
});
