import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../../src/dev/postgres.ts';

let dir: string;
let running: RunningPostgres | null = null;

const start = async (home = dir): Promise<RunningPostgres> => {
  running = await startPostgres({ dir: join(home, 'postgres'), log: join(home, 'postgres.log') });
  return running;
};

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-postgres-test-'));
});
afterEach(async () => {
  await running?.stop();
  running = null;
  rmSync(dir, { recursive: true, force: true });
});

describe('the PostgreSQL of our own', () => {
  it('keeps what was committed through an orderly stop and through SIGKILL', async () => {
    const first = await start();
    await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 1 AS n');
    await first.stop();
    const second = await start();
    expect(await query(second.url('postgres'), 'SELECT n FROM kept')).toEqual([1]);
    await query(second.url('postgres'), 'INSERT INTO kept VALUES (2)');
    await second.kill();
    const third = await start();
    expect(await query(third.url('postgres'), 'SELECT n FROM kept ORDER BY n')).toEqual([1, 2]);
  });

  it('waits for the disk before it says committed', async () => {
    const { url } = await start();
    expect(await query(url('postgres'), 'SHOW fsync')).toEqual(['on']);
    expect(await query(url('postgres'), 'SHOW synchronous_commit')).toEqual(['on']);
    expect(await query(url('postgres'), 'SHOW data_checksums')).toEqual(['on']);
  });

  it('has the encoding and locale that Synapse insists on', async () => {
    const { url } = await start();
    const sql =
      "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = 'template0'";
    expect(await query(url('postgres'), sql)).toEqual(['UTF8', 'C', 'C']);
  });

  it('listens on 127.0.0.1 only and lets nobody in without the password', async () => {
    const { url, port } = await start();
    expect(await query(url('postgres'), 'SHOW listen_addresses')).toEqual(['127.0.0.1']);
    expect(await query(url('postgres'), 'SHOW unix_socket_directories')).toEqual(['']);
    await expect(query(`postgres://postgres:wrong@127.0.0.1:${port}/postgres`, 'SELECT 1')).rejects.toThrow(/password/);
    expect(statSync(join(dir, 'postgres', 'postgres.password')).mode & 0o777).toBe(0o600);
  });

  it('writes neither a statement nor a value of a row into its log', async () => {
    const { url } = await start();
    await query(url('postgres'), 'CREATE TABLE keyed (word text PRIMARY KEY)');
    await query(url('postgres'), "INSERT INTO keyed VALUES ('CNRY-log')");
    await expect(query(url('postgres'), "INSERT INTO keyed VALUES ('CNRY-log')")).rejects.toThrow();
    await running?.stop();
    expect(readFileSync(join(dir, 'postgres.log'), 'utf8')).toContain('duplicate key');
    expect(readFileSync(join(dir, 'postgres.log'), 'utf8')).not.toContain('CNRY-log');
  });

  it('starts where only root may look', async () => {
    // As `mktemp -d` makes it, and one closed directory more above it.
    const closed = join(dir, 'closed');
    mkdirSync(join(closed, 'home'), { recursive: true, mode: 0o700 });
    const { url } = await start(join(closed, 'home'));
    await query(url('postgres'), 'CREATE TABLE kept (n int)');
    await running?.stop();
    expect(await query((await start(join(closed, 'home'))).url('postgres'), 'SELECT count(*) FROM kept')).toEqual([
      '0',
    ]);
    await running?.stop();
    const link = join(closed, 'home', 'postgres', 'elsewhere');
    if (process.getuid?.() !== 0) return expect(existsSync(link)).toBe(false);
    const elsewhere = readlinkSync(link);
    rmSync(elsewhere, { recursive: true });
    // Losing the data is said aloud, never papered over with an empty database.
    await expect(start(join(closed, 'home'))).rejects.toThrow(/is gone/);
  });

  it('is not kept from starting by the lock file of a dead server whose number another process has now', async () => {
    const first = await start();
    await first.kill();
    const data = join(dir, 'postgres', existsSync(join(dir, 'postgres', 'data')) ? 'data' : 'elsewhere/data');
    const lock = join(data, 'postmaster.pid');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(process.pid)));
    const second = await start();
    expect(await query(second.url('postgres'), 'SELECT 1')).toEqual([1]);
  });

  it('says which log to read when it cannot start', async () => {
    const first = await start();
    const taken = startPostgres({ dir: join(dir, 'other'), log: join(dir, 'other.log'), port: first.port });
    await expect(taken).rejects.toThrow(/other\.log/);
  });
});
