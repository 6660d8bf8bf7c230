import type { Confirmation, ConfirmationsWrite } from '../flows/confirmationsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { EventId, UserId } from '../kernel/ids.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';

/** What waits to be confirmed, and what was (migration 014). */
export class ConfirmationTable implements ConfirmationsWrite {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline) {
    this.#pipeline = pipeline;
  }

  async find(code: string): Promise<Confirmation | null> {
    const { rows } = await this.#pipeline.query<Confirmation>(
      prepared(
        `SELECT code, command, plan, basis, second_person AS "secondPerson", asked_by AS "askedBy", asked_in AS "askedIn",
                asked_at AS "askedAt", expires_at AS "expiresAt", used_by AS "usedBy"
           FROM wardroom.confirmations WHERE code = $1`,
        [code],
      ),
    );
    return rows[0] ?? null;
  }

  async add(one: Confirmation): Promise<void> {
    this.#pipeline.send(
      prepared(
        `INSERT INTO wardroom.confirmations (code, command, plan, basis, second_person, asked_by, asked_in, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::bigint / 1000.0), to_timestamp($9::bigint / 1000.0))`,
        [
          one.code,
          one.command,
          one.plan,
          one.basis,
          one.secondPerson,
          one.askedBy,
          one.askedIn,
          one.askedAt,
          one.expiresAt,
        ],
      ),
    );
  }

  async use(code: string, by: UserId, event: EventId, at: Instant): Promise<void> {
    this.#pipeline.send(
      prepared(
        `UPDATE wardroom.confirmations SET used_by = $2, used_in = $3, used_at = to_timestamp($4::bigint / 1000.0)
          WHERE code = $1 AND used_by IS NULL`,
        [code, by, event, at],
      ),
    );
  }
}
