import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import { openPool } from '../../src/postgres/database.ts';
import { ProcessRegistry } from '../../src/postgres/processes.ts';
import { writeRegistration } from '../../src/server/registration.ts';
import { testDatabase } from '../support/database.ts';
import { contents, type Installation, installation, live, ODD_TEXT, SERVER_NAME } from '../support/installation.ts';

/** As its own process, while this one may hold connections. */
const wardroom = (args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(checkout, 'bin/wardroom.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('close', (status) =>
      resolve({ status: status ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });

const TABLES = [
  'account_rooms',
  'audit_checkpoint',
  'audit_checkpoint_history',
  'audit_entries',
  'audit_leaves',
  'audit_payloads',
  'audit_pending',
  'content_keys',
  'crypto_place',
  'free_tokens',
  'inbox_events',
  'inbox_receipts',
  'inbox_transactions',
  'installation',
  'reports',
  'ticket_events',
  'tickets',
  'timeline',
  'token_blocks',
];

let dir: string;
let key: string;
let old: Installation;
let file: string;
/** What the database held when the first backup was made. */
let before: Awaited<ReturnType<typeof contents>>;
const opened: Installation[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-backup-'));
  key = join(dir, 'backup.key');
  file = join(dir, 'first.backup');
  old = await installation();
  opened.push(old);
  await live(old);
  before = await contents(old, TABLES);
});
afterAll(async () => {
  for (const one of opened) await one.close();
  rmSync(dir, { recursive: true, force: true });
});

const open = async (options: Parameters<typeof installation>[0] = {}): Promise<Installation> => {
  const made = await installation({ migrated: false, ...options });
  opened.push(made);
  return made;
};
const backup = (into: string, ...more: string[]) =>
  wardroom(['backup', into, '--key-file', key, '--config', old.file, ...more]);
const restore = (from: string, into: Installation, ...more: string[]) =>
  wardroom(['restore', from, '--key-file', key, '--config', into.file, ...more]);
const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('the key', () => {
  it('is made for its owner only, and never made twice', async () => {
    const made = await wardroom(['backup', '--make-key', key]);
    expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^age1[a-z0-9]+\n$/) });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const before = readFileSync(key, 'utf8');
    expect(await wardroom(['backup', '--make-key', key])).toMatchObject({ status: 2, stdout: '' });
    expect(readFileSync(key, 'utf8')).toBe(before);
  });

  it('must be named, and nobody else may read it', async () => {
    expect(await wardroom(['backup', join(dir, 'x'), '--config', old.file])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--make-key/),
    });
    chmodSync(key, 0o644);
    expect(await backup(join(dir, 'x'))).toMatchObject({ status: 2, stderr: expect.stringMatching(/chmod 600/) });
    chmodSync(key, 0o600);
    writeFileSync(join(dir, 'short.key'), 'c2hvcnQ=\n', { mode: 0o600 });
    expect(
      await wardroom(['backup', join(dir, 'x'), '--key-file', join(dir, 'short.key'), '--config', old.file]),
    ).toMatchObject({ status: 2, stderr: expect.stringMatching(/age key/) });
    expect(existsSync(join(dir, 'x'))).toBe(false);
  });
});

describe('wardroom backup', () => {
  it('writes one encrypted file for its owner only, says what is in it, and remembers that it did', async () => {
    const { status, stdout, stderr } = await backup(file, '--json');
    expect([status, stderr]).toEqual([0, expect.stringMatching(/tickets: 700/)]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      file,
      schema: expect.any(Number),
      bytes: statSync(file).size,
      made_at: expect.stringMatching(/^\d{4}-/),
      rows: expect.objectContaining({ tickets: 700 }),
      secrets: expect.any(Number),
      under_way: 1,
      seconds: expect.any(Number),
    });
    expect(report.rows).not.toHaveProperty('crypto_record');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const secret of ['hospital.example', 'Brien', 'as_token', 'tickets'])
      expect(readFileSync(file).includes(secret)).toBe(false);
    expect(await old.sql('SELECT count(*)::int AS n FROM wardroom.backups')).toEqual([{ n: 1 }]);
    // It has arrived by now: nothing has to be waited for any more.
    await old.sql(`UPDATE wardroom.messages SET state = 'sent' WHERE message_id = 'msg_1'`);
  });

  it('can be made with the public half of the key, which opens nothing', async () => {
    const half = join(dir, 'public.key');
    writeFileSync(half, `${/age1[a-z0-9]+/.exec(readFileSync(key, 'utf8'))?.[0]}\n`, { mode: 0o600 });
    const sealed = join(dir, 'by-half.age');
    const args = (command: string, with_: string) => [command, sealed, '--key-file', with_, '--config', old.file];
    expect(await wardroom(args('backup', half))).toMatchObject({ status: 0 });
    expect(await wardroom([...args('restore', half), '--check'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/only the public key/),
    });
    expect(await wardroom([...args('restore', key), '--check'])).toMatchObject({ status: 0 });
  });

  it('never overwrites a file, and leaves none behind that is not complete', async () => {
    const before = hashOf(file);
    expect(await backup(file)).toMatchObject({ status: 2, stdout: '' });
    expect(hashOf(file)).toBe(before);
    const gone = await installation({
      database: {
        ...old.database,
        serviceUrl: 'postgresql://a:b@127.0.0.1:1/c',
        ownerUrl: 'postgresql://a:b@127.0.0.1:1/c',
      },
      secretsDir: old.config.secrets_dir,
    });
    opened.push(gone);
    writeRegistration(gone.config.appservice.registration_file, gone.config.appservice.url, SERVER_NAME);
    expect(await wardroom(['backup', join(dir, 'none'), '--key-file', key, '--config', gone.file])).toMatchObject({
      status: 3,
    });
    expect(readdirSync(dir).filter((name) => name.startsWith('none'))).toEqual([]);
  });
});

describe('wardroom restore', () => {
  it('--check reads all of the backup and changes nothing', async () => {
    const next = await open();
    const { status, stdout } = await restore(file, next, '--check', '--json');
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({
        file,
        server_name: 'hospital.example',
        rows: expect.objectContaining({ tickets: 700 }),
        audit: { size: 20, root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) },
      }),
    ]);
    expect(readdirSync(next.config.secrets_dir)).toEqual([]);
    expect(await next.sql(`SELECT to_regnamespace('wardroom') AS schema`)).toEqual([{ schema: null }]);
  });

  it('brings every row and every secret back as it was, in an empty database without secrets', async () => {
    const next = await open();
    const { status, stdout } = await restore(file, next, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file, rows: { tickets: 700 }, audit: { size: 20 } });
    const here = await contents(next, TABLES);
    const more: string[] = [];
    for (const [table, rows] of Object.entries(before)) {
      expect([table, here[table]?.filter((row) => rows.includes(row))]).toEqual([table, rows]);
      if (here[table]?.length !== rows.length) more.push(table);
    }
    // The restore itself is in the audit log.
    expect(more).toEqual(['audit_entries', 'audit_payloads', 'audit_pending']);
    expect((await next.sql(`SELECT external_id FROM wardroom.tickets WHERE ticket_id = 'tkt_7'`))[0]).toEqual({
      external_id: `${ODD_TEXT}7`,
    });
    for (const name of readdirSync(old.config.secrets_dir)) {
      const [mine, theirs] = [join(next.config.secrets_dir, name), join(old.config.secrets_dir, name)];
      expect([name, readFileSync(mine, 'utf8').trimEnd(), statSync(mine).mode & 0o777]).toEqual([
        name,
        readFileSync(theirs, 'utf8').trimEnd(),
        0o600,
      ]);
    }
    expect(await wardroom(['audit', 'fsck', '--config', next.file])).toMatchObject({ status: 0 });
    // A second restore finds it in use.
    expect(await restore(file, next)).toMatchObject({ status: 1, stderr: expect.stringMatching(/not empty/) });
  });

  it('lets no voice use its old device, nor what that device encrypted and did not send', async () => {
    const next = await open();
    await restore(file, next);
    expect(await next.sql('SELECT device_id, ready, sync_token, epoch::int FROM wardroom.crypto_voice')).toEqual([
      { device_id: null, ready: false, sync_token: null, epoch: 7 },
    ]);
    expect(await next.sql('SELECT * FROM wardroom.crypto_record')).toEqual([]);
    expect(
      await next.sql('SELECT message_id, state, ciphertext, session_id FROM wardroom.messages ORDER BY 1'),
    ).toEqual([
      { message_id: 'msg_1', state: 'queued', ciphertext: null, session_id: null },
      { message_id: 'msg_2', state: 'sent', ciphertext: null, session_id: 's' },
    ]);
  });

  it('goes on counting where the old database stood', async () => {
    const next = await open();
    await restore(file, next);
    expect(
      await next.sql(
        `SELECT nextval('wardroom.audit_entry_ids') = (SELECT max(entry_id) + 1 FROM wardroom.audit_entries) AS follows`,
      ),
    ).toEqual([{ follows: true }]);
    await next.sql(`INSERT INTO wardroom.messages (message_id, ticket_id, kind, repeat, mention, due, state, txn_id, queued_at)
      VALUES ('msg_3', 'tkt_3', 'ticket', 0, '[]', '[]', 'queued', 'wr.3', now())`);
    expect(await next.sql('SELECT count(DISTINCT seq)::int AS n FROM wardroom.messages')).toEqual([{ n: 3 }]);
  });

  it('that was cut short after the secrets is repeated', async () => {
    const next = await open();
    cpSync(old.config.secrets_dir, next.config.secrets_dir, { recursive: true });
    expect(await restore(file, next)).toMatchObject({ status: 0 });
    expect(await contents(next, ['tickets'])).toEqual(await contents(old, ['tickets']));
  });

  it('never puts a secret over another', async () => {
    const next = await open();
    const path = join(next.config.secrets_dir, 'key-encryption.key');
    writeFileSync(path, `${'A'.repeat(43)}=\n`, { mode: 0o600 });
    expect(await restore(file, next)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/other secrets.*key-encryption\.key/),
    });
    expect(readFileSync(path, 'utf8')).toBe(`${'A'.repeat(43)}=\n`);
    expect(readdirSync(next.config.secrets_dir)).toEqual(['key-encryption.key']);
    expect(await next.sql(`SELECT to_regnamespace('wardroom') AS schema`)).toEqual([{ schema: null }]);
  });

  it('waits for who runs on the database: 3, try again', async () => {
    const next = await open({ migrated: true });
    const pool = openPool(next.database.serviceUrl, () => undefined, 2);
    const registry = new ProcessRegistry(pool);
    await registry.register();
    try {
      expect(await restore(file, next)).toMatchObject({
        status: 3,
        stderr: expect.stringMatching(/runs on this database/),
      });
    } finally {
      await registry.leave();
      await pool.end();
    }
    expect(readdirSync(next.config.secrets_dir)).toEqual([]);
  });

  it('refuses the backup of another server, and a database that cannot be reached', async () => {
    const other = await open({ serverName: 'elsewhere.example' });
    expect(await restore(file, other)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/hospital\.example.*elsewhere\.example/),
    });
    const database = await testDatabase({ migrated: false });
    await database.drop();
    const gone = await open({ database: { ...database, ownerUrl: 'postgresql://a:b@127.0.0.1:1/c' } });
    expect(await restore(file, gone)).toMatchObject({ status: 3 });
  });

  it('refuses a file that is damaged, cut, of another key or no backup, before anything is changed', async () => {
    const next = await open();
    const bad = (name: string, spoil: (path: string) => void): string => {
      const path = join(dir, name);
      cpSync(file, path);
      spoil(path);
      return path;
    };
    const size = statSync(file).size;
    const flipped = bad('flipped', (path) => {
      const bytes = readFileSync(path);
      bytes[size - 40_000]! ^= 4;
      writeFileSync(path, bytes);
    });
    const cut = bad('cut', (path) => truncateSync(path, 58 + 65_552));
    const otherKey = join(dir, 'other.key');
    await wardroom(['backup', '--make-key', otherKey]);
    const answers = [
      await restore(flipped, next),
      await restore(cut, next),
      await wardroom(['restore', file, '--key-file', otherKey, '--config', next.file]),
      await restore(key, next),
      await restore(join(dir, 'nowhere'), next),
    ];
    expect(answers.map(({ status, stderr }) => [status, /another key, or damaged|ENOENT/.exec(stderr)?.[0]])).toEqual([
      [1, 'another key, or damaged'],
      [1, 'another key, or damaged'],
      [1, 'another key, or damaged'],
      [1, 'another key, or damaged'],
      [2, 'ENOENT'],
    ]);
    expect(readdirSync(next.config.secrets_dir)).toEqual([]);
    expect(await next.sql(`SELECT to_regnamespace('wardroom') AS schema`)).toEqual([{ schema: null }]);
  });

  it('works where Wardroom runs its own PostgreSQL, while that is stopped', async () => {
    const own = await open({ ownServer: true });
    expect(await restore(file, own)).toMatchObject({ status: 0 });
    const again = join(dir, 'own.age');
    const made = await wardroom(['backup', again, '--key-file', key, '--config', own.file, '--json']);
    expect([made.status, JSON.parse(made.stdout)]).toEqual([
      0,
      // What was encrypted and not sent is posted at the next start.
      expect.objectContaining({ rows: expect.objectContaining({ tickets: 700 }), under_way: 1 }),
    ]);
    expect(await restore(file, own)).toMatchObject({ status: 1, stderr: expect.stringMatching(/not empty/) });
  });
});
