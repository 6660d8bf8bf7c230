import type { Administrator, AdministratorsRead, AdministratorsWrite, PinState } from '../flows/administratorsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { MasterKey, UserId } from '../kernel/ids.ts';
import type { Queryable } from './database.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';

interface Row {
  user_id: UserId;
  master_key: MasterKey;
  state: PinState;
  previous_key: MasterKey | null;
  pinned_at: Instant;
  confirmed_by: UserId | null;
  confirmed_at: Instant | null;
  told: boolean;
}

/** The pinned identities of administrators (migration 005). */
export class AdministratorReads implements AdministratorsRead {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async all(): Promise<readonly Administrator[]> {
    const { rows } = await this.#db.query<Row>(prepared('SELECT * FROM wardroom.administrators ORDER BY user_id', []));
    return rows.map((row) => ({
      userId: row.user_id,
      masterKey: row.master_key,
      state: row.state,
      previousKey: row.previous_key,
      pinnedAt: row.pinned_at,
      confirmedBy: row.confirmed_by,
      confirmedAt: row.confirmed_at,
      told: row.told,
    }));
  }
}

export class AdministratorWrites extends AdministratorReads implements AdministratorsWrite {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline) {
    super(pipeline);
    this.#pipeline = pipeline;
  }

  async save(one: Administrator): Promise<void> {
    this.#pipeline.send(
      prepared(
        `INSERT INTO wardroom.administrators (user_id, master_key, state, previous_key, pinned_at, confirmed_by, confirmed_at, told)
         VALUES ($1, $2, $3, $4, to_timestamp($5::bigint / 1000.0), $6, to_timestamp($7::bigint / 1000.0), $8)
         ON CONFLICT (user_id) DO UPDATE SET master_key = $2, state = $3, previous_key = $4,
           pinned_at = EXCLUDED.pinned_at, confirmed_by = $6, confirmed_at = EXCLUDED.confirmed_at, told = $8`,
        [
          one.userId,
          one.masterKey,
          one.state,
          one.previousKey,
          one.pinnedAt,
          one.confirmedBy,
          one.confirmedAt,
          one.told,
        ],
      ),
    );
  }

  async remove(user: UserId): Promise<void> {
    this.#pipeline.send(prepared('DELETE FROM wardroom.administrators WHERE user_id = $1', [user]));
  }
}
