import { jest } from '@jest/globals';
import type { Person } from '../../../src/dev/person.ts';
import { type RoomId, userId } from '../../../src/kernel/ids.ts';
import { Phi } from '../../../src/kernel/phi.ts';
import { indexOf, post, type Rig, readBy, startRig, switchable, type TestVoice, until } from './rig.ts';

jest.setTimeout(120_000);

const settings = { devices: 'cross-signed', rotationMessages: 100, rotationMs: 604_800_000 } as const;
const text = (body: string) => new Phi<Record<string, unknown>>({ msgtype: 'm.text', body });

let rig: Rig;
let voice: TestVoice;
let fenn: Person;

beforeAll(async () => {
  rig = await startRig(['fenn', 'park', 'olsen']);
  voice = await rig.voice('nightjar');
  await voice.crypto.start();
  fenn = await rig.person('fenn', { onlySignedDevices: true });
});
afterAll(() => rig?.close());

describe('trust', () => {
  it('a client that excludes unsigned devices reads the voice, and the voice knows the reply as from a signed device', async () => {
    const room = await rig.room(voice, [fenn]);
    const sent = await post(voice, room, [fenn.userId], 'please call back');
    expect(await readBy(fenn, room, sent.eventId)).toBe('please call back');
    expect(sent.readers).toEqual({ [voice.user]: [voice.crypto.deviceId], [fenn.userId]: [fenn.deviceId] });
    expect(indexOf(sent.content)).toBe(0);
    expect(JSON.stringify(sent.content)).not.toContain('call back');
    const reply = await fenn.stored(room, await fenn.say(room, 'on my way'));
    await until(async () => (await voice.crypto.decrypt(room, reply)).ok);
    const opened = await voice.crypto.decrypt(room, reply);
    expect(opened).toMatchObject({ ok: true, value: { crossSigned: true, senderDevice: fenn.deviceId } });
    expect(opened.ok && opened.value.clear.type).toBe('m.room.message');
    expect(opened.ok && opened.value.clear.content.reveal().body).toBe('on my way');
  });

  it('a device that is not cross-signed gets no key, and what it sends is told apart', async () => {
    const unsigned = await rig.person('park', { verify: false });
    const room = await rig.room(voice, [fenn, unsigned]);
    const sent = await post(voice, room, [fenn.userId, unsigned.userId], 'for signed devices');
    expect(sent.readers[unsigned.userId]).toBeUndefined();
    expect(await readBy(fenn, room, sent.eventId)).toBe('for signed devices');
    const seen = await unsigned.waitFor((event) => event.eventId === sent.eventId, { unreadable: true });
    expect(seen.failure).not.toBeNull();
    expect(await voice.crypto.usableDevices([userId(unsigned.userId), userId(fenn.userId)])).toEqual(
      new Map([
        [unsigned.userId, []],
        [fenn.userId, [fenn.deviceId]],
      ]),
    );
    const event = await unsigned.stored(room, await unsigned.say(room, 'ok'));
    await until(async () => (await voice.crypto.decrypt(room, event)).ok);
    expect(await voice.crypto.decrypt(room, event)).toMatchObject({
      ok: true,
      value: { crossSigned: false, senderDevice: unsigned.deviceId },
    });
    await unsigned.logOut();
  });

  it('with devices: all, the unsigned device is a reader like any other', async () => {
    const open = await rig.voice('open', { settings: { ...settings, devices: 'all' } });
    await open.crypto.start();
    const unsigned = await rig.person('park', { verify: false });
    const room = await rig.room(open, [unsigned]);
    const sent = await post(open, room, [unsigned.userId], 'for everybody');
    expect(sent.readers[unsigned.userId]).toEqual([unsigned.deviceId]);
    expect(await readBy(unsigned, room, sent.eventId)).toBe('for everybody');
    expect((await open.crypto.usableDevices([userId(unsigned.userId)])).get(userId(unsigned.userId))).toEqual([
      unsigned.deviceId,
    ]);
    await unsigned.logOut();
    await open.crypto.stop();
  });

  it('somebody without any device is not a reader, and that is no failure', async () => {
    const room = await rig.room(voice, [fenn]);
    const sent = await post(voice, room, ['@olsen:test'], 'nobody');
    expect(sent.readers).toEqual({ [voice.user]: [voice.crypto.deviceId] });
  });
});

describe('devices and members that come and go', () => {
  it('a new device is told of, and is a reader of the next message with the same session', async () => {
    const room = await rig.room(voice, [fenn]);
    const before = await post(voice, room, [fenn.userId], 'one');
    const told = new Promise<void>((resolve) => {
      const off = voice.crypto.onDevicesChanged((users) => {
        if (users.includes(userId(fenn.userId))) resolve(off() as never);
      });
    });
    const tablet = await rig.person('fenn');
    await told;
    await until(
      async () => (await voice.crypto.usableDevices([userId(fenn.userId)])).get(userId(fenn.userId))?.length === 2,
    );
    const after = await post(voice, room, [fenn.userId], 'two');
    expect(after.readers[fenn.userId]).toEqual([fenn.deviceId, tablet.deviceId].sort());
    expect(after.sessionId).toBe(before.sessionId);
    expect(await readBy(tablet, room, after.eventId)).toBe('two');

    await tablet.logOut();
    await until(
      async () => (await voice.crypto.usableDevices([userId(fenn.userId)])).get(userId(fenn.userId))?.length === 1,
    );
    const gone = await post(voice, room, [fenn.userId], 'three');
    expect(gone.sessionId).not.toBe(after.sessionId);
    expect(gone.readers[fenn.userId]).toEqual([fenn.deviceId]);
    expect(await readBy(fenn, room, gone.eventId)).toBe('three');
  });

  it('who leaves does not have the next session, also when they are back before the next message', async () => {
    const park = await rig.person('park');
    const room = await rig.room(voice, [fenn, park]);
    const both = [fenn.userId, park.userId];
    const first = await post(voice, room, both, 'with park');
    expect(first.readers[park.userId]).toEqual([park.deviceId]);
    const without = await post(voice, room, [fenn.userId], 'without park');
    expect(without.sessionId).not.toBe(first.sessionId);
    expect(without.readers[park.userId]).toBeUndefined();
    const back = await post(voice, room, both, 'park is back');
    voice.crypto.membersLeft(room, [userId(park.userId)]);
    voice.crypto.membersJoined(room, [userId(park.userId)]);
    const again = await post(voice, room, both, 'after leaving in between');
    expect(again.sessionId).not.toBe(back.sessionId);
    expect(again.readers[park.userId]).toEqual([park.deviceId]);
    await park.logOut();
  });

  it('whose device is deleted has none of the next sessions, in any room, whatever the voice has heard of it yet', async () => {
    const park = await rig.person('park');
    const tablet = await rig.person('park');
    const rooms = [await rig.room(voice, [fenn, park]), await rig.room(voice, [park])];
    const elsewhere = await rig.room(voice, [fenn]);
    const members = [[fenn.userId, park.userId], [park.userId]];
    const before = [];
    for (const [index, room] of rooms.entries()) before.push(await post(voice, room, members[index]!, 'before'));
    const untouched = await post(voice, elsewhere, [fenn.userId], 'before');
    expect(before[0]?.readers[park.userId]).toContain(tablet.deviceId);
    await tablet.logOut();
    voice.crypto.devicesDeleted([userId(park.userId)]);
    for (const [index, room] of rooms.entries()) {
      const after = await post(voice, room, members[index]!, 'after');
      expect(after.sessionId).not.toBe(before[index]?.sessionId);
      expect(after.readers[park.userId]).toEqual([park.deviceId]);
    }
    expect((await post(voice, elsewhere, [fenn.userId], 'after')).sessionId).toBe(untouched.sessionId);
    // Nothing changed at the homeserver: the call alone is enough.
    const last = await post(voice, rooms[0]!, members[0]!, 'once more');
    voice.crypto.devicesDeleted([userId(park.userId)]);
    expect((await post(voice, rooms[0]!, members[0]!, 'and again')).sessionId).not.toBe(last.sessionId);
    await park.logOut();
  });

  it('who leaves every shared room, adds a device and returns gets the key on the new device', async () => {
    // A voice that shares no other room with her: the homeserver tells it nothing while she is away, nor when she returns.
    const trap = await rig.voice('trap');
    await trap.crypto.start();
    const park = await rig.person('park');
    const room = await rig.room(trap, [fenn, park]);
    await post(trap, room, [fenn.userId, park.userId], 'before');
    await park.client.leave(room);
    trap.crypto.membersLeft(room, [userId(park.userId)]);
    await post(trap, room, [fenn.userId], 'while away');
    const laptop = await rig.person('park');
    await trap.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/invite`, {
      body: { user_id: park.userId },
    });
    await laptop.client.joinRoom(room);
    trap.crypto.membersJoined(room, [userId(park.userId)]);
    const after = await post(trap, room, [fenn.userId, park.userId], 'welcome back');
    expect(after.readers[park.userId]).toContain(laptop.deviceId);
    expect(await readBy(laptop, room, after.eventId)).toBe('welcome back');
    await laptop.logOut();
    await park.logOut();
    await trap.crypto.stop();
  });
});

describe('sessions', () => {
  it('a burst of one more than the rotation allows, many at once, is all readable, with no index twice', async () => {
    const quick = await rig.voice('quick', { settings: { ...settings, rotationMessages: 10 } });
    await quick.crypto.start();
    const room = await rig.room(quick, [fenn]);
    const burst = await Promise.all(
      Array.from({ length: 31 }, (_, i) => post(quick, room, [fenn.userId], `burst ${i}`)),
    );
    const places = burst.map(({ sessionId, content }) => `${sessionId} ${indexOf(content)}`);
    expect(new Set(places).size).toBe(31);
    expect(new Set(burst.map(({ sessionId }) => sessionId)).size).toBe(4);
    for (const [i, { eventId }] of burst.entries()) expect(await readBy(fenn, room, eventId)).toBe(`burst ${i}`);
    expect(quick.codes).not.toContain('crypto.engine_died');
    await quick.crypto.stop();
  });

  it('claims and shares nothing while nothing changes', async () => {
    const { user, request } = await rig.voiceUser('calm');
    const wire = switchable(request);
    const calm = await rig.voice('calm', { request: wire.request });
    await calm.crypto.start();
    const room = await rig.room({ ...calm, user }, [fenn]);
    await post(calm, room, [fenn.userId], 'first');
    // Bringing the device up was a change, told of by the next look; when the one after that begins, it has been dealt with.
    await new Promise<void>((resolve) => {
      let looks = 0;
      wire.before = async (_method, path) => {
        if (path.endsWith('/sync')) looks += 1;
        if (looks === 2) resolve();
        return undefined;
      };
      calm.crypto.lookNow();
    });
    const asked: string[] = [];
    wire.before = async (_method, path) => {
      if (!path.endsWith('/sync')) asked.push(path);
      return undefined;
    };
    for (let i = 0; i < 20; i++)
      await calm.crypto.encrypt(room, [user, userId(fenn.userId)], 'm.room.message', text('x'));
    expect(asked).toEqual([]);
    await calm.crypto.stop();
  });

  it.each([
    ['/keys/query', 'crypto-devices-unknown'],
    ['/keys/claim', 'crypto-claim-failed'],
    ['/sendToDevice/', 'crypto-share-failed'],
  ])('when %s fails the message is not encrypted, and the next attempt is complete', async (path, code) => {
    const name = `fault${path.replaceAll(/\W/g, '').toLowerCase()}`;
    const { user, request } = await rig.voiceUser(name);
    const wire = switchable(request);
    const faulty = await rig.voice(name, { request: wire.request });
    await faulty.crypto.start();
    const room = await rig.room(faulty, [fenn]);
    const members = [user, userId(fenn.userId)];
    for (const failure of ['status', 'connection'] as const) {
      wire.before = async (_method, asked) => {
        if (!asked.includes(path)) return undefined;
        if (failure === 'connection') throw new Error('no answer');
        return { status: 503, body: { errcode: 'M_UNKNOWN' } };
      };
      expect(await faulty.crypto.encrypt(room, members, 'm.room.message', text('secret'))).toEqual({
        ok: false,
        error: { kind: 'retry', code },
      });
    }
    wire.before = async () => undefined;
    const sent = await post(faulty, room, [fenn.userId], 'at last');
    expect(sent.readers[fenn.userId]).toEqual([fenn.deviceId]);
    expect(await readBy(fenn, room, sent.eventId)).toBe('at last');
    await faulty.crypto.stop();
  });

  it('a device that no one-time key could be had for is not a reader', async () => {
    const { user, request } = await rig.voiceUser('dry');
    const wire = switchable(request);
    const dry = await rig.voice('dry', { request: wire.request });
    await dry.crypto.start();
    const room = await rig.room(dry, [fenn]);
    wire.before = async (_method, path) =>
      path.endsWith('/keys/claim') ? { status: 200, body: { one_time_keys: {}, failures: {} } } : undefined;
    const first = await dry.crypto.encrypt(room, [user, userId(fenn.userId)], 'm.room.message', text('x'));
    expect(first).toMatchObject({ ok: true, value: { readers: { [user]: [dry.crypto.deviceId] } } });
    expect(first.ok && first.value.readers[fenn.userId]).toBeFalsy();
    await dry.crypto.stop();
  });
});

describe('opening', () => {
  const opened = async (room: RoomId, event: object): Promise<string> => {
    const result = await voice.crypto.decrypt(room, event);
    return result.ok ? String(result.value.clear.content.reveal().body) : result.error;
  };

  it('an event whose key is late says so, and can be opened when the key is announced', async () => {
    const { request } = await rig.voiceUser('late');
    const wire = switchable(request);
    const late = await rig.voice('late', { request: wire.request });
    await late.crypto.start();
    const room = await rig.room(late, [fenn]);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    wire.before = async (_method, path) => {
      if (path.endsWith('/sync')) await held;
      return undefined;
    };
    // The long poll under way may still deliver; the session after it cannot.
    await fenn.say(room, 'first');
    await until(async () => {
      await fenn.rotateSession(room);
      const event = await fenn.stored(room, await fenn.say(room, 'probe'));
      return !(await late.crypto.decrypt(room, event)).ok;
    });
    await fenn.rotateSession(room);
    const event = await fenn.stored(room, await fenn.say(room, 'late'));
    expect(await late.crypto.decrypt(room, event)).toEqual({ ok: false, error: 'missing-key' });
    const { session_id: session } = event.content as { session_id: string };
    const announced = new Promise<void>((resolve) => {
      late.crypto.onRoomKeys((keys) => {
        if (keys.some((key) => key.room === room && key.sessionId === session)) resolve();
      });
    });
    release();
    await announced;
    expect(await late.crypto.decrypt(room, event)).toMatchObject({ ok: true });
    await late.crypto.stop();
  });

  it('what was bent, comes from somebody else, was played back or is no message is refused', async () => {
    const room = await rig.room(voice, [fenn]);
    await post(voice, room, [fenn.userId], 'hello');
    const event = await fenn.stored(room, await fenn.say(room, 'ok'));
    await until(async () => (await opened(room, event)) === 'ok');
    expect(await opened(room, event)).toBe('ok');
    expect(await opened(room, { ...event, event_id: '$another' })).toBe('replayed');
    expect(await opened(room, { ...event, event_id: '$third', sender: '@park:test' })).toBe('refused');
    const content = event.content as Record<string, unknown>;
    const ciphertext = String(content.ciphertext);
    const bent = `${ciphertext.slice(0, -2)}${ciphertext.endsWith('AA') ? 'BB' : 'AA'}`;
    expect(await opened(room, { ...event, event_id: '$bent', content: { ...content, ciphertext: bent } })).toBe(
      'refused',
    );
    const other = await rig.room(voice, [fenn]);
    expect(['missing-key', 'refused']).toContain(await opened(other, { ...event, room_id: other }));
    for (const odd of [
      {},
      { event_id: 1 },
      { ...event, content: null },
      { ...event, content: {} },
      { ...event, origin_server_ts: 'x' },
    ]) {
      expect(await opened(room, odd)).toBe('refused');
    }
  });

  it('a voice that is not started, or was stopped, encrypts and opens nothing', async () => {
    const idle = await rig.voice('idle');
    const room = await rig.room(voice, [fenn]);
    const nothing = async (): Promise<void> => {
      expect(await idle.crypto.encrypt(room, [idle.user], 'm.room.message', text('x'))).toEqual({
        ok: false,
        error: { kind: 'retry', code: 'crypto-not-ready' },
      });
      expect(await idle.crypto.decrypt(room, {})).toEqual({ ok: false, error: 'unavailable' });
      expect(await idle.crypto.usableDevices([idle.user])).toEqual(new Map());
    };
    await nothing();
    expect(idle.crypto.state()).toBe('stopped');
    await idle.crypto.start();
    expect(idle.crypto.state()).toBe('ready');
    await until(() => idle.crypto.syncLag() !== null);
    await idle.crypto.stop();
    await nothing();
    expect(idle.crypto.state()).toBe('stopped');
  });
});
