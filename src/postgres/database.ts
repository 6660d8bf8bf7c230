import pg from 'pg';

/** Timestamps come back as milliseconds, big integers as numbers: both stay below 2^53 here. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) => new Date(text).getTime());
types.setTypeParser(pg.types.builtins.INT8, Number);

export type Pool = pg.Pool;

/** Whatever runs a statement: a pool, a connection, a pipeline. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig<unknown[]>,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

/** The service's connections, in pipeline mode: statements need not wait for the answers of others. `onError` hears of idle connections that the server ended. */
export function openPool(url: string, onError: (code: string) => void, size = 16): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: size, types, application_name: 'wardroom', pipeline: true });
  pool.on('error', (error: Error & { code?: string }) => onError(error.code ?? 'connection-lost'));
  // A connection lost while somebody uses it fails that query; without a listener its 'error' event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction; any throw rolls it back. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const value = await work(client);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
