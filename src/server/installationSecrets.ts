import type { Pool } from '../postgres/database.ts';
import { hasEncryptedData } from '../postgres/figures.ts';
import { openSecrets, type Secrets } from './secrets.ts';

/**
 * The secrets of this installation. Those that encrypt or sign what the database holds are made only while it holds nothing:
 * a lost directory must be noticed, not replaced by keys that open nothing. Tokens are made whenever one is missing.
 */
export async function openInstallationSecrets(directory: string, pool: Pool): Promise<Secrets> {
  const keys = openSecrets(directory, { create: !(await hasEncryptedData(pool)) });
  const tokens = openSecrets(directory, { create: true });
  const { serviceToken, serviceCallbackSecret, remindersApiToken, rolesApiToken } = tokens;
  return { ...keys, serviceToken, serviceCallbackSecret, remindersApiToken, rolesApiToken };
}
