import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MatrixEvent } from 'matrix-js-sdk';
import { type EmbeddedPerson, ensurePeople } from '../../../src/dev/people.ts';
import { Person, type PersonOptions } from '../../../src/dev/person.ts';
import { freePorts } from '../../../src/dev/ports.ts';
import { installSynapse } from '../../../src/dev/pythonInstall.ts';
import { ensureDatabase, startSynapse } from '../../../src/dev/synapse.ts';
import type { CryptoStore } from '../../../src/flows/cryptoPort.ts';
import { type RoomId, roomId, type UserId, userId } from '../../../src/kernel/ids.ts';
import { Phi, Secret } from '../../../src/kernel/phi.ts';
import {
  type CryptoCode,
  createVoiceCrypto,
  type VoiceCrypto,
  type VoiceCryptoOptions,
} from '../../../src/matrix/crypto/index.ts';
import { messageIndex } from '../../../src/matrix/crypto/messageIndex.ts';
import { HomeserverClient } from '../../../src/matrix/homeserverClient.ts';
import type { MatrixRequest } from '../../../src/matrix/matrixRequest.ts';
import { createCryptoStore } from '../../../src/postgres/cryptoStore.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';

/** A real Synapse with our registration, a migrated database, voices and people. */
export interface Rig {
  readonly url: string;
  readonly database: TestDatabase;
  readonly store: CryptoStore;
  readonly people: ReadonlyMap<string, EmbeddedPerson>;
  /** A user of ours on the homeserver, and requests in its name. */
  voiceUser(name: string): Promise<{ user: UserId; request: MatrixRequest }>;
  voice(name: string, options?: Partial<VoiceCryptoOptions>): Promise<TestVoice>;
  person(name: string, options?: Partial<PersonOptions>): Promise<Person>;
  /** An encrypted room of the voice in which these people are. */
  room(voice: TestVoice, people: readonly Person[]): Promise<RoomId>;
  close(): Promise<void>;
}

export interface TestVoice {
  readonly user: UserId;
  readonly request: MatrixRequest;
  readonly crypto: VoiceCrypto;
  readonly codes: CryptoCode[];
}

export const passphrase = new Secret('a passphrase for tests');

const asToken = randomBytes(16).toString('hex');

export async function startRig(localparts: readonly string[]): Promise<Rig> {
  const server = JSON.parse(process.env.WARDROOM_TEST_POSTGRES!) as { url: string; port: number };
  const python = await installSynapse(() => undefined);
  const dir = await mkdtemp(join(tmpdir(), 'wardroom-crypto-'));
  const name = `synapse_${randomBytes(4).toString('hex')}`;
  const login = { user: name, password: randomBytes(12).toString('hex') };
  await ensureDatabase(server.url, name, login);
  const [port = 0, deaf = 0] = await freePorts(2);
  const registration = join(dir, 'registration.yaml');
  await writeFile(
    registration,
    JSON.stringify({
      id: 'wardroom',
      url: `http://127.0.0.1:${deaf}`,
      as_token: asToken,
      hs_token: randomBytes(16).toString('hex'),
      sender_localpart: '_wardroom_unused',
      rate_limited: false,
      'io.element.msc4190': true,
      namespaces: { users: [{ exclusive: true, regex: '@wardroom(_.*)?:test' }], aliases: [], rooms: [] },
    }),
  );
  const synapse = await startSynapse({
    dir,
    serverName: 'test',
    port,
    database: { host: '127.0.0.1', port: server.port, name, ...login },
    registrationFiles: [registration],
    python,
    log: join(dir, 'synapse.log'),
  });
  const database = await testDatabase();
  const store = createCryptoStore(database.serviceUrl);
  const people = await ensurePeople({
    url: synapse.url,
    sharedSecret: synapse.sharedSecret,
    file: join(dir, 'people.json'),
    localparts,
    admin: 'root',
  });
  const client = new HomeserverClient({ url: synapse.url, asToken: new Secret(asToken) });
  const open: { stop(): unknown }[] = [];

  const rig: Rig = {
    url: synapse.url,
    database,
    store,
    people,
    async voiceUser(localpart) {
      await client.requestAsService('POST', '/_matrix/client/v3/register', {
        body: { type: 'm.login.application_service', username: `wardroom_${localpart}`, inhibit_login: true },
      });
      const user = userId(`@wardroom_${localpart}:test`);
      return { user, request: client.requestAs(user) };
    },
    async voice(localpart, options = {}) {
      const { user, request } = await rig.voiceUser(localpart);
      const codes: CryptoCode[] = [];
      const crypto = createVoiceCrypto({
        user,
        request,
        store,
        passphrase,
        settings: { devices: 'cross-signed', rotationMessages: 100, rotationMs: 7 * 86_400_000 },
        onCode: (code) => codes.push(code),
        ...options,
      });
      open.push(crypto);
      return { user, request, crypto, codes };
    },
    async person(localpart, options = {}) {
      const { userId: user, password, recoveryKey } = people.get(localpart)!;
      const person = await Person.logIn({ url: synapse.url, userId: user, password, recoveryKey, ...options });
      open.push(person);
      return person;
    },
    async room(voice, inside) {
      const { body } = await voice.request('POST', '/_matrix/client/v3/createRoom', {
        body: {
          preset: 'private_chat',
          invite: inside.map((person) => person.userId),
          initial_state: [
            { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
            { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
          ],
        },
      });
      const room = roomId((body as { room_id: string }).room_id);
      await Promise.all(inside.map((person) => person.client.joinRoom(room)));
      return room;
    },
    async close() {
      for (const one of open.reverse()) await one.stop();
      client.close();
      await synapse.stop();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return rig;
}

let counter = 0;

/** Encrypts as the voice for these people and sends it; returns what the cipher made and the event's id. */
export async function post(voice: TestVoice, room: RoomId, members: readonly string[], body: string) {
  const made = await voice.crypto.encrypt(
    room,
    [voice.user, ...members.map(userId)],
    'm.room.message',
    new Phi<Record<string, unknown>>({ msgtype: 'm.text', body }),
  );
  if (!made.ok) throw new Error(`not encrypted: ${made.error.code}`);
  counter += 1;
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.encrypted/t${counter}`;
  const sent = await voice.request('PUT', path, { body: made.value.content });
  if (sent.status !== 200) throw new Error(`not sent: ${sent.status}`);
  return { ...made.value, eventId: (sent.body as { event_id: string }).event_id };
}

/** The place of an encrypted content in its session. */
export function indexOf(content: Readonly<Record<string, unknown>>): number | null {
  return messageIndex(String(content.ciphertext));
}

/** What the person's client makes of an event, fetched by its id: a burst leaves gaps in a client's timeline. */
export async function readBy(person: Person, room: RoomId, eventId: string): Promise<unknown> {
  const stored = await person.stored(room, eventId);
  let body: unknown;
  await until(async () => {
    const event = new MatrixEvent(stored);
    await person.client.decryptEventIfNeeded(event);
    body = event.getContent().body;
    return !event.isDecryptionFailure();
  });
  return body;
}

/** Requests with a switch in front: `before` may throw, wait, or answer in the homeserver's place. */
export function switchable(request: MatrixRequest) {
  type Answer = Awaited<ReturnType<MatrixRequest>>;
  const control = {
    before: async (_method: string, _path: string, _body: unknown): Promise<Answer | undefined> => undefined,
    request: (async (method, path, options) =>
      (await control.before(method, path, options?.body)) ?? request(method, path, options)) as MatrixRequest,
  };
  return control;
}

/** Resolves when `look` says so, asked each time something may have changed. */
export async function until(look: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await look())) {
    if (performance.now() > end) throw new Error('did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
