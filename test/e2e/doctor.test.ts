import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type Server as TlsServer, createServer as tlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { request } from '../../src/dev/admin.ts';
import { devKill, devStart } from '../../src/dev/commands.ts';
import type { Person } from '../../src/dev/person.ts';
import type { StoredVoice } from '../../src/flows/cryptoPort.ts';
import type { Diagnosis } from '../../src/flows/operationsPort.ts';
import { userId } from '../../src/kernel/ids.ts';
import { inspectStore } from '../../src/matrix/crypto/index.ts';
import { readVoice } from '../../src/postgres/inspectUse.ts';
import { loadConfig, placesOf } from '../../src/server/config/index.ts';
import { clockFinding } from '../../src/server/doctor/clockSkew.ts';
import { examine } from '../../src/server/doctor/examine.ts';
import { type ShownKeys, VoiceStores } from '../../src/server/doctor/voiceStore.ts';
import { readRegistration } from '../../src/server/registration.ts';
import { openSecrets } from '../../src/server/secrets.ts';
import { selfSigned } from '../support/certificate.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { ask } from './support/database.ts';
import { Ward } from './support/ward.ts';

type Overlay = Record<string, unknown>;

let ward: Ward;
let dir: string;
let alder: Person | undefined;
let database: TestDatabase;
/** Migrated, and nobody has read anything. */
let unread: TestDatabase;
const servers: { close(): unknown }[] = [];
/** A console that speaks WCTP over TLS, with a key of its own. */
let consolePort: number;

beforeAll(async () => {
  ward = await Ward.open();
  dir = mkdtempSync(join(tmpdir(), 'wardroom-doctor-'));
  database = await testDatabase({ migrated: false });
  unread = await testDatabase();
  consolePort = Number(new URL(await serve(tlsServer(selfSigned()))).port);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await devStart({ dir: ward.dir, part: 'wardroom' });
  await database?.drop();
  await unread?.drop();
  await ward?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Production's view of the hospital: its configuration without `dev`, and this on top. */
function filesWith(overlay: Overlay): string[] {
  const file = join(dir, `overlay-${randomBytes(4).toString('hex')}.yaml`);
  writeFileSync(file, stringify(overlay));
  return [...ward.hospital.config_files, file];
}

async function diagnose(overlay: Overlay = {}): Promise<Diagnosis> {
  const files = filesWith(overlay);
  const config = loadConfig(files);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return examine(config.value, placesOf(files));
}

const settings = () => {
  const config = loadConfig(ward.hospital.config_files);
  if (!config.ok) throw new Error('no configuration');
  return config.value;
};

/** A copy of the secrets, in which one may be spoiled. */
function secretsWhere(spoil: (directory: string) => void): Overlay {
  const copy = mkdtempSync(join(dir, 'secrets-'));
  cpSync(settings().secrets_dir, copy, { recursive: true });
  chmodSync(copy, 0o700);
  spoil(copy);
  return { secrets_dir: copy };
}

/** The registration, changed. */
function registrationWhere(change: Record<string, unknown>, mode = 0o600): Overlay {
  const path = join(dir, `registration-${randomBytes(4).toString('hex')}.yaml`);
  const document = parse(readFileSync(settings().appservice.registration_file, 'utf8')) as object;
  writeFileSync(path, stringify({ ...document, ...change }), { mode });
  return { appservice: { registration_file: path } };
}

const RETENTION = '/_matrix/client/unstable/org.matrix.msc1763/retention/configuration';

/** The homeserver's own configuration, as it is or changed. */
const homeserverFile = () => join(dirname(ward.hospital.processes.synapse.media_dir), 'homeserver.yaml');
function homeserverWhere(change: Record<string, unknown>): string {
  const path = join(dir, `homeserver-${randomBytes(4).toString('hex')}.yaml`);
  writeFileSync(path, stringify({ ...(parse(readFileSync(homeserverFile(), 'utf8')) as object), ...change }));
  return path;
}

const secretFile = (content: string, mode = 0o600): string => {
  const path = join(dir, `file-${randomBytes(4).toString('hex')}`);
  writeFileSync(path, content, { mode });
  return path;
};

async function serve(server: Server | TlsServer): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, headers: Record<string, string>): void {
  const onward = httpRequest(`${ward.hospital.homeserver_url}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers,
  });
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...headers });
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

/** The homeserver behind a proxy that changes what it says of itself. */
const homeserverSaying = (headers: Record<string, string>): Promise<string> =>
  serve(createServer((incoming, outgoing) => forward(incoming, outgoing, headers)));

/** The homeserver, except that it answers this path otherwise. */
const homeserverAnswering = (path: string, status: number, body: object): Promise<string> =>
  serve(
    createServer((incoming, outgoing) => {
      if (incoming.url?.startsWith(path)) outgoing.writeHead(status).end(JSON.stringify(body));
      else forward(incoming, outgoing, {});
    }),
  );

const databaseAs = (url: string): Overlay => ({ database: { url_file: secretFile(url) } });
const closedPort = 'http://127.0.0.1:9';

/** What was changed, as it is configured; the finding that must name it. */
const misconfigurations: readonly {
  readonly what: string;
  readonly overlay: () => Overlay | Promise<Overlay>;
  readonly code: string;
  readonly severity?: 'warning';
  readonly says?: RegExp;
}[] = [
  {
    what: 'a homeserver that is not there',
    overlay: () => ({ homeserver: { url: closedPort } }),
    code: 'homeserver',
    says: /overlay-.*homeserver\.url/,
  },
  {
    what: 'a policy that contradicts the law',
    overlay: () => ({ classes: { clinical: { guests: true } } }),
    code: 'policy',
    says: /overlay-.*classes\.clinical\.guests: must be false/,
  },
  {
    what: 'a policy that is unwise',
    overlay: () => ({ classes: { clinical: { history_visibility: 'shared' } } }),
    code: 'policy',
    severity: 'warning',
    says: /overlay-.*classes\.clinical\.history_visibility/,
  },
  {
    what: 'something else at the address of the homeserver',
    overlay: async () => ({
      homeserver: {
        url: await serve(createServer((_request, response) => void response.writeHead(404).end('<html>'))),
      },
    }),
    code: 'homeserver',
    says: /no Matrix homeserver/,
  },
  {
    what: 'an old homeserver',
    overlay: async () => ({ homeserver: { url: await homeserverSaying({ server: 'Synapse/1.98.0' }) } }),
    code: 'homeserver-version',
    says: /1\.141/,
  },
  {
    what: 'a homeserver whose clock is an hour behind',
    overlay: async () => ({
      homeserver: { url: await homeserverSaying({ date: new Date(Date.now() - 3_600_000).toUTCString() }) },
    }),
    code: 'clock',
    says: /NTP/,
  },
  {
    what: 'a homeserver whose clock is ten seconds ahead',
    overlay: async () => ({
      homeserver: { url: await homeserverSaying({ date: new Date(Date.now() + 10_000).toUTCString() }) },
    }),
    code: 'clock',
    severity: 'warning',
  },
  {
    what: 'another server name',
    overlay: () => ({ homeserver: { server_name: 'elsewhere.example' } }),
    code: 'server-name',
    says: /homeserver\.server_name/,
  },
  {
    what: 'an administrator’s token that others can read',
    overlay: () => ({ homeserver: { admin_token_file: secretFile('syt_token', 0o644) } }),
    code: 'server-admin',
    says: /chmod 600/,
  },
  {
    what: 'an administrator’s token that the homeserver does not accept',
    overlay: () => ({ homeserver: { admin_token_file: secretFile('syt_token') } }),
    code: 'server-admin',
    says: /does not accept.*homeserver\.admin_token_file/,
  },
  {
    what: 'the token of somebody who is no administrator',
    overlay: async () => {
      alder ??= await ward.person('dr.alder');
      return { homeserver: { admin_token_file: secretFile(alder.accessToken) } };
    },
    code: 'server-admin',
    says: /no server admin/,
  },
  {
    what: 'a homeserver that deletes by itself, as its configuration says',
    overlay: () => ({ homeserver: { config_file: homeserverWhere({ retention: { enabled: true } }) } }),
    code: 'homeserver-retention',
    says: /retention: { enabled: false }/,
  },
  {
    what: 'a homeserver that deletes by itself, as it shows',
    overlay: async () => ({ homeserver: { url: await homeserverAnswering(RETENTION, 200, { policies: {} }) } }),
    code: 'homeserver-retention',
    says: /retention: { enabled: false }/,
  },
  {
    what: 'a homeserver that keeps redacted messages for good',
    overlay: () => ({ homeserver: { config_file: homeserverWhere({ redaction_retention_period: null }) } }),
    code: 'homeserver-redacted',
    severity: 'warning',
    says: /for good/,
  },
  {
    what: 'a homeserver that keeps redacted messages for weeks',
    overlay: () => ({ homeserver: { config_file: homeserverWhere({ redaction_retention_period: '4w' }) } }),
    code: 'homeserver-redacted',
    severity: 'warning',
    says: /28 days/,
  },
  {
    what: 'a file that is no configuration of a homeserver',
    overlay: () => ({ homeserver: { config_file: ward.hospital.config_files[0] } }),
    code: 'homeserver-retention',
    severity: 'warning',
    says: /homeserver\.config_file/,
  },
  {
    what: 'no registration file',
    overlay: () => ({ appservice: { registration_file: join(dir, 'nowhere.yaml') } }),
    code: 'registration-file',
    says: /wardroom registration, or name the file/,
  },
  {
    what: 'a registration file that others can read',
    overlay: () => registrationWhere({}, 0o644),
    code: 'registration-file',
    says: /chmod 600/,
  },
  {
    what: 'a registration the homeserver does not know',
    overlay: () => registrationWhere({ as_token: 'a'.repeat(43) }),
    code: 'registration-loaded',
    says: /app_service_config_files/,
  },
  {
    what: 'a registration without receipts',
    overlay: () => registrationWhere({ receive_ephemeral: false }),
    code: 'registration-file',
    says: /receive_ephemeral/,
  },
  {
    what: 'another address of Wardroom than in the registration',
    overlay: () => ({ appservice: { url: 'http://wardroom.example:9009' } }),
    code: 'registration-file',
    says: /in url/,
  },
  {
    // What Synapse answers to a log-in without a name; with the flag it answers M_APPSERVICE_LOGIN_UNSUPPORTED.
    what: 'a homeserver whose copy of the registration gives no devices',
    overlay: async () => ({
      homeserver: { url: await homeserverAnswering('/_matrix/client/v3/login', 400, { errcode: 'M_INVALID_PARAM' }) },
    }),
    code: 'registration-devices',
    says: /io\.element\.msc4190/,
  },
  {
    what: 'a homeserver from which no receipt ever came',
    overlay: async () => {
      await ask(
        { processes: { postgres: { url: unread.adminUrl } } } as Parameters<typeof ask>[0],
        `INSERT INTO wardroom.inbox_events (event_id, room_id, sender, type, ours, is_root, sent_at, received_at, state)
         SELECT '$' || n, '!r', '@u:x', 'm.room.encrypted', false, false, 0, now(), 'handled' FROM generate_series(1, 20) AS n`,
      );
      return databaseAs(unread.serviceUrl);
    },
    code: 'registration-receipts',
    severity: 'warning',
    says: /receive_ephemeral/,
  },
  {
    what: 'a homeserver newer than any that was tried',
    overlay: async () => ({ homeserver: { url: await homeserverSaying({ server: 'Synapse/9.1.0' }) } }),
    code: 'homeserver-version',
    severity: 'warning',
  },
  {
    what: 'a homeserver that keeps its admin API to itself',
    overlay: async () => ({
      homeserver: { url: await homeserverAnswering('/_synapse', 404, { errcode: 'M_UNRECOGNIZED' }) },
    }),
    code: 'server-admin',
    severity: 'warning',
    says: /_synapse\/admin/,
  },
  {
    // What Synapse answers with an authentication service (MAS) in front of it.
    what: 'an authentication service that signs people in',
    overlay: async () => ({
      homeserver: {
        url: await homeserverAnswering('/_matrix/client/v1/auth_metadata', 200, { issuer: 'https://account.example/' }),
      },
    }),
    code: 'sign-in',
    severity: 'warning',
    says: /\(MAS\).*mas-cli/,
  },
  {
    what: 'an identity provider that signs people in',
    overlay: async () => ({
      homeserver: {
        url: await homeserverAnswering('/_matrix/client/v3/login', 200, { flows: [{ type: 'm.login.sso' }] }),
      },
    }),
    code: 'sign-in',
    severity: 'warning',
    says: /signs in again/,
  },
  {
    what: 'an owner that cannot connect',
    overlay: () => ownerAs(ownersUrl().replace(/:[^:@]+@/, ':wrong@')),
    code: 'database-owner',
    says: /28P01.*owner_url_file/,
  },
  {
    what: 'the owner of another database',
    overlay: () => ownerAs(database.ownerUrl),
    code: 'database-owner',
    says: /another database/,
  },
  {
    what: 'one role for both',
    overlay: () => ownerAs(settingsUrl()),
    code: 'database-owner',
    says: /two roles/,
  },
  {
    what: 'another key-encryption key',
    overlay: () => secretsWhere((path) => writeFileSync(join(path, 'key-encryption.key'), `${'A'.repeat(43)}=\n`)),
    code: 'installation',
    says: /key-encryption\.key.*backup/,
  },
  {
    what: 'a token of a service that opens roles, too',
    overlay: () =>
      secretsWhere((path) => cpSync(join(path, 'service-wren.token'), join(path, 'roles-api.token'), { force: true })),
    code: 'secrets',
    says: /roles-api\.token.*same as the token of the service wren/,
  },
  {
    what: 'the database of another server',
    overlay: () => ({ homeserver: { server_name: 'elsewhere.example' } }),
    code: 'installation',
    says: /elsewhere\.example.*database\.url_file/,
  },
  {
    what: 'another crypto passphrase',
    overlay: () => secretsWhere((path) => writeFileSync(join(path, 'crypto.passphrase'), `${'p'.repeat(43)}\n`)),
    code: 'crypto-passphrase',
    says: /put back the file/,
  },
  {
    what: 'a full disk',
    overlay: () => ({ data_dir: '/proc/wardroom', secrets_dir: settings().secrets_dir }),
    code: 'disk',
    says: /data_dir/,
  },
  {
    what: 'administrators who have not confirmed each other',
    overlay: () => ({ dev: { control: ['dr.alder', 'dr.beech'] } }),
    code: 'administrators-confirmed',
    severity: 'warning',
    says: /admin list/,
  },
  {
    what: 'a wrong password of the database',
    overlay: () => databaseAs(settingsUrl().replace(/:[^:@]+@/, ':wrong@')),
    code: 'database',
    says: /28P01/,
  },
  {
    what: 'no database',
    overlay: () => databaseAs('postgresql://x:y@127.0.0.1:9/wardroom'),
    code: 'database',
    says: /ECONNREFUSED/,
  },
  {
    what: 'a database URL that others can read',
    overlay: () => ({ database: { url_file: secretFile(settingsUrl(), 0o644) } }),
    code: 'database',
    says: /chmod 600/,
  },
  {
    what: 'the service connecting as the owner',
    overlay: () => databaseAs(readFileSync(settings().database.owner_url_file ?? '', 'utf8')),
    code: 'database-role',
    says: /DELETE wardroom\.audit_leaves/,
  },
  {
    what: 'the service connecting as a superuser',
    overlay: () => databaseAs(ward.hospital.processes.postgres.url),
    code: 'database-role',
    says: /superuser/,
  },
  {
    what: 'a database that was not migrated',
    overlay: () => databaseAs(database.serviceUrl),
    code: 'database-schema',
    says: /wardroom migrate/,
  },
  {
    what: 'a lost key',
    overlay: () => secretsWhere((path) => rmSync(join(path, 'key-encryption.key'))),
    code: 'secrets',
    says: /key-encryption\.key: is missing.*backup/,
  },
  {
    what: 'a lost key while the database cannot be looked at',
    overlay: () => ({
      ...databaseAs('postgresql://x:y@127.0.0.1:9/wardroom'),
      ...secretsWhere((path) => rmSync(join(path, 'key-encryption.key'))),
    }),
    code: 'secrets',
    says: /key-encryption\.key: is missing/,
  },
  {
    what: 'a key that others can read',
    overlay: () => secretsWhere((path) => chmodSync(join(path, 'crypto.passphrase'), 0o640)),
    code: 'secrets',
    says: /chmod 600/,
  },
  {
    what: 'half a key',
    overlay: () => secretsWhere((path) => writeFileSync(join(path, 'reference.key'), 'c2hvcnQ=\n')),
    code: 'secrets',
    says: /32 bytes/,
  },
  {
    what: 'a log key that is no key',
    overlay: () => secretsWhere((path) => writeFileSync(join(path, 'audit-log.pem'), 'nonsense\n')),
    code: 'secrets',
    says: /Ed25519/,
  },
  {
    what: 'secrets in an open directory',
    overlay: () => secretsWhere((path) => chmodSync(path, 0o755)),
    code: 'secrets-directory',
    severity: 'warning',
  },
  {
    what: 'one administrator',
    overlay: () => ({ dev: { control: ['dr.alder'] } }),
    code: 'administrators',
    severity: 'warning',
    says: /control/,
  },
  { what: 'the settings of the embedded hospital', overlay: () => ({}), code: 'dev', severity: 'warning' },
  {
    what: 'a callback_url at which nothing listens',
    overlay: () => ({ services: { nightjar: { callback_url: 'http://127.0.0.1:1/' } } }),
    code: 'callback-reachable',
    severity: 'warning',
    says: /nightjar.*ECONNREFUSED.*callback_url/s,
  },
  {
    what: 'a WCTP console with another key than the pinned one',
    overlay: () => ({
      services: { nightjar: { wctp_url: `https://127.0.0.1:${consolePort}/`, wctp_pin: `sha256/${'A'.repeat(43)}=` } },
    }),
    code: 'wctp-pin',
    severity: 'warning',
    says: /nightjar.*another key.*wctp_pin must hold sha256\//s,
  },
  {
    what: 'somebody whom the homeserver does not know',
    overlay: () => ({ people: { 'dr.alder': { mxid: '@aldre:thornbury.example' } } }),
    code: 'clinicians',
    severity: 'warning',
    says: /dr\.alder: the homeserver has no @aldre:.*make the account/s,
  },
  {
    what: 'a report room that nobody has made',
    overlay: () => reportInto(`#nodesk:${settings().homeserver.server_name}`),
    code: 'report-rooms',
    severity: 'warning',
    says: /no room has the alias #nodesk:.*Wardroom will make one.*invite @wardroom:.*protocols\.QUIET\/ROUTINE/s,
  },
  {
    what: 'a report room of another homeserver that cannot be found',
    overlay: () => ({
      ...reportInto('#nodesk:nowhere.invalid'),
      dev: { domains: { 'nowhere.invalid': 'nowhere.invalid' } },
    }),
    code: 'report-rooms',
    severity: 'warning',
    says: /#nodesk:nowhere\.invalid cannot be found.*have it made there/s,
  },
  {
    what: 'a report room to which the bot was not invited',
    overlay: async () => reportInto(await roomNamed('closeddesk', [])),
    code: 'report-rooms',
    severity: 'warning',
    says: /@wardroom:\S+ is not in #closeddesk:.*invite @wardroom:/s,
  },
  {
    what: 'a report room that is not encrypted',
    overlay: async () => {
      const content = { history_visibility: 'world_readable' };
      return reportInto(await roomNamed('opendesk', [{ type: 'm.room.history_visibility', state_key: '', content }]));
    },
    code: 'report-rooms',
    says: /#opendesk:\S+ is not encrypted: no report goes into it/,
  },
];

/** The reports of a practice go into this room. */
const reportInto = (to: string): Overlay => ({
  protocols: { 'QUIET/ROUTINE': { steps: [{ at: 'next_office_open', do: 'report', to }] } },
});

/** A room with this alias, made by dr.alder; the alias. */
async function roomNamed(name: string, initialState: readonly object[]): Promise<string> {
  alder ??= await ward.person('dr.alder');
  await alder.api('POST', '/_matrix/client/v3/createRoom', { room_alias_name: name, initial_state: initialState });
  return `#${name}:${settings().homeserver.server_name}`;
}

const ownerAs = (url: string): Overlay => ({ database: { owner_url_file: secretFile(url) } });
const ownersUrl = () => readFileSync(settings().database.owner_url_file ?? '', 'utf8').trim();
const settingsUrl = () => readFileSync(settings().database.url_file ?? '', 'utf8').trim();

const main = fileURLToPath(new URL('../../src/server/cli/main.ts', import.meta.url));

/** `wardroom doctor ARGS` as its own process. */
const doctor = (args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, 'doctor', ...args],
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('wardroom doctor', () => {
  it('finds nothing in the way of a hospital that is well, while Wardroom runs and while it does not', async () => {
    const running = await diagnose();
    expect(running.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const codes = running.findings.map(({ code }) => code);
    for (const code of [
      'reachable',
      'registration-loaded',
      'database-role',
      'voices',
      'server-admin',
      'registration-devices',
      'registration-receipts',
      'database-owner',
      'database-clock',
      'clock',
      'secrets',
      'disk',
    ])
      expect(codes).toContain(code);
    await devKill({ dir: ward.dir, part: 'wardroom' });
    const stopped = await diagnose();
    expect(stopped.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(stopped.findings.find(({ code }) => code === 'reachable')?.severity).toBe('ok');
  });

  // Wardroom is still stopped: doctor answers the homeserver's ping itself.
  it('names a hs_token that is not the one the homeserver has', async () => {
    const { findings } = await diagnose(registrationWhere({ hs_token: 'b'.repeat(43) }));
    expect(findings.find(({ code }) => code === 'reachable')).toMatchObject({
      severity: 'error',
      remedy: expect.stringMatching(/hs_token/),
    });
  });

  it('takes nothing but pings while Wardroom is stopped, so that what the homeserver has kept for it is not lost', async () => {
    const { hs } = readRegistration(settings().appservice.registration_file);
    const answers: number[] = [];
    const url = await serve(
      createServer(async (incoming, outgoing) => {
        // What a homeserver does when a ping succeeds: it sends what has waited.
        if (incoming.url?.includes('/ping')) {
          const transaction = await fetch(`${settings().appservice.url}/_matrix/app/v1/transactions/1`, {
            method: 'PUT',
            headers: { authorization: `Bearer ${hs.reveal()}` },
            body: '{"events": []}',
          });
          answers.push(transaction.status);
        }
        forward(incoming, outgoing, {});
      }),
    );
    const { findings } = await diagnose({ homeserver: { url } });
    expect(findings.find(({ code }) => code === 'reachable')?.severity).toBe('ok');
    expect(answers).toEqual([503]);
  });

  it('names another program at the address where the homeserver looks for Wardroom', async () => {
    const other = createServer((_request, response) => void response.writeHead(404).end());
    servers.push(other);
    other.listen(settings().appservice.port, '127.0.0.1');
    await once(other, 'listening');
    const { findings } = await diagnose();
    expect(findings.find(({ code }) => code === 'reachable')).toMatchObject({
      severity: 'error',
      what: expect.stringMatching(/404/),
    });
    other.closeAllConnections();
    other.close();
    await once(other, 'close');
    await devStart({ dir: ward.dir, part: 'wardroom' });
  });

  it.each(misconfigurations)('names $what', async ({ overlay, code, severity = 'error', says }) => {
    const { ok, findings } = await diagnose(await overlay());
    const named = findings.filter((one) => one.code === code && one.severity === severity);
    expect([named.length > 0, findings.filter((one) => one.severity !== 'ok')]).toEqual([true, expect.anything()]);
    if (severity === 'error') expect(ok).toBe(false);
    expect(named[0]?.remedy).not.toBe('');
    if (says) expect(named.map(({ what, remedy }) => `${what} -> ${remedy}`).join('\n')).toMatch(says);
    // Nothing secret is told.
    const told = JSON.stringify(findings);
    for (const secret of [
      settingsUrl(),
      readFileSync(join(settings().secrets_dir, 'crypto.passphrase'), 'utf8').trim(),
    ])
      expect(told).not.toContain(secret);
  });

  it('does not ask for the token of a service that was just added: it is made at the next start', async () => {
    const { findings } = await diagnose(secretsWhere((path) => rmSync(join(path, 'service-wren.token'))));
    expect(findings.find(({ code }) => code === 'secrets')).toMatchObject({
      severity: 'ok',
      what: expect.stringMatching(/^1 /),
    });
  });

  it('names a database that a newer program has migrated', async () => {
    const newer = await testDatabase();
    try {
      const client = { processes: { postgres: { url: newer.adminUrl } } } as Parameters<typeof ask>[0];
      await ask(client, `INSERT INTO wardroom.migrations (number, name, checksum) VALUES (999, '999-later.sql', 'x')`);
      const { findings } = await diagnose(databaseAs(newer.serviceUrl));
      expect(findings.find(({ code }) => code === 'database-schema')).toMatchObject({
        severity: 'error',
        remedy: expect.stringMatching(/newer program/),
      });
    } finally {
      await newer.drop();
    }
  });

  it('names a voice whose device is not at the homeserver', async () => {
    const [before] = await ask<{ voice: string; device_id: string }>(
      ward.hospital,
      `SELECT voice, device_id FROM wardroom.crypto_voice WHERE voice LIKE '%nightjar%'`,
    );
    const give = (device: string) =>
      ask(ward.hospital, 'UPDATE wardroom.crypto_voice SET device_id = $2 WHERE voice = $1', [before?.voice, device]);
    await give('NOSUCHDEVICE');
    try {
      const { findings } = await diagnose();
      expect(findings.find(({ code }) => code === 'voices')).toMatchObject({
        severity: 'error',
        what: expect.stringMatching(/NOSUCHDEVICE/),
      });
    } finally {
      await give(before?.device_id ?? '');
    }
  });

  it('names a voice whose crypto store does not fit what the homeserver shows', async () => {
    const voice = userId(ward.hospital.bot_user_id);
    const stored = await readVoice(settingsUrl(), voice);
    if (stored === null) throw new Error('no store');
    const whole = await inspectStore({
      user: voice,
      passphrase: openSecrets(settings().secrets_dir, { create: false }).cryptoPassphrase(),
      stored,
    });
    if (whole.kind !== 'open') throw new Error(whole.kind);
    const shown = { ...whole.device, masterKey: whole.masterKey ?? '' };
    const other = 'A'.repeat(43);
    const problem = async (kept: StoredVoice, keys: ShownKeys) => {
      const place = () => '';
      return new VoiceStores({ config: settings(), place, asUser: null, storeOf: async () => kept }).problemOf(
        voice,
        keys,
      );
    };
    const withRecords = (change: (records: StoredVoice['databases'][number]['records']) => typeof records) => ({
      ...stored,
      databases: stored.databases.map((one) => ({ ...one, records: change(one.records) })),
    });
    expect(await problem(stored, shown)).toBeNull();
    for (const [kept, keys, says] of [
      [withRecords(() => []), shown, /empty/],
      [withRecords((all) => all.map((one) => ({ ...one, value: Buffer.from('spoiled') }))), shown, /damaged/],
      [stored, { ...shown, curve25519: other }, /other keys/],
      [stored, { ...shown, ed25519: other }, /other keys/],
      [stored, { ...shown, masterKey: other }, /not the one people verified/],
    ] as const)
      expect(await problem(kept, keys)).toMatchObject({ severity: 'error', what: expect.stringMatching(says) });
  });

  it('compares clocks to the second, and says which of them is off', () => {
    const at = (said: number, grain = 0) =>
      clockFinding('clock', 'the database', { asked: 0, answered: 10, said, grain }).severity;
    expect([0, 10, 1_000, -1_999, 2_011, -2_001, 30_011, -30_001].map((said) => at(said))).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'warning',
      'warning',
      'error',
      'error',
    ]);
    expect(at(-2_500, 1_000)).toBe('ok');
  });

  it('names a database that was set back in time: the homeserver has seen more of a voice than it knows', async () => {
    const { homeserver_url, bot_user_id } = ward.hospital;
    const { as } = readRegistration(settings().appservice.registration_file);
    const path = `/_matrix/client/v3/user/${encodeURIComponent(bot_user_id)}/account_data/org.wardroom.crypto_epoch`;
    const url = `${homeserver_url}${path}?user_id=${encodeURIComponent(bot_user_id)}`;
    const token = as.reveal();
    const before = await request<{ epoch: number }>('GET', url, { token });
    await request('PUT', url, { token, body: { epoch: before.epoch + 1_000_000 } });
    try {
      const { findings } = await diagnose();
      expect(findings.find(({ code }) => code === 'voices')).toMatchObject({
        severity: 'error',
        what: expect.stringMatching(/set back in time/),
      });
    } finally {
      await request('PUT', url, { token, body: before });
    }
  });

  it('tells what is off while the bot is no server admin', async () => {
    const { homeserver_url, admin, bot_user_id } = ward.hospital;
    const path = `${homeserver_url}/_synapse/admin/v1/users/${encodeURIComponent(bot_user_id)}/admin`;
    const set = (is: boolean) => request('PUT', path, { token: admin.access_token, body: { admin: is } });
    await set(false);
    try {
      const { ok, findings } = await diagnose();
      expect([ok, findings.find(({ code }) => code === 'server-admin')?.severity]).toEqual([true, 'warning']);
      const file = secretFile(admin.access_token);
      const given = await diagnose({ homeserver: { admin_token_file: file } });
      expect(given.findings.find(({ code }) => code === 'server-admin')).toMatchObject({
        severity: 'ok',
        what: expect.stringContaining(file),
      });
      expect(JSON.stringify(given)).not.toContain(admin.access_token);
    } finally {
      await set(true);
    }
  });

  it('says of the homeserver’s own retention that it was not looked at, or what its configuration says', async () => {
    const said = async (overlay: Overlay) =>
      (await diagnose(overlay)).findings
        .filter(({ code }) => code.startsWith('homeserver-re'))
        .map(({ severity, what }) => `${severity} ${what}`);
    expect(await said({})).toEqual([expect.stringMatching(/^ok not looked at/)]);
    expect(await said({ homeserver: { config_file: homeserverFile() } })).toEqual([
      expect.stringMatching(/^ok .*retention is off/),
      expect.stringMatching(/^ok .*7 days, as it does where nothing is set/),
    ]);
  });

  it('ends with 0 when all is well, 1 with an error, 2 with file and line for a configuration that cannot be read', async () => {
    const run = (overlay: Overlay, ...more: string[]) =>
      doctor([...filesWith(overlay).flatMap((file) => ['--config', file]), ...more]);
    const good = await run({}, '--json');
    expect([good.code, JSON.parse(good.stdout).ok]).toEqual([0, true]);
    const bad = await run({ homeserver: { url: closedPort } });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^ERROR {3}homeserver: no homeserver answers/m);
    for (const overlay of [
      { homeserver: { url: 'not a url' } },
      { unknown_key: 1 },
      { http: { port: 'x' } },
      { delivery: { delayed_after: '60' } },
    ]) {
      const { code, stderr } = await run(overlay as Overlay);
      expect(code).toBe(2);
      expect(stderr).toMatch(/overlay-[0-9a-f]+\.yaml:\d+ /);
    }
  });
});
