import type { KeptPolicy, PoliciesWrite } from '../flows/policiesPort.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

const COLUMNS = 'version, policy, change, made_by AS "madeBy", made_at AS "madeAt"';

/** Versions of the policy (migration 019). */
export class PolicyTable implements PoliciesWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async latestVersion(): Promise<number> {
    const { rows } = await this.#db.query<{ version: number }>(
      prepared('SELECT coalesce(max(version), 0) AS version FROM wardroom.policy_versions', []),
    );
    return rows[0]?.version ?? 0;
  }

  async version(version: number): Promise<KeptPolicy | null> {
    const { rows } = await this.#db.query<KeptPolicy>(
      prepared(`SELECT ${COLUMNS} FROM wardroom.policy_versions WHERE version = $1`, [version]),
    );
    return rows[0] ?? null;
  }

  async history(limit: number): Promise<readonly Omit<KeptPolicy, 'policy'>[]> {
    const { rows } = await this.#db.query<KeptPolicy>(
      prepared(
        `SELECT version, change, made_by AS "madeBy", made_at AS "madeAt" FROM wardroom.policy_versions ORDER BY version DESC LIMIT $1`,
        [limit],
      ),
    );
    return rows;
  }

  async add({ version, policy, change, madeBy, madeAt }: KeptPolicy): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.policy_versions (version, policy, change, made_by, made_at)
         VALUES ($1, $2, $3, $4, to_timestamp($5::bigint / 1000.0))`,
        [version, JSON.stringify(policy), JSON.stringify(change), madeBy, madeAt],
      ),
    );
  }
}
