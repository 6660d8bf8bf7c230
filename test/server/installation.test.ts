import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import { deriveVoiceKeys, seal } from '../../src/matrix/crypto/voiceKeys.ts';
import { writeRegistration } from '../../src/server/registration.ts';
import { type Installation, installation, live, SERVER_NAME } from '../support/installation.ts';

let home: Installation;
let dir: string;
const opened: Installation[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-strangers-'));
  home = await installation();
  await live(home);
  const voice = `@wardroom:${SERVER_NAME}`;
  const keys = await deriveVoiceKeys(home.secrets.cryptoPassphrase(), voice);
  await home.sql('INSERT INTO wardroom.crypto_voice (voice, sealed_identity) VALUES ($1, $2)', [
    voice,
    Buffer.from(seal(keys.seal, voice, 'identity')),
  ]);
});
afterAll(async () => {
  for (const one of opened) await one.close();
  await home?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The same database and secrets, with this difference. */
async function homeWhere(options: { serverName?: string; spoil?: (secrets: string) => void }): Promise<Installation> {
  const secrets = mkdtempSync(join(dir, 'secrets-'));
  cpSync(home.config.secrets_dir, secrets, { recursive: true });
  options.spoil?.(secrets);
  const made = await installation({
    database: home.database,
    secretsDir: secrets,
    ...(options.serverName === undefined ? {} : { serverName: options.serverName }),
  });
  opened.push(made);
  return made;
}

interface Served {
  readonly status: number | null;
  readonly stderr: string;
}

/** `wardroom serve` until it ends by itself, or until it says that it has started. */
const serve = (of: Installation): Promise<Served> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(checkout, 'bin/wardroom.js'), 'serve', '--config', of.file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      // A second signal would end it at once.
      if (stderr.includes('"server.started"') && !child.killed) child.kill('SIGTERM');
    });
    child.on('close', (status) => resolve({ status, stderr }));
  });

const key = (): string => randomBytes(32).toString('base64');

describe('wardroom serve', () => {
  it.each([
    ['of another server', { serverName: 'elsewhere.example' }, /of hospital\.example.*homeserver\.server_name/],
    [
      'under another key-encryption key',
      { spoil: (at: string) => writeFileSync(join(at, 'key-encryption.key'), key()) },
      /another key-encryption\.key.*backup/,
    ],
    [
      'under another reference key',
      { spoil: (at: string) => writeFileSync(join(at, 'reference.key'), key()) },
      /another reference\.key.*backup/,
    ],
    [
      "with another audit log's key",
      {
        spoil: (at: string) => writeFileSync(join(at, 'audit-log.pem'), readFileSync(join(opened[0]!.dir, 'log.pem'))),
      },
      /another audit-log\.pem.*backup/,
    ],
    [
      'under another crypto passphrase',
      { spoil: (at: string) => writeFileSync(join(at, 'crypto.passphrase'), 'q'.repeat(43)) },
      /crypto\.passphrase does not open.*backup/,
    ],
  ])('refuses a database %s, with what to do, and changes nothing', async (_what, difference, says) => {
    if (opened.length === 0) {
      const other = await installation({ migrated: false });
      opened.push(other);
      writeFileSync(
        join(other.dir, 'log.pem'),
        other.secrets.auditLogKey().reveal().export({ type: 'pkcs8', format: 'pem' }),
      );
    }
    const before = await home.sql('SELECT * FROM wardroom.installation');
    const { status, stderr } = await serve(await homeWhere(difference));
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)]);
    // Plain words, no stack, no secret.
    expect(stderr).not.toMatch(/ {4}at |"type"/);
    expect(stderr.split('\n').filter(Boolean)).toHaveLength(1);
    expect(await home.sql('SELECT * FROM wardroom.installation')).toEqual(before);
  });

  it('refuses what is of another installation also in a database from before it was written down', async () => {
    const before = (await home.sql('DELETE FROM wardroom.installation RETURNING *'))[0]!;
    const other = await homeWhere({ spoil: (at) => writeFileSync(join(at, 'key-encryption.key'), key()) });
    expect(await serve(other)).toMatchObject({ status: 2, stderr: expect.stringMatching(/key-encryption\.key/) });
    expect(await home.sql('SELECT * FROM wardroom.installation')).toEqual([]);
    expect((await serve(await homeWhere({}))).stderr).toContain('"server.started"');
    const [after] = await home.sql('SELECT * FROM wardroom.installation');
    expect(after).toMatchObject({ server_name: SERVER_NAME, fingerprints: before.fingerprints });
  });

  it('starts with what is its own', async () => {
    const { status, stderr } = await serve(await homeWhere({}));
    expect([status, stderr]).toEqual([0, expect.stringContaining('"server.started"')]);
  });

  it('takes one damaged voice for what it is, and not for a wrong passphrase', async () => {
    await home.sql(
      `INSERT INTO wardroom.crypto_voice (voice, sealed_identity) VALUES ('@wardroom_damaged:b', 'nonsense')`,
    );
    expect((await serve(await homeWhere({}))).stderr).toContain('"server.started"');
  });

  it('refuses a database that a newer program has migrated, with the reason', async () => {
    const newer = await installation();
    opened.push(newer);
    writeRegistration(newer.config.appservice.registration_file, newer.config.appservice.url, SERVER_NAME);
    await newer.sql(`INSERT INTO wardroom.migrations (number, name, checksum) VALUES (999, '999-later.sql', 'x')`);
    const { status, stderr } = await serve(newer);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/999-later\.sql.*newer program/)]);
    // Also where only the service's role is known, which cannot migrate.
    writeFileSync(newer.file, readFileSync(newer.file, 'utf8').replace(/,"owner_url_file":"[^"]+"/, ''));
    expect(await serve(newer)).toMatchObject({ status: 1, stderr: expect.stringMatching(/older than the database/) });
    expect(await newer.sql('SELECT * FROM wardroom.installation')).toEqual([]);
  });
});

describe('wardroom migrate', () => {
  const migrate = (of: Installation): Promise<{ status: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        [join(checkout, 'bin/wardroom.js'), 'migrate', '--json', '--config', of.file],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });

  it('run by four at once does each migration once, and ends well for all', async () => {
    const fresh = await installation({ migrated: false });
    opened.push(fresh);
    const ran = await Promise.all(Array.from({ length: 4 }, () => migrate(fresh)));
    expect(ran.map(({ status, stderr }) => [status, stderr])).toEqual(Array(4).fill([0, '']));
    const applied = ran.flatMap(({ stdout }) => (JSON.parse(stdout) as { applied: string[] }).applied);
    expect(applied.length).toBeGreaterThan(5);
    expect(new Set(applied).size).toBe(applied.length);
  });

  it('refuses a database that a newer program has migrated, or another program of the same number', async () => {
    const other = await installation();
    opened.push(other);
    await other.sql(`UPDATE wardroom.migrations SET checksum = 'x' WHERE number = 2`);
    expect(await migrate(other)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/other contents/),
    });
    await other.sql(`INSERT INTO wardroom.migrations (number, name, checksum) VALUES (999, '999-later.sql', 'x')`);
    expect(await migrate(other)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/migration/) });
  });
});
