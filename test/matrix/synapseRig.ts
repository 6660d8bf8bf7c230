import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { registerAccount } from '../../src/dev/admin.ts';
import { freePorts } from '../../src/dev/ports.ts';
import { installSynapse } from '../../src/dev/pythonInstall.ts';
import { ensureDatabase, type RunningSynapse, startSynapse } from '../../src/dev/synapse.ts';
import { Secret } from '../../src/kernel/phi.ts';

/** A homeserver with Wardroom's registration, and nothing of Wardroom running. */
export interface SynapseRig {
  readonly serverName: string;
  readonly url: string;
  readonly registration: { id: string; senderLocalpart: string; asToken: Secret; hsToken: Secret };
  /** Where the homeserver sends its transactions. */
  readonly appServicePort: number;
  /** Registers a person and returns their id and access token. */
  person(localpart: string): Promise<{ userId: string; accessToken: string }>;
  /** The same for somebody who is a server administrator. */
  administrator(localpart: string): Promise<{ userId: string; accessToken: string }>;
  /** Makes the bot a server administrator; the homeserver restarts. */
  promoteBot(): Promise<void>;
  /** One statement in the homeserver's database, for what its API would not do. */
  sql(text: string): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function synapseRig(): Promise<SynapseRig> {
  const server = JSON.parse(process.env.WARDROOM_TEST_POSTGRES ?? 'null') as { url: string; port: number };
  const dir = join(process.env.WARDROOM_TEST_DIR ?? '', `synapse-${randomBytes(4).toString('hex')}`);
  await mkdir(dir, { recursive: true });
  const python = await installSynapse(() => undefined);
  const [port, appServicePort] = (await freePorts(2)) as [number, number];
  const name = `synapse_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await ensureDatabase(server.url, name, { user: name, password });
  const serverName = 'hospital.example';
  const [asToken, hsToken] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const registrationFile = join(dir, 'registration.yaml');
  const registration = {
    id: 'wardroom',
    url: `http://127.0.0.1:${appServicePort}`,
    as_token: asToken,
    hs_token: hsToken,
    sender_localpart: '_wardroom_unused',
    rate_limited: false,
    receive_ephemeral: true,
    'io.element.msc4190': true,
    namespaces: {
      users: [{ exclusive: true, regex: `@wardroom(_.*)?:${serverName.replace('.', '\\.')}` }],
      aliases: [],
      rooms: [],
    },
  };
  // JSON is YAML.
  await writeFile(registrationFile, JSON.stringify(registration));
  const start = (): Promise<RunningSynapse> =>
    startSynapse({
      dir,
      serverName,
      port,
      database: { host: '127.0.0.1', port: server.port, name, user: name, password },
      registrationFiles: [registrationFile],
      python,
      log: join(dir, 'synapse.log'),
    });
  let synapse = await start();
  const register = (localpart: string, admin: boolean) =>
    registerAccount(synapse.url, synapse.sharedSecret, { localpart, password, admin });
  const sql = async (database: string, text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const ownDatabase = server.url.replace(/\/postgres$/, `/${name}`);
  return {
    serverName,
    url: synapse.url,
    registration: {
      id: 'wardroom',
      senderLocalpart: '_wardroom_unused',
      asToken: new Secret(asToken),
      hsToken: new Secret(hsToken),
    },
    appServicePort,
    person: (localpart) => register(localpart, false),
    administrator: (localpart) => register(localpart, true),
    async promoteBot() {
      // Synapse remembers who is an administrator: it must not be running while that changes.
      await synapse.stop();
      await sql(ownDatabase, `UPDATE users SET admin = 1 WHERE name = '@wardroom:${serverName}'`);
      synapse = await start();
    },
    sql: (text) => sql(ownDatabase, text),
    stop: () => synapse.stop(),
    async start() {
      synapse = await start();
    },
    async close() {
      await synapse.stop();
      await sql(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
