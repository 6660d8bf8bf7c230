import pg from 'pg';
import { type GuardedProcess, spawnGuarded } from './guard.ts';
import type { Spawned } from './part.ts';
import { type SynapseConfigOptions, writeSynapseConfig } from './synapseConfig.ts';
import { pollUntil } from './wait.ts';

/** A Synapse of our own on 127.0.0.1 that dies with this process. */
export interface RunningSynapse {
  readonly pid: number;
  readonly url: string;
  readonly mediaDir: string;
  readonly sharedSecret: string;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface SynapseOptions extends SynapseConfigOptions {
  /** The Python that has Synapse (see installSynapse). */
  readonly python: string;
  readonly log: string;
}

/** Starts Synapse and returns when it answers clients. The first start makes the tables, which takes a few seconds. */
export async function startSynapse(
  options: SynapseOptions,
  spawned: Spawned = () => undefined,
): Promise<RunningSynapse> {
  const { file, mediaDir, sharedSecret } = await writeSynapseConfig(options);
  const child: GuardedProcess = await spawnGuarded(options.python, ['-m', 'synapse.app.homeserver', '-c', file], {
    cwd: options.dir,
    log: options.log,
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: options.dir,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      PYTHONUNBUFFERED: '1',
      // A proxy of the machine must not see, or break, what passes between parts of the hospital.
      NO_PROXY: '*',
    },
  });
  spawned(child);
  const url = `http://127.0.0.1:${options.port}`;
  try {
    await pollUntil('Synapse', async () => (await fetch(`${url}/_matrix/client/versions`)).ok, {
      deadlineMs: 120_000,
      everyMs: 100,
      gone: () => (child.running() ? null : `ended at once, see the end of ${options.log}`),
    });
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    pid: child.pid,
    url,
    mediaDir,
    sharedSecret,
    exited: child.exited,
    stop: () => child.stop('SIGTERM', 15_000),
    kill: () => child.kill(),
  };
}

/** Makes a role and a database it owns, unless they are there. C locale: Synapse refuses any other. */
export async function ensureDatabase(
  adminUrl: string,
  name: string,
  owner: { user: string; password: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await ensureRole(client, owner);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) {
      await client.query(
        `CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${client.escapeIdentifier(owner.user)}
         TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
    }
  } finally {
    await client.end();
  }
}

/** Makes a role that may log in, or sets its password. */
export async function ensureRole(client: pg.Client, role: { user: string; password: string }): Promise<void> {
  const user = client.escapeIdentifier(role.user);
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role.user]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${user} LOGIN PASSWORD ${client.escapeLiteral(role.password)}`);
}
