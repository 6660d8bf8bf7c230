import pg from 'pg';
import type { Instant } from '../kernel/clock.ts';
import type { Queryable } from './database.ts';

/** A backup was made at this instant. `url`: the service's. */
export async function noteBackup(url: string, madeAt: Instant, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      'INSERT INTO wardroom.backups (made_at, rows) VALUES (to_timestamp($1::double precision / 1000), $2)',
      [madeAt, rows],
    );
  } finally {
    await client.end();
  }
}

/** Seconds since the last backup; NaN when none was ever made. */
export async function backupAge(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ age: number | null }>(
    'SELECT extract(epoch FROM now() - max(made_at))::float8 AS age FROM wardroom.backups',
  );
  return rows[0]?.age ?? Number.NaN;
}
