import type { BreakGlassWrite, KeptBreakGlass } from '../flows/breakGlassPort.ts';
import { Phi } from '../kernel/phi.ts';
import type { BreakGlassEvent } from '../policy/emergency.ts';
import { auditClass } from './auditPayload.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

const scopeOf = (id: number) => `break-glass:${id}`;
const has = (type: string) =>
  `EXISTS (SELECT 1 FROM wardroom.break_glass_events e WHERE e.access_id = b.access_id AND e.event->>'type' = '${type}')`;

/** Emergency access and its review (migration 029). What somebody wrote is documentation, kept as long as the audit log. */
export class BreakGlassTable implements BreakGlassWrite {
  readonly #db: Queryable;
  readonly #sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  open(): Promise<readonly KeptBreakGlass[]> {
    return this.#uses(`NOT (${has('closed')} AND ${has('reviewed')})`, []);
  }

  latest(limit: number): Promise<readonly KeptBreakGlass[]> {
    return this.#uses('b.access_id > (SELECT max(access_id) FROM wardroom.break_glass_events) - $1::integer', [limit]);
  }

  async one(id: number): Promise<KeptBreakGlass | null> {
    const [found] = await this.#uses('b.access_id = $1', [id]);
    return found ?? null;
  }

  async text(id: number, type: 'granted' | 'reviewed'): Promise<Phi<string> | null> {
    const { rows } = await this.#db.query<{ key_id: string; nonce: Buffer; ciphertext: Buffer }>(
      prepared(
        `SELECT text_key_id AS key_id, text_nonce AS nonce, text_ciphertext AS ciphertext FROM wardroom.break_glass_events
          WHERE access_id = $1 AND event->>'type' = $2 AND text_key_id IS NOT NULL`,
        [id, type],
      ),
    );
    const [row] = rows;
    if (row === undefined) return null;
    const sealed = { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext };
    return new Phi((await this.#sealer.open(this.#db, sealed, scopeOf(id))).toString('utf8'));
  }

  async next(): Promise<number> {
    const { rows } = await this.#db.query<{ next: number }>(
      prepared('SELECT coalesce(max(access_id), 0) + 1 AS next FROM wardroom.break_glass_events', []),
    );
    return rows[0]?.next ?? 1;
  }

  async append(id: number, event: BreakGlassEvent, text: Phi<string> | null): Promise<void> {
    const scope = scopeOf(id);
    const sealed =
      text === null
        ? null
        : await this.#sealer.seal(this.#db, scope, auditClass, event.at, Buffer.from(text.reveal(), 'utf8'), scope);
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.break_glass_events (access_id, event, at, text_key_id, text_nonce, text_ciphertext)
         VALUES ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5::bytea, $6::bytea)`,
        [id, JSON.stringify(event), event.at, sealed?.keyId ?? null, sealed?.nonce ?? null, sealed?.ciphertext ?? null],
      ),
    );
  }

  async #uses(which: string, values: unknown[]): Promise<readonly KeptBreakGlass[]> {
    const { rows } = await this.#db.query<{ access_id: number; event: BreakGlassEvent }>(
      prepared(
        `SELECT b.access_id, b.event FROM wardroom.break_glass_events b WHERE ${which} ORDER BY b.access_id, b.number`,
        values,
      ),
    );
    const uses = new Map<number, BreakGlassEvent[]>();
    for (const { access_id: id, event } of rows) uses.set(id, [...(uses.get(id) ?? []), event]);
    return [...uses].map(([id, events]) => ({ id, events }));
  }
}
