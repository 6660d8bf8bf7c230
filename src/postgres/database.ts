import pg from 'pg';

/** Timestamps come back as milliseconds, big integers as numbers: both stay below 2^53 here. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) => new Date(text).getTime());
types.setTypeParser(pg.types.builtins.INT8, Number);

export type Pool = pg.Pool;
export type Queryable = Pick<pg.ClientBase, 'query'>;

/** The service's connections. `onError` hears of idle connections that the server ended. */
export function openPool(url: string, onError: (code: string) => void, size = 16): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: size, types, application_name: 'wardroom' });
  pool.on('error', (error: Error & { code?: string }) => onError(error.code ?? 'connection-lost'));
  // A connection lost while somebody uses it fails that query; without a listener its 'error' event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Thrown inside a transaction to undo it without calling that a failure. */
class RolledBack extends Error {}

/** Runs `work` in one transaction; any throw rolls it back, and so does `return rollBack()`, which makes the answer null. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, rollBack: () => never) => Promise<T>,
): Promise<T | null> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const value = await work(client, () => {
      throw new RolledBack();
    });
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    if (error instanceof RolledBack) return null;
    throw error;
  } finally {
    client.release(broken);
  }
}
