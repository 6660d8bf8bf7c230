import { join } from 'node:path';
import type { Config } from './config/index.ts';
import { serviceUrl } from './database.ts';

/**
 * For a command that runs beside the service, or while it is stopped: the configuration with the database's URLs, also where
 * Wardroom runs its own PostgreSQL, which is then reached, or started for as long as `work` takes.
 */
export async function withDatabase<T>(config: Config, work: (config: Config) => Promise<T>): Promise<T> {
  if (serviceUrl(config) !== null) return work(config);
  const { reachOwnDatabase } = await import('../dev/ownDatabase.ts');
  const own = await reachOwnDatabase(join(config.data_dir, 'postgres'), join(config.data_dir, 'postgres.log'));
  try {
    return await work({ ...config, database: { url: own.url.reveal(), owner_url: own.owner.reveal() } });
  } finally {
    await own.stopServer();
  }
}
