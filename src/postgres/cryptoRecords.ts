import type { StoredObjectStore, StoredVoice } from '../flows/cryptoPort.ts';
import { deviceId } from '../kernel/ids.ts';
import type { Queryable } from './database.ts';

/** Everything that is kept of one voice. Consistent when nobody else writes meanwhile, or inside one snapshot. */
export async function loadVoice(db: Queryable, voice: string): Promise<StoredVoice> {
  const kept = await db.query<VoiceRow>(
    'SELECT device_id, ready, sync_token, sealed_identity, epoch, digest FROM wardroom.crypto_voice WHERE voice = $1',
    [voice],
  );
  const databases = await db.query<DatabaseRow>(
    'SELECT database, version, stores FROM wardroom.crypto_database WHERE voice = $1 ORDER BY database',
    [voice],
  );
  const records = await db.query<RecordRow>(
    'SELECT database, store, key, value FROM wardroom.crypto_record WHERE voice = $1',
    [voice],
  );
  const row = kept.rows[0];
  return {
    deviceId: row?.device_id == null ? null : deviceId(row.device_id),
    ready: row?.ready ?? false,
    syncToken: row?.sync_token ?? null,
    sealedIdentity: row?.sealed_identity ?? null,
    epoch: Number(row?.epoch ?? 0),
    digest: row?.digest ?? null,
    databases: databases.rows.map(({ database, version, stores }) => ({
      name: database,
      version,
      stores,
      records: records.rows.filter((record) => record.database === database),
    })),
  };
}

interface VoiceRow {
  readonly device_id: string | null;
  readonly ready: boolean;
  readonly sync_token: string | null;
  readonly sealed_identity: Buffer | null;
  readonly epoch: string | number;
  readonly digest: Buffer | null;
}

interface DatabaseRow {
  readonly database: string;
  readonly version: number;
  readonly stores: readonly StoredObjectStore[];
}

interface RecordRow {
  readonly database: string;
  readonly store: string;
  readonly key: string;
  readonly value: Buffer;
}
