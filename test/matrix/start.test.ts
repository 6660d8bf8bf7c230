import { createHash } from 'node:crypto';
import type { RoomEvent } from '../../src/flows/ports.ts';
import type { StateChanged } from '../../src/flows/roomKeeperPort.ts';
import { accountId, type RoomId, serviceId, type UserId, userId } from '../../src/kernel/ids.ts';
import { Phi, Secret } from '../../src/kernel/phi.ts';
import { createVoiceCrypto } from '../../src/matrix/crypto/index.ts';
import { HomeserverClient } from '../../src/matrix/homeserverClient.ts';
import { type RunningMatrix, startMatrix } from '../../src/matrix/index.ts';
import { createCryptoStore } from '../../src/postgres/cryptoStore.ts';
import { openPool } from '../../src/postgres/database.ts';
import { createInbox } from '../../src/postgres/inbox.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type SynapseRig, synapseRig } from './synapseRig.ts';

const canary = 'CANARY-90210';
const content = new Phi<Record<string, unknown>>({ msgtype: 'm.text', body: canary });

let synapse: SynapseRig;
let database: TestDatabase;
let pool: ReturnType<typeof openPool>;
let matrix: RunningMatrix;
let client: HomeserverClient;
let person: { userId: string; accessToken: string };
const events: RoomEvent[] = [];
const changes: StateChanged[] = [];
const logged: string[] = [];
let arrived = Promise.withResolvers<void>();
const nightjar = serviceId('nightjar');
let voice: UserId;

const run = (): Promise<RunningMatrix> =>
  startMatrix({
    homeserver: { url: synapse.url, serverName: synapse.serverName },
    registration: synapse.registration,
    listen: { host: '127.0.0.1', port: synapse.appServicePort },
    services: [nightjar, serviceId('heron')],
    rooms: { version: '12', rotationMessages: 100, rotationMs: 3_600_000 },
    inbox: createInbox(pool),
    openCrypto: (user, request, onCode) =>
      createVoiceCrypto({
        user,
        request,
        store: createCryptoStore(database.serviceUrl),
        passphrase: new Secret(createHash('sha256').update('test').digest('hex')),
        settings: { devices: 'all', rotationMessages: 100, rotationMs: 3_600_000 },
        onCode,
      }),
    async onRoomEvent(event) {
      events.push(event);
      arrived.resolve();
      arrived = Promise.withResolvers();
    },
    async onStateChanged(change) {
      changes.push(change);
      arrived.resolve();
      arrived = Promise.withResolvers();
    },
    onDevicesChanged: () => undefined,
    roomsInUse: async () => [],
    clock: { now: () => Date.now() },
    machineClock: { now: () => Date.now() },
    alarms: { raise: (code) => void logged.push(code) },
    crash: { reach: () => undefined },
    log: (level, code, about) => void logged.push(`${level} ${code} ${JSON.stringify(about ?? {})}`),
    metrics: { decryptFailed: () => undefined, transaction: () => undefined, foundInHistory: () => undefined },
  });

const firstOf = async <T>(list: readonly T[], found: (one: T) => boolean): Promise<T> => {
  for (;;) {
    const one = list.find(found);
    if (one !== undefined) return one;
    await arrived.promise;
  }
};
const seen = (found: (event: RoomEvent) => boolean) => firstOf(events, found);
const changed = (found: (change: StateChanged) => boolean) => firstOf(changes, found);

beforeAll(async () => {
  [synapse, database] = await Promise.all([synapseRig(), testDatabase()]);
  pool = openPool(database.serviceUrl, () => undefined, 8);
  client = new HomeserverClient({ url: synapse.url, asToken: synapse.registration.asToken });
  person = await synapse.person('ash');
  matrix = await run();
  await matrix.ready;
  voice = matrix.voices.userOf(nightjar);
}, 240_000);
afterAll(async () => {
  await matrix.stop();
  client.close();
  await pool.end();
  await synapse.close();
  await database.drop();
}, 60_000);

const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
  const response = await fetch(`${synapse.url}/_matrix/client/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Record<string, unknown>;
};

const roomFor = async (account: string): Promise<RoomId> => {
  const room = await matrix.rooms.ensureAccountRoom(accountId(account), [voice], [userId(person.userId)]);
  if (!room.ok) throw new Error(room.error.code);
  await ask('POST', `join/${encodeURIComponent(room.value)}`, {});
  return room.value;
};

const post = async (room: RoomId, txnId: string) => {
  const encrypted = await matrix.voices.encrypt(voice, room, 'm.room.message', content);
  if (!encrypted.ok) throw new Error(encrypted.error.code);
  const sent = await matrix.voices.send(voice, room, 'm.room.encrypted', txnId, encrypted.value.content);
  if (!sent.ok) throw new Error(sent.error.code);
  return { id: sent.value, encrypted: encrypted.value };
};

it('is ready when every voice and the bot can speak', async () => {
  const readiness = await matrix.readiness();
  expect(readiness.homeserver).toBe(true);
  expect(readiness.voices.map(({ user, ready }) => [user, ready])).toEqual([
    [voice, true],
    [`@wardroom_heron:${synapse.serverName}`, true],
    [`@wardroom:${synapse.serverName}`, true],
  ]);
});

it('sends what it encrypted, once per transaction id, and the homeserver never sees the text', async () => {
  const room = await roomFor('SEND');
  const { id, encrypted } = await post(room, 'txn-1');
  expect(await matrix.voices.send(voice, room, 'm.room.encrypted', 'txn-1', encrypted.content)).toEqual({
    ok: true,
    value: id,
  });
  const event = await ask('GET', `rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(id)}`);
  expect(event.type).toBe('m.room.encrypted');
  expect(JSON.stringify(event)).not.toContain(canary);
});

it('refuses to send plaintext', async () => {
  const room = await roomFor('SEND');
  expect(await matrix.voices.send(voice, room, 'm.room.message', 'txn-2', { body: 'x' })).toEqual({
    ok: false,
    error: { kind: 'permanent', code: 'plaintext-refused' },
  });
});

it('refuses to encrypt for a room that is not encrypted, or that it knows nothing of', async () => {
  const made = await client.requestAs(voice)('POST', '/_matrix/client/v3/createRoom', { body: {} });
  const { room_id: open } = made.body as { room_id: RoomId };
  expect(await matrix.voices.encrypt(voice, open, 'm.room.message', content)).toMatchObject({
    ok: false,
    error: { code: 'room-not-encrypted' },
  });
  expect(
    await matrix.voices.encrypt(voice, '!nowhere:hospital.example' as RoomId, 'm.room.message', content),
  ).toMatchObject({
    ok: false,
  });
});

it('brings a voice back into a room that it was thrown out of', async () => {
  const room = await roomFor('BACK');
  await client.requestAs(voice)('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/leave`, { body: {} });
  await post(room, 'txn-3');
});

it('hears receipts, reactions and redactions', async () => {
  const room = await roomFor('HEAR');
  const { id } = await post(room, 'txn-4');
  const path = `rooms/${encodeURIComponent(room)}`;
  await ask('POST', `${path}/receipt/m.read/${encodeURIComponent(id)}`, {});
  expect(await seen((event) => event.type === 'read')).toEqual({
    type: 'read',
    room,
    user: person.userId,
    roots: [id],
  });
  const reaction = await ask('PUT', `${path}/send/m.reaction/r1`, {
    'm.relates_to': { rel_type: 'm.annotation', event_id: id, key: '👍' },
  });
  expect(await seen((event) => event.type === 'reaction')).toMatchObject({
    room,
    target: id,
    key: '👍',
    sender: person.userId,
  });
  await ask('PUT', `${path}/redact/${encodeURIComponent(String(reaction.event_id))}/r2`, {});
  expect(await seen((event) => event.type === 'redaction')).toMatchObject({ redacts: reaction.event_id });
});

it('hears what people change in rooms, who comes and goes, and who invites the bot', async () => {
  const room = await roomFor('CHANGES');
  const joined = await changed(
    (one) => one.room === room && one.stateKey === person.userId && one.membership === 'join',
  );
  expect(joined).toMatchObject({ type: 'm.room.member', sender: person.userId });
  const { room_id: theirs } = (await ask('POST', 'createRoom', { invite: [matrix.bot] })) as { room_id: RoomId };
  const invited = await changed((one) => one.room === theirs);
  expect(invited).toMatchObject({ stateKey: matrix.bot, membership: 'invite', sender: person.userId });
  expect(await matrix.keeper.enter(theirs)).toEqual({ ok: true, value: undefined });
  const own = await changed((one) => one.room === theirs && one.membership === 'join');
  expect(own).toMatchObject({ sender: matrix.bot, stateKey: matrix.bot });
  expect(own.seq).toBeGreaterThan(invited.seq);
  await ask('PUT', `rooms/${encodeURIComponent(theirs)}/state/m.room.topic`, { topic: canary });
  const topic = await changed((one) => one.type === 'm.room.topic');
  expect(topic).toMatchObject({ room: theirs, sender: person.userId, stateKey: '' });
  expect(topic).not.toHaveProperty('membership');
});

it('keeps working with a homeserver that comes back, and hears what was said meanwhile at once', async () => {
  const room = await roomFor('AWAY');
  const { id } = await post(room, 'txn-5');
  await matrix.stop();
  const path = `rooms/${encodeURIComponent(room)}`;
  for (const n of [1, 2, 3]) {
    await ask('PUT', `${path}/send/m.reaction/a${n}`, {
      'm.relates_to': { rel_type: 'm.annotation', event_id: id, key: `${n}` },
    });
  }
  events.length = 0;
  matrix = await run();
  await seen((event) => event.type === 'reaction' && event.key === '3');
  expect(events.flatMap((event) => (event.type === 'reaction' ? [event.key] : []))).toEqual(['1', '2', '3']);
  await matrix.ready;
  await post(room, 'txn-6');
}, 60_000);

it('asks the homeserver to try again when it had to refuse a transaction', async () => {
  const room = await roomFor('REFUSED');
  const { id } = await post(room, 'txn-7');
  const admin = openPool(database.adminUrl, () => undefined, 1);
  await admin.query('REVOKE EXECUTE ON FUNCTION wardroom.inbox_commit FROM wardroom_service, PUBLIC');
  logged.length = 0;
  await ask('PUT', `rooms/${encodeURIComponent(room)}/send/m.reaction/b1`, {
    'm.relates_to': { rel_type: 'm.annotation', event_id: id, key: 'refused' },
  });
  while (!logged.some((line) => line.includes('inbox.not_stored')))
    await new Promise((resolve) => setImmediate(resolve));
  await admin.query('GRANT EXECUTE ON FUNCTION wardroom.inbox_commit TO wardroom_service');
  await admin.end();
  await seen((event) => event.type === 'reaction' && event.key === 'refused');
}, 60_000);

it('says nothing of a message in its log', () => {
  expect(logged.join('\n')).not.toContain(canary);
});
