import type { ConsentWrite } from '../flows/texting/consentPort.ts';
import type { PatientRef, PhoneRef } from '../flows/texting/textsPort.ts';
import { Phi } from '../kernel/phi.ts';
import { auditClass } from './auditPayload.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

interface Row {
  address_ref: PhoneRef;
  key_id: string;
  nonce: Buffer;
  ciphertext: Buffer;
}

/** What patients agreed to and took back (migration 030). Evidence, kept as long as the audit log, and a stop for good. */
export class ConsentTable implements ConsentWrite {
  readonly #db: Queryable;
  readonly #sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  about(patient: PatientRef | null, addresses: readonly PhoneRef[]): Promise<Phi<readonly unknown[]>> {
    return this.#events('WHERE patient_ref = $1 OR address_ref = ANY ($2::text[]) ORDER BY number', [
      patient,
      addresses,
    ]);
  }

  latest(limit: number): Promise<Phi<readonly unknown[]>> {
    return this.#events(
      'WHERE number IN (SELECT number FROM wardroom.consent_events ORDER BY number DESC LIMIT $1) ORDER BY number',
      [limit],
    );
  }

  async append(patient: PatientRef | null, address: PhoneRef, at: number, event: Phi<unknown>): Promise<void> {
    const plain = Buffer.from(JSON.stringify(event.reveal()), 'utf8');
    const sealed = await this.#sealer.seal(this.#db, `consent:${address}`, auditClass, at, plain, address);
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.consent_events (at, patient_ref, address_ref, key_id, nonce, ciphertext)
         VALUES (to_timestamp($1::bigint / 1000.0), $2, $3, $4, $5::bytea, $6::bytea)`,
        [at, patient, address, sealed.keyId, sealed.nonce, sealed.ciphertext],
      ),
    );
  }

  async #events(which: string, values: unknown[]): Promise<Phi<readonly unknown[]>> {
    const { rows } = await this.#db.query<Row>(prepared(`SELECT * FROM wardroom.consent_events ${which}`, values));
    const opened = await Promise.all(
      rows.map(async ({ address_ref, key_id: keyId, nonce, ciphertext }) =>
        JSON.parse((await this.#sealer.open(this.#db, { keyId, nonce, ciphertext }, address_ref)).toString('utf8')),
      ),
    );
    return new Phi(opened);
  }
}
