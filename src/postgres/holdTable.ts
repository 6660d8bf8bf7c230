import type { HoldsWrite } from '../flows/holdsPort.ts';
import { Phi } from '../kernel/phi.ts';
import type { HoldEvent } from '../policy/retention/holds.ts';
import { auditClass } from './auditPayload.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

/** Reasons are documentation, kept as long as the audit log (45 CFR 164.316(b)(2)(i)). */
const SCOPE = 'holds';

/** What was done about legal holds (migration 023). */
export class HoldTable implements HoldsWrite {
  readonly #db: Queryable;
  readonly #sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  async events(): Promise<readonly HoldEvent[]> {
    const { rows } = await this.#db.query<{ event: HoldEvent }>(
      prepared('SELECT event FROM wardroom.hold_events ORDER BY number', []),
    );
    return rows.map(({ event }) => event);
  }

  async latest(): Promise<number> {
    const { rows } = await this.#db.query<{ latest: string | null }>(
      prepared('SELECT max(number) AS latest FROM wardroom.hold_events', []),
    );
    return Number(rows[0]?.latest ?? 0);
  }

  async reason(hold: string): Promise<Phi<string> | null> {
    const { rows } = await this.#db.query<{ key_id: string; nonce: Buffer; ciphertext: Buffer }>(
      prepared(
        `SELECT reason_key_id AS key_id, reason_nonce AS nonce, reason_ciphertext AS ciphertext FROM wardroom.hold_events
          WHERE hold_id = $1 AND reason_key_id IS NOT NULL ORDER BY number LIMIT 1`,
        [hold],
      ),
    );
    const [row] = rows;
    if (row === undefined) return null;
    const sealed = { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext };
    return new Phi((await this.#sealer.open(this.#db, sealed)).toString('utf8'));
  }

  async append(event: HoldEvent, reason: Phi<string> | null): Promise<void> {
    const sealed =
      reason === null
        ? null
        : await this.#sealer.seal(this.#db, SCOPE, auditClass, event.at, Buffer.from(reason.reveal(), 'utf8'));
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.hold_events (hold_id, event, at, reason_key_id, reason_nonce, reason_ciphertext)
         VALUES ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5, $6)`,
        [
          event.id,
          JSON.stringify(event),
          event.at,
          sealed?.keyId ?? null,
          sealed?.nonce ?? null,
          sealed?.ciphertext ?? null,
        ],
      ),
    );
  }
}
