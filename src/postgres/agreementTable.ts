import type { AgreementEvent, AgreementsWrite } from '../flows/partnersPort.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

/** What was done about agreements (migration 020). */
export class AgreementTable implements AgreementsWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async events(): Promise<readonly AgreementEvent[]> {
    const { rows } = await this.#db.query<{ event: AgreementEvent }>(
      prepared('SELECT event FROM wardroom.agreement_events ORDER BY number', []),
    );
    return rows.map(({ event }) => event);
  }

  async append(event: AgreementEvent): Promise<void> {
    await this.#db.query(
      prepared(
        'INSERT INTO wardroom.agreement_events (domain, event, at) VALUES ($1, $2, to_timestamp($3::bigint / 1000.0))',
        [event.domain, JSON.stringify(event), event.at],
      ),
    );
  }
}
