import pg from 'pg';
import type { CryptoLease, CryptoStore } from '../flows/cryptoPort.ts';
import { err, ok } from '../kernel/result.ts';
import { VoiceLease } from './cryptoLease.ts';

/** The server ends a session whose process is gone within seconds, also when its host vanished without a word. */
const noticeDeathQuickly = `
  SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
  SET client_connection_check_interval = '2s'`;

/** A query that takes longer counts as failed, and the lease as lost. */
const queryTimeoutMs = 20_000;

/**
 * The crypto store in PostgreSQL. Each voice has a connection of its own, which holds a session advisory lock on the voice and
 * carries all its writes: a process that lost the lock has lost the connection, and with it the ability to write.
 * The connection must reach the server directly or through a pooler in session mode.
 */
export function createCryptoStore(url: string): CryptoStore {
  return {
    async acquire(voice, options = {}) {
      const { wait = false, signal } = options;
      const client = new pg.Client({
        connectionString: url,
        application_name: 'wardroom-crypto',
        keepAlive: true,
        keepAliveInitialDelayMillis: 5_000,
        connectionTimeoutMillis: 10_000,
        query_timeout: queryTimeoutMs,
      });
      const lost = new Promise<void>((resolve) => client.once('end', resolve));
      // Without a listener a lost connection would end the process; `lost` and the failing queries report it.
      client.on('error', () => undefined);
      const abort = (): void => void client.end().catch(() => undefined);
      signal?.addEventListener('abort', abort);
      try {
        signal?.throwIfAborted();
        await client.connect();
        await client.query(noticeDeathQuickly);
        if (!(await lock(client, voice, wait))) {
          await client.end();
          return err('held');
        }
        await client.query('INSERT INTO wardroom.crypto_voice (voice) VALUES ($1) ON CONFLICT DO NOTHING', [voice]);
        return ok<CryptoLease>(new VoiceLease(voice, client, lost));
      } catch {
        await client.end().catch(() => undefined);
        return err('unavailable');
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
  };
}

async function lock(client: pg.Client, voice: string, wait: boolean): Promise<boolean> {
  const key = `hashtextextended('wardroom.crypto ' || $1, 0)`;
  if (wait) {
    const patient: pg.QueryConfig & { query_timeout: number } = {
      text: `SELECT pg_advisory_lock(${key})`,
      values: [voice],
      // The longest there is: waiting ends by getting the lock, by the signal, or with the connection.
      query_timeout: 2 ** 31 - 1,
    };
    await client.query(patient);
    return true;
  }
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS locked`, [voice]);
  return rows[0]?.locked === true;
}
