import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { err, ok, type Result } from '../kernel/result.ts';

/**
 * The server ends a session whose process is gone within seconds, also when its host vanished without a word, and one whose process
 * says nothing although it is connected: stopped, frozen with its machine, or behind a network that lost it.
 */
const noticeDeathQuickly = `
  SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
  SET client_connection_check_interval = '2s';
  SET idle_session_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s'`;

/** How often the holder says that it lives. */
const SIGN_OF_LIFE_MS = 2_000;
/** A query that takes longer counts as failed, and the lock as lost. */
const QUERY_TIMEOUT_MS = 20_000;
/** How long a server may take to hear that a session ends. */
const GOODBYE_MS = 2_000;

/** A session advisory lock and the connection that holds it: whoever lost one has lost the other. */
export interface SessionLock {
  readonly client: pg.Client;
  /** Resolves when the lock is gone: lost, or released. */
  readonly lost: Promise<void>;
  /** Ends the connection without waiting for a server that may not answer. */
  giveUp(): void;
  release(): Promise<void>;
}

export interface LockRequest {
  /** The server directly, or a pooler in session mode. */
  readonly url: string;
  /** What is locked. */
  readonly name: string;
  /** How the session is called in the server's lists. */
  readonly session: string;
  /** Waits while somebody else holds it, until `signal` aborts. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Runs on the new connection before the lock is asked for. */
  readonly before?: (client: pg.Client) => Promise<unknown>;
}

/** `held`: somebody else has it. `unavailable`: the database cannot be reached, or waiting was given up. */
export async function takeSessionLock(request: LockRequest): Promise<Result<SessionLock, 'held' | 'unavailable'>> {
  const { url, name, session, wait = false, signal, before } = request;
  const client = new pg.Client({
    connectionString: url,
    application_name: session,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    connectionTimeoutMillis: 10_000,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  const lost = Promise.withResolvers<void>();
  client.once('end', () => lost.resolve());
  // Without a listener a lost connection would end the process; `lost` and the failing queries report it.
  client.on('error', () => undefined);
  const giveUp = (): void => {
    void client.end().catch(() => undefined);
    lost.resolve();
  };
  signal?.addEventListener('abort', giveUp);
  try {
    signal?.throwIfAborted();
    await client.connect();
    await client.query(noticeDeathQuickly);
    await before?.(client);
    if (!(await lock(client, name, wait))) {
      giveUp();
      return err('held');
    }
    const alive = setInterval(() => void client.query('SELECT 1').catch(giveUp), SIGN_OF_LIFE_MS);
    void lost.promise.then(() => clearInterval(alive));
    return ok({
      client,
      lost: lost.promise,
      giveUp,
      async release() {
        clearInterval(alive);
        void client.end().then(lost.resolve, lost.resolve);
        await Promise.race([lost.promise, pause(GOODBYE_MS)]);
        lost.resolve();
      },
    });
  } catch {
    giveUp();
    return err('unavailable');
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

async function lock(client: pg.Client, name: string, wait: boolean): Promise<boolean> {
  const key = 'hashtextextended($1, 0)';
  if (wait) {
    const patient: pg.QueryConfig & { query_timeout: number } = {
      text: `SELECT pg_advisory_lock(${key})`,
      values: [name],
      // The longest there is: waiting ends by getting the lock, by the signal, or with the connection.
      query_timeout: 2 ** 31 - 1,
    };
    await client.query(patient);
    return true;
  }
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS locked`, [name]);
  return rows[0]?.locked === true;
}
