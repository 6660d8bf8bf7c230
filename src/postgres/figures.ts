import type { Queryable } from './database.ts';

/** How many tickets are in which state, test pages left out: for the metrics, and cheap enough to be asked every few seconds. */
export async function ticketFigures(
  db: Queryable,
): Promise<readonly { urgency: string; state: string; count: number }[]> {
  const { rows } = await db.query<{ urgency: string; state: string; count: number }>(
    "SELECT urgency, state, count(*) AS count FROM wardroom.tickets WHERE NOT life ? 'test' GROUP BY urgency, state",
  );
  return rows;
}

/** Jobs waiting or running. */
export async function queueDepth(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>('SELECT count(*) AS count FROM graphile_worker.jobs');
  return rows[0]?.count ?? 0;
}

/** Whether anything here can only be read with the secrets it was written with. */
export async function hasEncryptedData(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM wardroom.content_keys) OR EXISTS (SELECT 1 FROM wardroom.audit_checkpoint_history) AS found',
  );
  return rows[0]?.found ?? false;
}
