import type pg from 'pg';
import { HASH_SIZE } from '../../../src/audit/hash.ts';
import { messageId } from '../../../src/kernel/ids.ts';
import { type ContentKeys, createContentKeys } from '../../../src/postgres/contentKeys.ts';
import { openPool } from '../../../src/postgres/database.ts';
import type { SealedText } from '../../../src/postgres/sealer.ts';
import { TicketReads } from '../../../src/postgres/ticketReads.ts';
import { loadConfig } from '../../../src/server/config/index.ts';
import { serviceUrl } from '../../../src/server/database.ts';
import { openSecrets } from '../../../src/server/secrets.ts';
import type { Ward } from './ward.ts';

/** What an audit entry says, its sealed part opened. */
export interface OpenedEntry {
  readonly action: string;
  readonly outcome: string;
  readonly code?: string;
  readonly actor?: string;
  readonly room?: string;
  readonly event?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Wardroom's database and content keys, with the secrets of the installation. */
async function opened<T>(ward: Ward, work: (pool: pg.Pool, keys: ContentKeys) => Promise<T>): Promise<T> {
  const config = loadConfig([...ward.hospital.config_files]);
  if (!config.ok) throw new Error('the hospital has no valid configuration');
  const url = serviceUrl(config.value)?.reveal();
  if (url === undefined) throw new Error('the hospital has no database');
  const secrets = openSecrets(config.value.secrets_dir, { create: false });
  const pool = openPool(url, () => undefined, 2);
  try {
    return await work(
      pool,
      createContentKeys({
        keyPool: pool,
        keyEncryptionKey: secrets.keyEncryptionKey(),
        referenceKey: secrets.referenceKey(),
      }),
    );
  } finally {
    await pool.end();
  }
}

/** The text of a ticket as Wardroom keeps it. */
export const keptText = (ward: Ward, id: string): Promise<Readonly<Record<string, unknown>>> =>
  opened(ward, async (pool, sealer) => {
    // The message that opens the ticket's thread.
    const opening = await new TicketReads(pool, sealer).postable(messageId(`${id}.0`));
    if (opening === null) throw new Error(`no text of ${id}`);
    return (await opening.text()).reveal();
  });

/** The audit entries whose action begins so, oldest first. */
export const auditOf = (ward: Ward, prefix: string): Promise<readonly OpenedEntry[]> =>
  opened(ward, async (pool, keys) => {
    const { rows } = await pool.query<SealedText & { body: Record<string, string> }>(
      `SELECT body, key_id AS "keyId", nonce, ciphertext FROM wardroom.audit_entries JOIN wardroom.audit_payloads USING (entry_id)
        WHERE starts_with(body->>'action', $1) ORDER BY entry_id`,
      [prefix],
    );
    return Promise.all(
      rows.map(async ({ body, ...sealed }) => {
        const payload = await keys.open(pool, sealed, body.commit ?? '');
        const said = JSON.parse(payload.subarray(HASH_SIZE).toString('utf8')) as Partial<OpenedEntry>;
        return { ...said, action: body.action ?? '', outcome: body.outcome ?? '' };
      }),
    );
  });
