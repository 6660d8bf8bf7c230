import type { KeptDeparture, KeptScheduleChange, OnCallWrite, ScheduleChange } from '../flows/onCallPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

/** Changes to schedules, and who left them (migrations 009, 026). */
export class OnCallTable implements OnCallWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async all(): Promise<readonly KeptScheduleChange[]> {
    const { rows } = await this.#db.query<KeptScheduleChange>(
      prepared(
        `SELECT id, account, role, tier, starts AS "from", ends AS "to", who, reason, made_by AS "madeBy", made_at AS "madeAt"
           FROM wardroom.oncall_overrides WHERE withdrawn_at IS NULL ORDER BY id`,
        [],
      ),
    );
    return rows.map((row) => ({ ...row, id: Number(row.id) }));
  }

  async version(): Promise<number> {
    const { rows } = await this.#db.query<{ version: string }>(
      prepared(
        `SELECT (SELECT coalesce(max(id), 0) + count(withdrawn_at) FROM wardroom.oncall_overrides)
              + (SELECT coalesce(max(id), 0) + count(ended_at) FROM wardroom.departures) AS version`,
        [],
      ),
    );
    return Number(rows[0]?.version);
  }

  async add(change: ScheduleChange, by: string, at: Instant): Promise<number> {
    const { account, role, tier, from, to, who, reason } = change;
    const { rows } = await this.#db.query<{ id: string }>(
      prepared(
        `INSERT INTO wardroom.oncall_overrides (account, role, tier, starts, ends, who, reason, made_by, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::bigint / 1000.0)) RETURNING id`,
        [account, role, tier, from, to, who, reason, by, at],
      ),
    );
    return Number(rows[0]?.id);
  }

  async withdraw(id: number, at: Instant): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      prepared(
        `UPDATE wardroom.oncall_overrides SET withdrawn_at = to_timestamp($2::bigint / 1000.0) WHERE id = $1 AND withdrawn_at IS NULL`,
        [id, at],
      ),
    );
    return rowCount === 1;
  }

  async departures(): Promise<readonly KeptDeparture[]> {
    const { rows } = await this.#db.query<KeptDeparture>(
      prepared(
        'SELECT user_id AS "user", given_to AS "to" FROM wardroom.departures WHERE ended_at IS NULL ORDER BY id',
        [],
      ),
    );
    return rows;
  }

  async depart({ user, to }: KeptDeparture, by: string, at: Instant): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.departures (user_id, given_to, made_by, made_at)
         VALUES ($1, $2, $3, to_timestamp($4::bigint / 1000.0)) ON CONFLICT (user_id) WHERE ended_at IS NULL DO NOTHING`,
        [user, to, by, at],
      ),
    );
  }

  async comeBack(user: UserId, at: Instant): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      prepared(
        'UPDATE wardroom.departures SET ended_at = to_timestamp($2::bigint / 1000.0) WHERE user_id = $1 AND ended_at IS NULL',
        [user, at],
      ),
    );
    return rowCount === 1;
  }
}
