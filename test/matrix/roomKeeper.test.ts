import type { RoomStep } from '../../src/flows/roomKeeperPort.ts';
import { type RoomId, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { err } from '../../src/kernel/result.ts';
import type { RoomActor } from '../../src/matrix/bridge.ts';
import type { MatrixRoomKeeper } from '../../src/matrix/roomKeeper.ts';
import {
  newRoom,
  newSpace,
  type ObservedRoom,
  type Policy,
  plan,
  planSpace,
  type RoleSpaceFacts,
  type RoomFacts,
} from '../../src/policy/index.ts';
import { builtInPolicy, factsOf, holds, policyOf } from '../policy/support.ts';
import { given, type KeeperRig, keeperRig } from './keeperRig.ts';

let rig: KeeperRig;
let keeper: MatrixRoomKeeper;
const done = { ok: true, value: undefined };

beforeAll(async () => {
  rig = await keeperRig();
  keeper = rig.keeper();
}, 240_000);
afterAll(() => rig.close(), 60_000);

const path = (room: RoomId, rest: string) => `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/${rest}`;
const content = (room: ObservedRoom, type: string, key = '') =>
  room.state.find((event) => event.type === type && event.state_key === key)?.content as
    | Record<string, unknown>
    | undefined;
const membership = async (room: RoomId, user: UserId) =>
  content(await given(keeper.observe(room)), 'm.room.member', user)?.membership;

const classes = Object.keys(builtInPolicy.classes);
const withVersion = (version: string): Policy =>
  policyOf(
    JSON.stringify({ classes: Object.fromEntries(classes.map((name) => [name, { room_version: Number(version) }])) }),
  );

const hospital = (version: string) =>
  factsOf({
    policy: withVersion(version),
    ownServer: rig.synapse.serverName,
    bot: rig.bot,
    voices: [rig.voice],
    grants: Object.keys(builtInPolicy.roles).map((role) => holds(rig.ash, role)),
  });

function roomFacts(name: string, version: string, over: Partial<RoomFacts['room']> = {}): RoomFacts {
  return {
    ...hospital(version),
    room: { class: name, roles: [], name: 'Ward 4', named: [rig.ash], voices: [rig.voice], replacedBy: null, ...over },
    roleSpaces: [{ role: 'physician', server: rig.synapse.serverName, roomId: roomId('!space:hospital.example') }],
  };
}

async function makeRoom(key: string, facts = roomFacts('clinical', '12', { named: [], voices: [] })): Promise<RoomId> {
  const recipe = newRoom(facts);
  if (recipe === null) throw new Error('no such class');
  return given(keeper.ensure(key, 'room', recipe));
}

const steps = (corrections: ReturnType<typeof plan>) => corrections.map(({ kind, fault }) => `${kind} ${fault}`);

/** Takes every step twice. */
async function takeAll(room: RoomId, corrections: ReturnType<typeof plan>): Promise<void> {
  for (const step of [...corrections, ...corrections]) {
    if (step.kind === 'cannot-correct' || step.kind === 'follow-upgrade') throw new Error(step.kind);
    expect([step, await keeper.take(room, step)]).toEqual([step, done]);
  }
}

describe('while the bot is no server administrator', () => {
  it('says that it is not in a room that it cannot see', async () => {
    const room = await rig.roomOf(rig.ash);
    expect(await keeper.observe(room)).toEqual(err({ kind: 'permanent', code: 'not-in-room' }));
  });

  it('enters a room that it is invited to, and says why it enters no other', async () => {
    const room = await rig.roomOf(rig.ash, { invite: [rig.bot] });
    expect([await keeper.enter(room), await keeper.enter(room)]).toEqual([done, done]);
    expect(await membership(room, rig.bot)).toBe('join');
    expect(await keeper.enter(await rig.roomOf(rig.ash))).toEqual(
      err({ kind: 'permanent', code: 'bot-no-server-admin' }),
    );
  });

  it('invites whom it cannot join, once', async () => {
    const room = await makeRoom('invited');
    await takeAll(room, [
      { kind: 'join', user: rig.ash, rule: 'people', regulation: '', fault: 'absent' },
      { kind: 'invite', user: rig.fenn, rule: 'people', regulation: '', fault: 'absent' },
    ]);
    expect([await membership(room, rig.ash), await membership(room, rig.fenn)]).toEqual(['invite', 'invite']);
  });

  it('says that an alias somebody gave the room is for a server administrator to remove', async () => {
    const alias = `#open:${rig.synapse.serverName}`;
    const room = await rig.roomOf(rig.ash, { room_alias_name: 'open' });
    expect(await keeper.take(room, { kind: 'delete-alias', alias })).toEqual(
      err({ kind: 'permanent', code: 'bot-no-server-admin' }),
    );
  });

  it('knows who there is by their profiles', async () => {
    const missing = userId(`@nobody:${rig.synapse.serverName}`);
    expect([await keeper.exists(rig.fenn), await keeper.exists(missing)]).toEqual([
      { ok: true, value: true },
      { ok: true, value: false },
    ]);
  });
});

describe('as a server administrator', () => {
  beforeAll(() => rig.synapse.promoteBot(), 120_000);

  describe.each(['11', '12'])('a room of version %s', (version) => {
    it.each(classes)(
      'of class %s is made so that nothing is to correct, and people and voices come in',
      async (name) => {
        const facts = roomFacts(name, version);
        const room = await makeRoom(`${name} ${version}`, facts);
        const made = await given(keeper.observe(room));
        expect(content(made, 'm.room.create')?.room_version).toBe(version);
        expect(content(made, 'm.room.encryption')).toBeDefined();
        const bare = { ...facts, room: { ...facts.room, named: [], voices: [] }, grants: [] };
        const recipe = newRoom(bare);
        if (recipe === null) throw new Error('no such class');
        const empty = await given(keeper.ensure(`${name} ${version} bare`, 'room', recipe));
        expect(plan(await given(keeper.observe(empty)), bare)).toEqual([]);
        const missing = plan(made, facts);
        expect(steps(missing).filter((step) => !/^(join|invite) /.test(step))).toEqual([]);
        expect(steps(missing)).toContain('join voice-absent');
        await takeAll(room, missing);
        expect(plan(await given(keeper.observe(room)), facts)).toEqual([]);
      },
    );

    it('is a space of a role, made so that only its people are missing', async () => {
      const space = { role: 'physician', server: rig.synapse.serverName, mirror: null };
      const facts: RoleSpaceFacts = { ...hospital(version), space };
      const room = await given(keeper.ensure(`space ${version}`, 'space', newSpace(facts, version as '11' | '12')));
      const made = await given(keeper.observe(room));
      expect(content(made, 'm.room.create')).toMatchObject({
        type: 'm.space',
        room_version: version,
        'm.federate': false,
      });
      expect(content(made, 'm.room.encryption')).toBeUndefined();
      const missing = planSpace(made, facts);
      expect(steps(missing)).toEqual(['join absent']);
      await takeAll(room, missing);
      expect(planSpace(await given(keeper.observe(room)), facts)).toEqual([]);
    });
  });

  it('makes a room that may federate where its class may, and for this hospital only where it never may', async () => {
    const made = async (name: string) =>
      content(await given(keeper.observe(await makeRoom(name, roomFacts(name, '12')))), 'm.room.create');
    expect(await made('consult')).not.toHaveProperty('m.federate');
    expect(await made('billing')).toMatchObject({ 'm.federate': false });
  });

  it('makes one room for a key, however many ask at once and in whatever process', async () => {
    const facts = roomFacts('clinical', '12');
    const both = await Promise.all([makeRoom('once', facts), makeRoom('once', facts)]);
    const recipe = newRoom(facts);
    if (recipe === null) throw new Error('no such class');
    both.push(await given(rig.keeper().ensure('once', 'room', recipe)));
    expect(new Set(both).size).toBe(1);
  });

  it('finds the room it made although the answer was lost', async () => {
    let made: unknown = null;
    const deaf: RoomActor = {
      user: rig.bot,
      invite: (room, user) => rig.botActor.invite(room, user),
      join: (room) => rig.botActor.join(room),
      async createRoom(options) {
        made = await rig.botActor.createRoom(options);
        return err({ kind: 'unknown', code: 'no-answer' });
      },
    };
    const recipe = newRoom(roomFacts('clinical', '12'));
    if (recipe === null) throw new Error('no such class');
    const unlucky = rig.keeper(deaf);
    expect(await unlucky.ensure('lost', 'room', recipe)).toEqual(err({ kind: 'retry', code: 'no-answer' }));
    expect(await unlucky.ensure('lost', 'room', recipe)).toEqual(made);
  });

  it('sees a room that it is not in as its homeserver has it, also after it was put out', async () => {
    const room = await rig.roomOf(rig.ash, { invite: [rig.bot] });
    const before = await given(keeper.observe(room));
    expect(content(before, 'm.room.member', rig.bot)).toEqual({ membership: 'invite' });
    await given(keeper.enter(room));
    await rig.as(rig.ash, 'PUT', path(room, 'state/m.room.power_levels'), { users: { [rig.ash]: 100 } });
    expect((await rig.as(rig.ash, 'POST', path(room, 'kick'), { user_id: rig.bot })).status).toBe(200);
    await rig.as(rig.ash, 'PUT', path(room, 'state/m.room.topic'), { topic: 'since then' });
    const after = await given(keeper.observe(room));
    expect([content(after, 'm.room.member', rig.bot), content(after, 'm.room.topic')]).toEqual([
      { membership: 'leave' },
      { topic: 'since then' },
    ]);
    expect(await keeper.observe(roomId('!nowhere:hospital.example'))).toEqual(
      err({ kind: 'permanent', code: 'not-in-room' }),
    );
  });

  it('enters a room of which somebody here has the power, and has it too', async () => {
    const room = await rig.roomOf(rig.ash, { room_version: '11' });
    expect([await keeper.enter(room), await keeper.enter(room)]).toEqual([done, done]);
    expect(await membership(room, rig.bot)).toBe('join');
    const levels = content(await given(keeper.observe(room)), 'm.room.power_levels');
    expect(levels?.users).toEqual({ [rig.ash]: 100, [rig.bot]: 100 });
    const weak = await rig.roomOf(rig.ash, { room_version: '11', invite: [rig.bot] });
    await given(keeper.enter(weak));
    const raised = content(await given(keeper.observe(weak)), 'm.room.power_levels');
    expect(raised?.users).toEqual({ [rig.ash]: 100, [rig.bot]: 100 });
  });

  it('leaves the power of a room that is its own alone', async () => {
    for (const version of ['11', '12']) {
      const facts = roomFacts('clinical', version, { named: [], voices: [] });
      const room = await makeRoom(`own ${version}`, facts);
      expect(await keeper.enter(room)).toEqual(done);
      expect(plan(await given(keeper.observe(room)), { ...facts, grants: [] })).toEqual([]);
    }
  });

  it('says that nobody could let it in', async () => {
    const room = await rig.roomOf(rig.ash, { room_version: '11' });
    const nobody = await rig.as(rig.ash, 'PUT', path(room, 'state/m.room.power_levels'), { users: {} });
    expect(nobody.status).toBe(200);
    const refused = err({ kind: 'permanent', code: 'nobody-with-power' });
    expect(await keeper.enter(room)).toEqual(refused);
    expect(await keeper.enter(roomId('!nowhere:hospital.example'))).toEqual(refused);
  });

  it('knows somebody without a name, too', async () => {
    await rig.as(rig.fenn, 'PUT', `/_matrix/client/v3/profile/${rig.fenn}/displayname`, { displayname: '' });
    const missing = userId(`@nobody:${rig.synapse.serverName}`);
    expect([await keeper.exists(rig.fenn), await keeper.exists(missing)]).toEqual([
      { ok: true, value: true },
      { ok: true, value: false },
    ]);
  });

  it('never takes a server that tells nothing for one that has nobody', async () => {
    expect(await keeper.exists(userId('@osei:elsewhere.example'))).toMatchObject({ ok: false });
  });

  describe('in a live room', () => {
    let room: RoomId;
    beforeAll(async () => {
      room = await makeRoom('live');
      await given(keeper.take(room, { kind: 'join', user: rig.ash }));
    });

    const twice = async (step: RoomStep): Promise<void> => {
      expect([await keeper.take(room, step), await keeper.take(room, step)]).toEqual([done, done]);
    };

    it('sets state', async () => {
      await rig.ask('PUT', path(room, 'state/m.widget/evil'), { body: { url: 'https://x.example' } });
      await twice({ kind: 'set-state', type: 'm.widget', stateKey: 'evil', content: {} });
      await twice({ kind: 'set-state', type: 'm.room.name', stateKey: '', content: { name: 'Ward 5' } });
      const now = await given(keeper.observe(room));
      expect([content(now, 'm.widget', 'evil'), content(now, 'm.room.name')]).toEqual([{}, { name: 'Ward 5' }]);
    });

    it('puts people out, invited ones too, bans none, and gives up the sessions', async () => {
      await twice({ kind: 'invite', user: rig.fenn });
      expect(await membership(room, rig.fenn)).toBe('invite');
      await twice({ kind: 'kick', user: rig.fenn, reason: 'not on duty' });
      await twice({ kind: 'kick', user: rig.ash, reason: 'not on duty' });
      expect([await membership(room, rig.fenn), await membership(room, rig.ash)]).toEqual(['leave', 'leave']);
      await twice({ kind: 'rotate-sessions' });
      expect(rig.rotated).toEqual([room, room]);
    });

    it('joins people and voices, also those that were banned', async () => {
      for (const user of [rig.ash, rig.voice]) {
        const banned = await rig.ask('POST', path(room, 'ban'), { body: { user_id: user } });
        expect(banned.status).toBe(200);
        expect(await keeper.take(room, { kind: 'join', user })).toMatchObject({ ok: false });
        await twice({ kind: 'unban', user });
        await twice({ kind: 'join', user });
        expect(await membership(room, user)).toBe('join');
      }
    });

    it('takes away aliases that somebody gave it, and no other', async () => {
      const aliases = ['#ward', '#ash-room-4', '#elsewhere'].map((name) => `${name}:${rig.synapse.serverName}`);
      const other = await rig.roomOf(rig.ash);
      for (const [index, alias] of aliases.entries()) {
        const given = await rig.as(rig.ash, 'PUT', `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`, {
          room_id: index < 2 ? room : other,
        });
        expect(given.status).toBe(200);
      }
      expect([...((await given(keeper.observe(room))).aliases ?? [])].sort()).toEqual(aliases.slice(0, 2).sort());
      for (const alias of aliases.slice(0, 2)) await twice({ kind: 'delete-alias', alias });
      expect((await given(keeper.observe(room))).aliases).toEqual([]);
      expect((await given(keeper.observe(other))).aliases).toEqual(aliases.slice(2));
      const helper = await rig.ask(
        'GET',
        `/_synapse/admin/v2/users/@wardroom_=aliases:${rig.synapse.serverName}/devices`,
      );
      expect(helper.body).toMatchObject({ devices: [] });
    });

    it('takes itself out of the public directory', async () => {
      // As on a homeserver whose `room_list_publication_rules` let people do it.
      await rig.synapse.sql(`UPDATE rooms SET is_public = true WHERE room_id = '${room}'`);
      expect((await given(keeper.observe(room))).listed).toBe(true);
      await twice({ kind: 'unlist' });
      expect((await given(keeper.observe(room))).listed).toBe(false);
    });

    it('says what the homeserver refuses', async () => {
      const foreign = await rig.roomOf(rig.ash, { invite: [rig.bot] });
      await given(rig.botActor.join(foreign));
      const refused = err({ kind: 'permanent', code: 'forbidden' });
      expect(await keeper.take(foreign, { kind: 'kick', user: rig.ash, reason: 'x' })).toEqual(refused);
      expect(
        await keeper.take(foreign, { kind: 'set-state', type: 'm.room.topic', stateKey: '', content: { topic: '' } }),
      ).toEqual(refused);
    });
  });

  describe('asked for what changed', () => {
    const position = async () => (await given(keeper.changedSince(null))).next;
    const since = async (before: string) => {
      rig.asked.length = 0;
      const answer = await given(keeper.changedSince(before));
      expect(rig.asked).toEqual(['GET /_matrix/client/v3/sync']);
      return answer;
    };
    const send = (room: RoomId, n: number) =>
      rig.ask('PUT', path(room, `send/m.room.encrypted/${Math.random()}-${n}`), { body: { algorithm: 'x' } });

    it('says nothing when nothing happened, or people only talk', async () => {
      const room = await makeRoom('talk');
      expect((await given(keeper.changedSince(null))).rooms).toEqual([]);
      const before = await position();
      const { next, rooms } = await since(before);
      expect(rooms).toEqual([]);
      for (let n = 0; n < 3; n += 1) await send(room, n);
      expect((await since(next)).rooms).toEqual([]);
    });

    it('names a room whose state a server administrator changed behind our back, however much was said since', async () => {
      const room = await makeRoom('behind');
      const before = await position();
      const promoted = await rig.ask('PUT', `/_synapse/admin/v2/users/${rig.fenn}`, { body: { admin: true } });
      expect(promoted.status).toBe(200);
      const taken = await rig.as(
        rig.fenn,
        'POST',
        `/_synapse/admin/v1/rooms/${encodeURIComponent(room)}/make_room_admin`,
        {},
      );
      expect(taken.status).toBe(200);
      for (let n = 0; n < 25; n += 1) await send(room, n);
      expect((await since(before)).rooms).toEqual([room]);
      const levels = content(await given(keeper.observe(room)), 'm.room.power_levels');
      expect(levels?.users).toMatchObject({ [rig.fenn]: 100 });
    });

    it('names a room that it was put out of, and one that it is invited to', async () => {
      const old = await rig.roomOf(rig.ash, { invite: [rig.bot] });
      await given(rig.botActor.join(old));
      const before = await position();
      await rig.as(rig.ash, 'POST', path(old, 'kick'), { user_id: rig.bot });
      const fresh = await rig.roomOf(rig.ash, { invite: [rig.bot] });
      const { rooms, next } = await since(before);
      expect([...rooms].sort()).toEqual([old, fresh].sort());
      expect((await since(next)).rooms).toEqual([]);
    });

    it('names fifty rooms in one answer', async () => {
      const rooms = await Promise.all(Array.from({ length: 50 }, () => given(rig.botActor.createRoom({}))));
      const before = await position();
      for (const room of rooms) await rig.ask('PUT', path(room, 'state/m.room.topic'), { body: { topic: 'x' } });
      expect([...(await since(before)).rooms].sort()).toEqual([...rooms].sort());
    });

    it('leaves to-device messages to the encryption', async () => {
      const device = await rig.ask('PUT', '/_matrix/client/v3/devices/KEEPER', { body: {} });
      expect(device.status).toBe(201);
      const before = await position();
      const sent = await rig.as(rig.ash, 'PUT', '/_matrix/client/v3/sendToDevice/m.test/1', {
        messages: { [rig.bot]: { KEEPER: { hello: 'there' } } },
      });
      expect(sent.status).toBe(200);
      const first = await since(before);
      // A sync of the device itself would have this deleted by now.
      await since((await since(first.next)).next);
      const own = await rig.ask('GET', '/_matrix/client/v3/sync', { query: { device_id: 'KEEPER', timeout: 0 } });
      expect((own.body as { to_device: unknown }).to_device).toEqual({
        events: [{ type: 'm.test', sender: rig.ash, content: { hello: 'there' } }],
      });
    });

    it('says that it has to begin again when the homeserver does not know the place', async () => {
      expect(await keeper.changedSince('nonsense')).toEqual(err({ kind: 'permanent', code: 'position-unknown' }));
    });
  });

  it('says "try again" while the homeserver is away', async () => {
    const room = await makeRoom('away');
    await rig.synapse.stop();
    const all = await Promise.all([
      keeper.observe(room),
      keeper.take(room, { kind: 'kick', user: rig.ash, reason: 'x' }),
      keeper.take(room, { kind: 'join', user: rig.ash }),
      keeper.take(room, { kind: 'delete-alias', alias: '#ward:hospital.example' }),
      keeper.take(room, { kind: 'unlist' }),
      keeper.changedSince(null),
      keeper.enter(room),
      keeper.exists(rig.ash),
    ]);
    expect(all.map((one) => (one.ok ? 'ok' : one.error.kind))).toEqual(Array(all.length).fill('retry'));
  });
});
