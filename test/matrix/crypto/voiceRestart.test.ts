import { jest } from '@jest/globals';
import * as rust from '@matrix-org/matrix-sdk-crypto-wasm';
import pg from 'pg';
import type { Person } from '../../../src/dev/person.ts';
import type { CryptoLease, CryptoStore } from '../../../src/flows/cryptoPort.ts';
import { type RoomId, userId } from '../../../src/kernel/ids.ts';
import { Phi, Secret } from '../../../src/kernel/phi.ts';
import { indexOf, post, type Rig, readBy, startRig, type TestVoice, until } from './rig.ts';

jest.setTimeout(180_000);

let rig: Rig;
let fenn: Person;
let database: pg.Client;

beforeAll(async () => {
  rig = await startRig(['fenn', 'park']);
  fenn = await rig.person('fenn', { onlySignedDevices: true });
  database = new pg.Client({ connectionString: rig.database.adminUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await rig?.close();
});

async function started(
  name: string,
  options: Parameters<Rig['voice']>[1] = {},
): Promise<{ voice: TestVoice; room: RoomId }> {
  const voice = await rig.voice(name, options);
  await voice.crypto.start();
  return { voice, room: await rig.room(voice, [fenn]) };
}

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
/** Every session and index of what was encrypted, to find one used twice. */
const places = (made: readonly { sessionId: string; content: Readonly<Record<string, unknown>> }[]): string[] =>
  made.map(({ sessionId, content }) => `${sessionId} ${indexOf(content)}`);

async function postWhenUp(voice: TestVoice, room: RoomId, body: string): Promise<Awaited<ReturnType<typeof post>>> {
  let sent: Awaited<ReturnType<typeof post>> | null = null;
  await until(async () => {
    sent = await post(voice, room, [fenn.userId], body).catch(() => null);
    return sent !== null;
  });
  return sent!;
}

/** Publishes another identity for the voice's user, as somebody with power over the homeserver could. */
async function usurp(voice: TestVoice): Promise<void> {
  await rust.initAsync();
  const query = { device_id: 'INTRUDER' };
  await voice.request('PUT', '/_matrix/client/v3/devices/INTRUDER', { body: {} });
  const machine = await rust.OlmMachine.initialize(new rust.UserId(voice.user), new rust.DeviceId('INTRUDER'));
  const requests = await machine.bootstrapCrossSigning(true);
  const upload = (path: string, body: string) =>
    voice.request('POST', `/_matrix/client/v3/keys/${path}`, { query, body: JSON.parse(body) });
  await upload('upload', requests.uploadKeysRequest.body);
  await upload('device_signing/upload', requests.uploadSigningKeysRequest.body);
  await upload('signatures/upload', requests.uploadSignaturesRequest.body);
}

/** A store that calls `before` with the number of each write; `before` may kill. */
function watched(inner: CryptoStore, before: (write: number) => Promise<void>): CryptoStore {
  let writes = 0;
  const counted = async <T>(write: () => Promise<T>): Promise<T> => {
    await before(++writes);
    return write();
  };
  return {
    async acquire(voice, options) {
      const lease = await inner.acquire(voice, options);
      if (!lease.ok) return lease;
      const wrapped: CryptoLease = {
        load: () => lease.value.load(),
        apply: (changes, also) => counted(() => lease.value.apply(changes, also)),
        startDevice: (device, epoch) => counted(() => lease.value.startDevice(device, epoch)),
        markReady: () => counted(() => lease.value.markReady()),
        saveSealedIdentity: (sealed) => counted(() => lease.value.saveSealedIdentity(sealed)),
        isReplay: (place) => lease.value.isReplay(place),
        lost: lease.value.lost,
        release: () => lease.value.release(),
      };
      return { ok: true, value: wrapped };
    },
  };
}

/** Ends the connection that holds the voice's lease, as the death of its process would. */
async function endLease(user: string): Promise<void> {
  const client = new pg.Client({ connectionString: rig.database.adminUrl });
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND objid = (hashtextextended('wardroom.crypto ' || $1, 0) & 4294967295)::oid`,
    [user],
  );
  await client.end();
}

describe('a panic', () => {
  it('is survived: what runs is done on the next engine, with the same device, and no index is used twice', async () => {
    const { voice, room } = await started('panics');
    const device = voice.crypto.deviceId;
    const made = [await post(voice, room, [fenn.userId], 'before')];
    const running = Array.from({ length: 6 }, (_, i) => post(voice, room, [fenn.userId], `during ${i}`));
    await voice.crypto.panicForTest();
    made.push(...(await Promise.all(running)), await post(voice, room, [fenn.userId], 'after'));
    expect(voice.codes).toContain('crypto.engine_died');
    expect(voice.crypto.deviceId).toBe(device);
    expect(new Set(places(made)).size).toBe(made.length);
    expect(await readBy(fenn, room, made.at(-1)!.eventId)).toBe('after');
    for (const [i, { eventId }] of made.slice(1, 7).entries())
      expect(await readBy(fenn, room, eventId)).toBe(`during ${i}`);
    await voice.crypto.stop();
  });

  it('loses no key that came before, during or after', async () => {
    const { voice, room } = await started('keeps');
    const events: Record<string, unknown>[] = [];
    for (let i = 0; i < 6; i++) {
      await fenn.rotateSession(room);
      events.push(await fenn.stored(room, await fenn.say(room, `key ${i}`)));
      if (i === 2) void voice.crypto.panicForTest();
    }
    for (const event of events) await until(async () => (await voice.crypto.decrypt(room, event)).ok);
    await voice.crypto.stop();
  });
});

describe('away', () => {
  it('20 sessions that were shared while the voice was away can all be opened when it is back', async () => {
    const { voice, room } = await started('away');
    await post(voice, room, [fenn.userId], 'hello');
    await fenn.say(room, 'known devices');
    await voice.crypto.stop();
    const events: Record<string, unknown>[] = [];
    for (let i = 0; i < 20; i++) {
      await fenn.rotateSession(room);
      events.push(await fenn.stored(room, await fenn.say(room, `away ${i}`)));
    }
    const back = await rig.voice('away');
    await back.crypto.start();
    expect(back.crypto.deviceId).toBe(voice.crypto.deviceId);
    for (const [i, event] of events.entries()) {
      await until(async () => (await back.crypto.decrypt(room, event)).ok);
      const opened = await back.crypto.decrypt(room, event);
      expect(opened.ok && opened.value.clear.content.reveal().body).toBe(`away ${i}`);
      expect(opened.ok && opened.value.crossSigned).toBe(true);
    }
    await back.crypto.stop();
  });

  it('a device that somebody added meanwhile is a reader of the first message', async () => {
    const { voice, room } = await started('missed');
    const park = await rig.person('park');
    await voice.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/invite`, {
      body: { user_id: park.userId },
    });
    await park.client.joinRoom(room);
    await post(voice, room, [fenn.userId, park.userId], 'hello');
    await voice.crypto.stop();
    const tablet = await rig.person('park');
    const back = await rig.voice('missed');
    await back.crypto.start();
    const sent = await post(back, room, [fenn.userId, park.userId], 'and now');
    expect(sent.readers[park.userId]).toEqual([park.deviceId, tablet.deviceId].sort());
    expect(await readBy(tablet, room, sent.eventId)).toBe('and now');
    await back.crypto.stop();
    await tablet.logOut();
    await park.logOut();
  });
});

describe('killed at any moment', () => {
  it('goes on from what was committed: same device, no index twice, everything readable', async () => {
    let kill: number | null = null;
    const store = watched(rig.store, async (write) => {
      if (kill === null || write < kill) return;
      kill = null;
      // The connection goes with the commit half way: nobody can say whether it was written.
      void endLease('@wardroom_killed:test');
    });
    const { voice, room } = await started('killed', {
      store,
      settings: { devices: 'cross-signed', rotationMessages: 4, rotationMs: 604_800_000 },
    });
    const device = voice.crypto.deviceId;
    const made: Awaited<ReturnType<typeof post>>[] = [];
    let refused = 0;
    /** A voice that has not noticed yet that its lease is gone still says "ready": it refuses with "try again", and sent nothing. */
    const postOnceReady = async (body: string): ReturnType<typeof post> => {
      for (;;) {
        await until(() => voice.crypto.state() === 'ready');
        const attempt = await post(voice, room, [fenn.userId], body).catch((error: Error) => {
          if (error.message !== 'not encrypted: crypto-not-ready') throw error;
          return null;
        });
        if (attempt !== null) return attempt;
      }
    };
    for (let round = 0; round < 12; round++) {
      // With the next write, that of a new session; or between two messages, which write nothing.
      if (round % 2 === 0) {
        kill = 0;
        voice.crypto.membersLeft(room, []);
      } else void endLease('@wardroom_killed:test');
      for (let i = 0; i <= round % 5; i++) {
        const attempt = await post(voice, room, [fenn.userId], `round ${round}`).catch(() => null);
        if (attempt === null) refused += 1;
        else made.push(attempt);
      }
      made.push(await postOnceReady(`after ${round}`));
    }
    expect(voice.crypto.deviceId).toBe(device);
    expect(voice.codes.filter((code) => code === 'crypto.lease_lost').length).toBeGreaterThanOrEqual(12);
    expect(refused).toBeGreaterThan(0);
    expect(new Set(places(made)).size).toBe(made.length);
    for (const { eventId } of made) expect(await readBy(fenn, room, eventId)).toMatch(/round|after/);
    await voice.crypto.stop();
  });

  it('a bring-up that is cut short at any of its writes ends with one signed device', async () => {
    let total = 0;
    const whole = await started('whole', {
      store: watched(rig.store, async (write) => {
        total = write;
      }),
    });
    await whole.voice.crypto.stop();
    expect(total).toBeGreaterThan(8);
    const cutAt = async (cut: number): Promise<void> => {
      const store = watched(rig.store, async (write) => {
        if (write === cut) await endLease(`@wardroom_cut${cut}:test`);
      });
      const voice = await rig.voice(`cut${cut}`, { store });
      await voice.crypto.start();
      expect(await devices(voice)).toEqual([voice.crypto.deviceId]);
      const room = await rig.room(voice, [fenn]);
      // The last writes are those of the first sync, when the start is over.
      const sent = await postWhenUp(voice, room, `cut ${cut}`);
      expect(sent.readers[fenn.userId]).toEqual([fenn.deviceId]);
      // Her client shows only what signed devices sent.
      expect(await readBy(fenn, room, sent.eventId)).toBe(`cut ${cut}`);
      await voice.crypto.stop();
    };
    // Every fifth, so that the run stays short; the places differ as the engine changes.
    const cuts = Array.from({ length: Math.ceil(total / 5) }, (_, i) => 1 + i * 5);
    while (cuts.length > 0) await Promise.all(cuts.splice(0, 3).map(cutAt));
  });
});

describe('a lost store', () => {
  const forget = async (tables: readonly string[], voice: TestVoice): Promise<void> => {
    for (const table of tables) await database.query(`DELETE FROM wardroom.${table} WHERE voice = $1`, [voice.user]);
  };

  it('never uses the old device again: a new one, signed by the same identity, takes its place', async () => {
    const { voice, room } = await started('lost');
    await post(voice, room, [fenn.userId], 'before');
    const [old, identity] = [voice.crypto.deviceId, await masterKey(voice.user)];
    await voice.crypto.stop();
    await forget(['crypto_record', 'crypto_database'], voice);
    const back = await rig.voice('lost');
    await back.crypto.start();
    expect(back.codes).toEqual(
      expect.arrayContaining(['crypto.store_lost', 'crypto.device_created', 'crypto.identity_restored']),
    );
    expect(back.crypto.deviceId).not.toBe(old);
    expect(await devices(back)).toEqual([back.crypto.deviceId]);
    expect(await masterKey(back.user)).toBe(identity);
    const sent = await post(back, room, [fenn.userId], 'after');
    expect(await readBy(fenn, room, sent.eventId)).toBe('after');
    const event = await fenn.stored(room, await fenn.say(room, 'ok'));
    await until(async () => (await back.crypto.decrypt(room, event)).ok);
    await back.crypto.stop();
  });

  it('with the sealed identity lost too, a new identity is made and said to be new', async () => {
    const { voice, room } = await started('bare');
    const identity = await masterKey(voice.user);
    await voice.crypto.stop();
    await forget(['crypto_record', 'crypto_database', 'crypto_voice'], voice);
    const back = await rig.voice('bare');
    await back.crypto.start();
    expect(back.codes).toEqual(expect.arrayContaining(['crypto.store_lost', 'crypto.identity_reset']));
    expect(await masterKey(back.user)).not.toBe(identity);
    expect(await devices(back)).toEqual([back.crypto.deviceId]);
    expect((await post(back, room, [fenn.userId], 'after')).readers[fenn.userId]).toEqual([fenn.deviceId]);
    await back.crypto.stop();
  });

  it('a device deleted at the homeserver while the voice runs is replaced', async () => {
    const { voice, room } = await started('deleted');
    const [old, identity] = [voice.crypto.deviceId, await masterKey(voice.user)];
    await voice.request('DELETE', `/_matrix/client/v3/devices/${old}`, { body: {} });
    await until(() => voice.crypto.deviceId !== old && voice.crypto.state() === 'ready', 60_000);
    expect(await masterKey(voice.user)).toBe(identity);
    const sent = await post(voice, room, [fenn.userId], 'after');
    expect(await readBy(fenn, room, sent.eventId)).toBe('after');
    await voice.crypto.stop();
  });

  it('a store that is older than the keys at the homeserver is not used, even when nothing else tells', async () => {
    const { voice, room } = await started('restored');
    const old = voice.crypto.deviceId;
    const copy = await database.query('SELECT * FROM wardroom.crypto_record WHERE voice = $1', [voice.user]);
    const event = await fenn.stored(room, await fenn.say(room, 'uses a one-time key'));
    await until(async () => (await voice.crypto.decrypt(room, event)).ok);
    // Enough one-time keys are used up that new ones are uploaded.
    for (let i = 0; i < 3; i++) {
      await fenn.api('POST', '/_matrix/client/v3/keys/claim', {
        one_time_keys: { [voice.user]: { [old!]: 'signed_curve25519' } },
      });
    }
    const counted = async (): Promise<number> => {
      const { body } = await voice.request('POST', '/_matrix/client/v3/keys/upload', {
        query: { device_id: old! },
        body: {},
      });
      return (body as { one_time_key_counts: { signed_curve25519: number } }).one_time_key_counts.signed_curve25519;
    };
    await post(voice, room, [fenn.userId], 'wakes the sync');
    await until(async () => {
      await fenn.rotateSession(room);
      await fenn.say(room, 'to-device traffic makes the voice sync');
      return (await counted()) >= 50;
    });
    await voice.crypto.stop();
    await database.query('DELETE FROM wardroom.crypto_record WHERE voice = $1', [voice.user]);
    for (const row of copy.rows) {
      await database.query(
        'INSERT INTO wardroom.crypto_record (voice, database, store, key, value) VALUES ($1, $2, $3, $4, $5)',
        [row.voice, row.database, row.store, row.key, row.value],
      );
    }
    // Neither the digest nor the witness (storeRecovery.test.ts): a store from before there were any.
    await database.query('UPDATE wardroom.crypto_voice SET digest = NULL, epoch = 1000000 WHERE voice = $1', [
      voice.user,
    ]);
    await fenn.api('POST', '/_matrix/client/v3/keys/claim', {
      one_time_keys: { [voice.user]: { [old!]: 'signed_curve25519' } },
    });
    const back = await rig.voice('restored');
    await back.crypto.start();
    await until(() => back.crypto.deviceId !== old && back.crypto.state() === 'ready', 60_000);
    expect(back.codes).toContain('crypto.device_conflict');
    const sent = await post(back, room, [fenn.userId], 'after');
    expect(await readBy(fenn, room, sent.eventId)).toBe('after');
    await back.crypto.stop();
  });

  it('an identity that was replaced at the homeserver is replaced by one of our own again, and said to be new', async () => {
    const { voice, room } = await started('usurped');
    await post(voice, room, [fenn.userId], 'before');
    const ours = await masterKey(voice.user);
    await usurp(voice);
    expect(await masterKey(voice.user)).not.toBe(ours);
    const usurped = await masterKey(voice.user);
    await until(async () => {
      await post(voice, room, [fenn.userId], 'meanwhile').catch(() => undefined);
      voice.crypto.membersLeft(room, []);
      return voice.codes.includes('crypto.identity_reset') && voice.crypto.state() === 'ready';
    }, 60_000);
    expect(await masterKey(voice.user)).not.toBe(usurped);
    const sent = await postWhenUp(voice, room, 'after');
    expect(sent.readers[fenn.userId]).toEqual([fenn.deviceId]);
    expect(await readBy(fenn, room, sent.eventId)).toBe('after');
    await voice.crypto.stop();
  });

  it('a wrong passphrase throws nothing away: the right one still opens the store', async () => {
    const { voice, room } = await started('locked');
    await voice.crypto.stop();
    const wrong = await rig.voice('locked', { passphrase: new Secret('another') });
    await expect(wrong.crypto.start()).rejects.toThrow('passphrase');
    expect(wrong.crypto.state()).toBe('failed');
    expect(wrong.codes).toEqual(['crypto.passphrase_wrong']);
    await wrong.crypto.stop();
    const right = await rig.voice('locked');
    await right.crypto.start();
    expect(right.crypto.deviceId).toBe(voice.crypto.deviceId);
    await post(right, room, [fenn.userId], 'open again');
    await right.crypto.stop();
  });
});

describe('two processes', () => {
  it('the second waits for the first, takes over its device when it is gone, and the first cannot encrypt any more', async () => {
    const { voice: first, room } = await started('pair');
    await post(first, room, [fenn.userId], 'first');
    const second = await rig.voice('pair');
    const takenOver = second.crypto.start();
    await until(() => second.codes.includes('crypto.lease_held'));
    expect(second.crypto.state()).toBe('starting');
    const members = [first.user, userId(fenn.userId)];
    expect(await second.crypto.encrypt(room, members, 'm.room.message', new Phi({}))).toMatchObject({ ok: false });
    await endLease(first.user);
    await takenOver;
    expect(await first.crypto.encrypt(room, members, 'm.room.message', new Phi({}))).toEqual({
      ok: false,
      error: { kind: 'retry', code: 'crypto-not-ready' },
    });
    expect(second.crypto.deviceId).toBe(first.crypto.deviceId);
    const sent = await post(second, room, [fenn.userId], 'second');
    expect(await readBy(fenn, room, sent.eventId)).toBe('second');
    await first.crypto.stop();
    await second.crypto.stop();
  });
});
