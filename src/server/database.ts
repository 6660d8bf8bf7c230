import { Secret } from '../kernel/phi.ts';
import type { Config } from './config/index.ts';
import { readSecretFile } from './secretFile.ts';

/** The service's connection URL; null when Wardroom is to run its own PostgreSQL. */
export const serviceUrl = (config: Config): Secret | null => urlOf(config.database.url, config.database.url_file);

/** The migrating role's connection URL; null when not configured. */
export const ownerUrl = (config: Config): Secret | null =>
  urlOf(config.database.owner_url, config.database.owner_url_file);

function urlOf(url: string | undefined, file: string | undefined): Secret | null {
  if (file) return readSecretFile(file);
  return url ? new Secret(url) : null;
}
