import { createPublicKey } from 'node:crypto';
import { vkeyOf } from '../audit/keys.ts';
import { auditFsck, type FsckReport } from '../postgres/auditFsck.ts';
import { createContentKeys } from '../postgres/contentKeys.ts';
import { openPool } from '../postgres/database.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import type { Config } from './config/index.ts';
import { serviceUrl } from './database.ts';
import { openSecrets } from './secrets.ts';

/** Recomputes the live audit log from the database, with the secrets of this installation; changes nothing. */
export async function checkAuditLog(config: Config): Promise<FsckReport> {
  const url = serviceUrl(config);
  if (!url) throw new CommandError(exitCode.usage, 'database.url_file is not set');
  const secrets = openSecrets(config.secrets_dir, { create: false });
  const pool = openPool(url.reveal(), () => undefined, 2);
  const keyPool = openPool(url.reveal(), () => undefined, 1);
  try {
    const vkey = vkeyOf(config.audit.origin, createPublicKey(secrets.auditLogKey().reveal()));
    const keys = createContentKeys({
      keyPool,
      keyEncryptionKey: secrets.keyEncryptionKey(),
      referenceKey: secrets.referenceKey(),
    });
    return await auditFsck(pool, { vkey, keys });
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}
