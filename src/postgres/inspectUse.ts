import type { PinState } from '../flows/administratorsPort.ts';
import type { StoredVoice } from '../flows/cryptoPort.ts';
import type { UserId } from '../kernel/ids.ts';
import { connectOnce } from './connectOnce.ts';
import { loadVoice } from './cryptoRecords.ts';
import type { Queryable } from './database.ts';

/** What use has left in the database, by which an operator's check judges what it cannot ask for. */
export interface UseFacts {
  /** The homeserver has sent a receipt. */
  readonly receipts: boolean;
  /** Messages of people that the homeserver has sent, counted up to `ENOUGH`. */
  readonly spoken: number;
  readonly administrators: readonly { readonly user: UserId; readonly state: PinState }[];
}

/** Nobody writes so many messages without a single receipt. */
export const ENOUGH = 20;

export async function useOf(db: Queryable): Promise<UseFacts> {
  const { rows } = await db.query<{ receipts: boolean; spoken: string }>(
    `SELECT EXISTS (SELECT 1 FROM wardroom.inbox_receipts) AS receipts,
            (SELECT count(*) FROM (SELECT 1 FROM wardroom.inbox_events
               WHERE NOT ours AND type = 'm.room.encrypted' LIMIT ${ENOUGH}) AS messages) AS spoken`,
  );
  const administrators = await db.query<UseFacts['administrators'][number]>(
    'SELECT user_id AS "user", state FROM wardroom.administrators',
  );
  return {
    receipts: rows[0]?.receipts ?? false,
    spoken: Number(rows[0]?.spoken ?? 0),
    administrators: administrators.rows,
  };
}

/** One voice's store as it is at one moment, though its process goes on writing. */
export async function readVoice(url: string, voice: UserId): Promise<StoredVoice | null> {
  const read = await connectOnce(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return loadVoice(client, voice);
  });
  return read.ok ? read.facts : null;
}
