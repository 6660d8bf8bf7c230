import { messageId } from '../../../src/kernel/ids.ts';
import { createContentKeys } from '../../../src/postgres/contentKeys.ts';
import { openPool } from '../../../src/postgres/database.ts';
import { TicketReads } from '../../../src/postgres/ticketReads.ts';
import { loadConfig } from '../../../src/server/config/index.ts';
import { serviceUrl } from '../../../src/server/database.ts';
import { openSecrets } from '../../../src/server/secrets.ts';
import type { Ward } from './ward.ts';

/** The text of a ticket as Wardroom keeps it, opened with the secrets of the installation. */
export async function keptText(ward: Ward, id: string): Promise<Readonly<Record<string, unknown>>> {
  const config = loadConfig([...ward.hospital.config_files]);
  if (!config.ok) throw new Error('the hospital has no valid configuration');
  const url = serviceUrl(config.value)?.reveal();
  if (url === undefined) throw new Error('the hospital has no database');
  const secrets = openSecrets(config.value.secrets_dir, { create: false });
  const pool = openPool(url, () => undefined, 2);
  try {
    const sealer = createContentKeys({
      keyPool: pool,
      keyEncryptionKey: secrets.keyEncryptionKey(),
      referenceKey: secrets.referenceKey(),
    });
    // The message that opens the ticket's thread.
    const opening = await new TicketReads(pool, sealer).postable(messageId(`${id}.0`));
    if (opening === null) throw new Error(`no text of ${id}`);
    return (await opening.text()).reveal();
  } finally {
    await pool.end();
  }
}
