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

/**
 * How long a statement may take, and a connection to be had, in milliseconds: with a database that is connected and silent everything
 * that waits for it must fail, be told to its caller as "not now", and be tried again over another connection.
 */
export interface Patience {
  readonly statementMs: number;
  readonly connectionMs: number;
}

/** A process that is frozen in the middle of a transaction must not keep others from its rows. */
const LET_GO = `SET idle_in_transaction_session_timeout = '10s'`;

/**
 * The service's connections, in pipeline mode: statements need not wait for the answers of others. `onError` hears of idle connections
 * that the server ended. Without `patience` statements may take as long as they like.
 */
export function openPool(url: string, onError: (code: string) => void, size = 16, patience?: Patience): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    types,
    application_name: 'wardroom',
    pipeline: true,
    keepAlive: true,
    ...(patience && { query_timeout: patience.statementMs, connectionTimeoutMillis: patience.connectionMs }),
  });
  pool.on('error', (error: Error & { code?: string }) => onError(error.code ?? 'connection-lost'));
  pool.on('connect', (client) => {
    // A connection lost while somebody uses it fails that query; without a listener its 'error' event would end the process.
    client.on('error', () => undefined);
    // Whoever uses the connection hears of it when it is lost.
    client.query(LET_GO).catch(() => undefined);
  });
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
