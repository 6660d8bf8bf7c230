import { accountId, type RoomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { err } from '../../src/kernel/result.ts';
import { WardroomAppService } from '../../src/matrix/appService.ts';
import { MatrixBridge, type RoomActor } from '../../src/matrix/bridge.ts';
import { MadeRooms } from '../../src/matrix/madeRooms.ts';
import { Memberships } from '../../src/matrix/memberships.ts';
import { RoomMembers } from '../../src/matrix/roomMembers.ts';
import { MatrixRooms } from '../../src/matrix/rooms.ts';
import { type SynapseRig, synapseRig } from './synapseRig.ts';

let synapse: SynapseRig;
let bridge: MatrixBridge;
let members: RoomMembers;
let bot: UserId;
let voice: UserId;
let people: UserId[];
const tokens = new Map<string, string>();
let promoted = false;
const alarms: string[] = [];
const transactions: string[] = [];

beforeAll(async () => {
  synapse = await synapseRig();
  const { serverName } = synapse;
  bot = userId(`@wardroom:${serverName}`);
  voice = userId(`@wardroom_nightjar:${serverName}`);
  bridge = new MatrixBridge({ homeserverUrl: synapse.url, serverName, registration: synapse.registration });
  const appService = new WardroomAppService({
    hsToken: synapse.registration.hsToken,
    knowsUser: () => true,
    accept: async (txnId) => void transactions.push(txnId),
  });
  await bridge.initialise();
  await bridge.listen('127.0.0.1', synapse.appServicePort, appService);
  expect(await bridge.identity(bot).register('Wardroom')).toMatchObject({ ok: true });
  expect(await bridge.identity(voice).register('nightjar via Wardroom')).toMatchObject({ ok: true });
  people = [];
  for (const name of ['ash', 'fenn']) {
    const account = await synapse.person(name);
    tokens.set(account.userId, account.accessToken);
    people.push(userId(account.userId));
  }
}, 240_000);
afterAll(async () => {
  await bridge.stopListening();
  bridge.disconnect();
  await synapse.close();
}, 60_000);

/** A process of its own: it remembers nothing of the others. */
function newRooms(version: string, speaker: RoomActor = bridge.identity(bot)): MatrixRooms {
  members = new RoomMembers({ askers: [bridge.request(bot), bridge.request(voice)] });
  const acts = { bot: speaker, botRequest: bridge.request(bot), serverName: synapse.serverName, log: () => undefined };
  return new MatrixRooms({
    ...acts,
    made: new MadeRooms(acts),
    memberships: new Memberships({ ...acts, identity: (user) => bridge.identity(user), members }),
    members,
    version,
    rotationMessages: 50,
    rotationMs: 3_600_000,
    alarms: { raise: (code) => void alarms.push(code) },
  });
}

const created = async (result: Promise<{ ok: boolean }>): Promise<RoomId> => {
  const found = (await result) as { ok: boolean; value: RoomId };
  expect(found).toMatchObject({ ok: true });
  return found.value;
};

const stateOf = async (room: RoomId): Promise<Map<string, Record<string, unknown>>> => {
  const response = await bridge.request(bot)('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state`);
  expect(response.status).toBe(200);
  const events = response.body as { type: string; state_key: string; content: Record<string, unknown> }[];
  return new Map(
    events.map((event) => [event.state_key === '' ? event.type : `${event.type} ${event.state_key}`, event.content]),
  );
};

const as = (user: UserId) => async (method: string, path: string, body?: unknown) =>
  fetch(`${synapse.url}/_matrix/client/v3/rooms/${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens.get(user)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('while the bot is no server administrator', () => {
  it('invites people instead of joining them, and says nothing is wrong', async () => {
    const room = await created(newRooms('12').ensureAccountRoom(accountId('INVITED'), [voice], people));
    const state = await stateOf(room);
    expect(people.map((user) => state.get(`m.room.member ${user}`)?.membership)).toEqual(['invite', 'invite']);
    expect(state.get(`m.room.member ${voice}`)?.membership).toBe('join');
    expect(alarms).toEqual([]);
    await created(newRooms('12').ensureAccountRoom(accountId('INVITED'), [voice], people));
    expect(alarms).toEqual([]);
  });
});

describe.each(['11', '12'])('a room of version %s', (version) => {
  let room: RoomId;
  let state: Map<string, Record<string, unknown>>;
  beforeAll(async () => {
    if (!promoted) await synapse.promoteBot();
    promoted = true;
    room = await created(newRooms(version).ensureAccountRoom(accountId(`LARK-${version}`), [voice], people));
    state = await stateOf(room);
  }, 60_000);

  it('is of that version, whatever the homeserver prefers', () => {
    expect(state.get('m.room.create')?.room_version).toBe(version);
  });

  it('is encrypted with the configured rotation, for invited people only, with history for who was there', () => {
    expect(state.get('m.room.encryption')).toEqual({
      algorithm: 'm.megolm.v1.aes-sha2',
      rotation_period_ms: 3_600_000,
      rotation_period_msgs: 50,
    });
    expect(state.get('m.room.history_visibility')).toEqual({ history_visibility: 'joined' });
    expect(state.get('m.room.join_rules')).toEqual({ join_rule: 'invite' });
    expect(state.get('m.room.guest_access')).toEqual({ guest_access: 'forbidden' });
    expect(state.get('m.room.name')).toEqual({ name: `On-call LARK-${version}` });
  });

  it('may be given no alias by Wardroom, a server admin or not: doctor asks people to do that', async () => {
    const path = `/_matrix/client/v3/directory/room/${encodeURIComponent(`#desk${version}:${synapse.serverName}`)}`;
    const refused = await bridge.request(bot)('PUT', path, { body: { room_id: room } });
    expect([refused.status, (refused.body as { errcode?: string }).errcode]).toEqual([400, 'M_EXCLUSIVE']);
  });

  it('has the voice and the people joined at once', () => {
    expect([bot, voice, ...people].map((user) => state.get(`m.room.member ${user}`)?.membership)).toEqual(
      Array(4).fill('join'),
    );
  });

  it('lets nobody but the bot invite, kick or change what it is', async () => {
    const ash = as(people[0]!);
    const path = encodeURIComponent(room);
    expect((await ash('POST', `${path}/invite`, { user_id: '@new:hospital.example' })).status).toBe(403);
    expect((await ash('POST', `${path}/kick`, { user_id: people[1] })).status).toBe(403);
    const attempts = {
      'm.room.name': { name: 'x' },
      'm.room.topic': { topic: 'x' },
      'm.room.power_levels': { users: { [people[0]!]: 100 } },
      'm.room.tombstone': { body: 'x', replacement_room: '!x:y' },
      'org.example.any': {},
    };
    for (const [type, content] of Object.entries(attempts)) {
      expect([type, (await ash('PUT', `${path}/state/${type}`, content)).status]).toEqual([type, 403]);
    }
    const bots = await bridge.request(bot)('PUT', `/_matrix/client/v3/rooms/${path}/state/m.room.topic`, {
      body: { topic: 'x' },
    });
    expect(bots.status).toBe(200);
  });

  it('lets the voice withdraw, and people speak', async () => {
    const path = encodeURIComponent(room);
    const said = await as(people[0]!)('PUT', `${path}/send/m.room.encrypted/t1`, { algorithm: 'x' });
    expect(said.status).toBe(200);
    const { event_id: id } = (await said.json()) as { event_id: string };
    const redacted = await bridge.request(voice)(
      'PUT',
      `/_matrix/client/v3/rooms/${path}/redact/${encodeURIComponent(id)}/t2`,
      {
        body: {},
      },
    );
    expect(redacted.status).toBe(200);
  });

  it('is found again by a process that knows nothing of it, even when two tickets come at once', async () => {
    const rooms = newRooms(version);
    const both = await Promise.all([
      created(rooms.ensureAccountRoom(accountId(`LARK-${version}`), [voice], people)),
      created(rooms.ensureAccountRoom(accountId(`LARK-${version}`), [voice], people)),
    ]);
    expect(both).toEqual([room, room]);
  });

  it('gets back who is missing', async () => {
    const path = encodeURIComponent(room);
    expect((await as(people[1]!)('POST', `${path}/leave`, {})).status).toBe(200);
    await bridge.request(voice)('POST', `/_matrix/client/v3/rooms/${path}/leave`, { body: {} });
    await created(newRooms(version).ensureAccountRoom(accountId(`LARK-${version}`), [voice], people));
    const now = await stateOf(room);
    expect([voice, people[1]!].map((user) => now.get(`m.room.member ${user}`)?.membership)).toEqual(['join', 'join']);
  });
});

it('makes one room for an account that two tickets ask for at once', async () => {
  const rooms = newRooms('12');
  const both = await Promise.all(
    [1, 2, 3].map(() => created(rooms.ensureAccountRoom(accountId('TWICE'), [voice], []))),
  );
  expect(new Set(both).size).toBe(1);
});

it('does not take a room that somebody else marked as an account’s', async () => {
  const made = await fetch(`${synapse.url}/_matrix/client/v3/createRoom`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.get(people[0]!)}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      invite: [bot],
      initial_state: [{ type: 'org.wardroom.room', state_key: '', content: { purpose: 'account', account: 'STOLEN' } }],
    }),
  });
  const { room_id: trap } = (await made.json()) as { room_id: string };
  expect(await bridge.identity(bot).join(trap as RoomId)).toMatchObject({ ok: true });
  expect(await created(newRooms('12').ensureAccountRoom(accountId('STOLEN'), [], []))).not.toBe(trap);
});

it('keeps what might be a person’s words out of a room’s name', async () => {
  const room = await created(newRooms('12').ensureAccountRoom(accountId('Mrs Ash, room 4'), [], []));
  expect((await stateOf(room)).get('m.room.name')).toEqual({ name: 'On-call' });
});

it('finds the room it made although the answer was lost', async () => {
  const bots = bridge.identity(bot);
  let made: unknown = null;
  const deaf: RoomActor = {
    user: bot,
    invite: (room, user) => bots.invite(room, user),
    join: (room) => bots.join(room),
    async createRoom(options) {
      made = await bots.createRoom(options);
      return err({ kind: 'unknown', code: 'no-answer' });
    },
  };
  const rooms = newRooms('12', deaf);
  expect(await rooms.ensureAccountRoom(accountId('LOST'), [voice], [])).toEqual({
    ok: false,
    error: { kind: 'retry', code: 'no-answer' },
  });
  expect(await rooms.ensureAccountRoom(accountId('LOST'), [voice], [])).toEqual(made);
});

it('raises an alarm for who cannot be added, and has the room all the same', async () => {
  const room = await created(newRooms('12').ensureAccountRoom(accountId('BANNED'), [voice], people));
  const ban = await bridge.request(bot)('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/ban`, {
    body: { user_id: people[0] },
  });
  expect(ban.status).toBe(200);
  alarms.length = 0;
  expect(await created(newRooms('12').ensureAccountRoom(accountId('BANNED'), [voice], people))).toBe(room);
  expect(alarms).toEqual(['member-not-added']);
});

it('makes a control room and an audit room', async () => {
  const rooms = newRooms('12');
  const control = await created(rooms.ensureControlRoom([people[0]!]));
  const audit = await created(rooms.ensureAuditRoom([people[0]!]));
  expect(control).not.toBe(audit);
  expect((await members.of(control)) as object).toMatchObject({ ok: true, value: { encrypted: true } });
  expect(await created(newRooms('12').ensureControlRoom([people[0]!]))).toBe(control);
});

it('says "try again" while the homeserver is away, and makes the room once it is back', async () => {
  const rooms = newRooms('12');
  await synapse.stop();
  expect(await rooms.ensureAccountRoom(accountId('AWAY'), [voice], people)).toMatchObject({
    ok: false,
    error: { kind: 'retry' },
  });
  await synapse.start();
  await created(rooms.ensureAccountRoom(accountId('AWAY'), [voice], people));
}, 120_000);

it('is called by the homeserver when it asks to be', async () => {
  expect(await bridge.ping()).toEqual({ ok: true, value: undefined });
  expect(transactions.length).toBeGreaterThan(0);
});
