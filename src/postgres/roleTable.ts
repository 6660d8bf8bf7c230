import type { RolesWrite } from '../flows/rolesPort.ts';
import type { RoleEvent } from '../policy/roles.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

/** What was done about roles (migration 017). */
export class RoleTable implements RolesWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async events(): Promise<readonly RoleEvent[]> {
    const { rows } = await this.#db.query<{ event: RoleEvent }>(
      prepared('SELECT event FROM wardroom.role_events ORDER BY number', []),
    );
    return rows.map(({ event }) => event);
  }

  async latest(): Promise<number> {
    const { rows } = await this.#db.query<{ latest: string | null }>(
      prepared('SELECT max(number) AS latest FROM wardroom.role_events', []),
    );
    return Number(rows[0]?.latest ?? 0);
  }

  async append(event: RoleEvent): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.role_events (user_id, role, event, at) VALUES ($1, $2, $3, to_timestamp($4::bigint / 1000.0))`,
        [event.user, event.role, JSON.stringify(event), event.at],
      ),
    );
  }
}
