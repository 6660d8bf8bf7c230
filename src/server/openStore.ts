import type { OnCallRead } from '../flows/onCallPort.ts';
import type { Store } from '../flows/ports.ts';
import { realClock } from '../kernel/clock.ts';
import { entriesStatement } from '../postgres/auditWriter.ts';
import { createContentKeys } from '../postgres/contentKeys.ts';
import { openPool } from '../postgres/database.ts';
import { OnCallTable } from '../postgres/onCallTable.ts';
import { PostgresStore } from '../postgres/store.ts';
import { BusinessClock } from './businessClock.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import type { Config } from './config/index.ts';
import { noCrash } from './crashPoints.ts';
import { serviceUrl } from './database.ts';
import { openSecrets } from './secrets.ts';

export interface OpenStore {
  readonly onCall: OnCallRead;
  readonly clock: BusinessClock;
  /** For writing; audited like the service's own. Needs the installation's secrets, which its first start makes. */
  store(): Store;
}

/** The database for a command that runs beside the service. */
export async function withStore<T>(config: Config, work: (open: OpenStore) => Promise<T>): Promise<T> {
  const url = serviceUrl(config);
  if (!url) throw new CommandError(exitCode.usage, 'database.url_file is not set');
  const pool = openPool(url.reveal(), () => undefined, 2);
  const keyPool = openPool(url.reveal(), () => undefined, 1);
  const clock = new BusinessClock(config.dev?.clock_file);
  try {
    return await work({
      onCall: new OnCallTable(pool),
      clock,
      store() {
        const secrets = openSecrets(config.secrets_dir, { create: false });
        const reference = secrets.referenceKey();
        const content = createContentKeys({
          keyPool,
          keyEncryptionKey: secrets.keyEncryptionKey(),
          referenceKey: reference,
        });
        const keys = { reference, content, clock, machineClock: realClock };
        return new PostgresStore({
          pool,
          sealer: content,
          entries: (db, entries) => entriesStatement(db, entries, keys),
          crash: noCrash,
          onReady: () => undefined,
        });
      },
    });
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}
