import type { Queryable } from './database.ts';

/** Which installation a database is of. */
export interface Installation {
  readonly id: string;
  readonly serverName: string;
  /** Of each key that what is stored depends on. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

export const readInstallation = async (db: Queryable): Promise<Installation | null> => {
  const { rows } = await db.query<Installation>(
    'SELECT installation_id AS id, server_name AS "serverName", fingerprints FROM wardroom.installation',
  );
  return rows[0] ?? null;
};

/** Writes it at the first start; afterwards it never changes. Returns what stands there. */
export async function claimInstallation(db: Queryable, mine: Omit<Installation, 'id'>): Promise<Installation> {
  await db.query(
    'INSERT INTO wardroom.installation (server_name, fingerprints) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [mine.serverName, JSON.stringify(mine.fingerprints)],
  );
  const found = await readInstallation(db);
  if (found === null) throw new Error('no installation was written');
  return found;
}

/** What key-encryption keys wrapped the content keys that are here; one, unless something is wrong. */
export async function wrappedBy(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ wrapped_by: string }>(
    'SELECT DISTINCT wrapped_by FROM wardroom.content_keys WHERE wrapped_by IS NOT NULL',
  );
  return rows.map((row) => row.wrapped_by);
}

/** The voices whose identity was sealed under the crypto passphrase. */
export async function sealedIdentities(db: Queryable): Promise<readonly { voice: string; sealed: Buffer }[]> {
  const { rows } = await db.query<{ voice: string; sealed: Buffer }>(
    'SELECT voice, sealed_identity AS sealed FROM wardroom.crypto_voice WHERE sealed_identity IS NOT NULL ORDER BY voice',
  );
  return rows;
}
