import type { IncidentsWrite, KeptIncident, PreparedExport } from '../flows/incidentsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { EventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { IncidentEvent } from '../policy/incidents/incident.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

/** Retention class of what is written about incidents: documentation, kept six years (45 CFR 164.316(b)(2)(i)). */
const CLASS = 'incident';
const scopeOf = (id: number) => `incident:${id}`;

interface EventRow {
  readonly incident_id: number;
  readonly number: number;
  readonly event: IncidentEvent;
}

interface TextRow {
  readonly number: number;
  readonly text_key_id: string;
  readonly text_nonce: Buffer;
  readonly text_ciphertext: Buffer;
}

/** Incidents and what was written about them (migration 027). */
export class IncidentTable implements IncidentsWrite {
  readonly #db: Queryable;
  readonly #sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  running(): Promise<readonly KeptIncident[]> {
    return this.#incidents('NOT i.is_over', []);
  }

  latest(limit: number): Promise<readonly KeptIncident[]> {
    return this.#incidents('i.incident_id > (SELECT max(incident_id) FROM wardroom.incidents) - $1::integer', [limit]);
  }

  async one(id: number): Promise<KeptIncident | null> {
    const [found] = await this.#incidents('i.incident_id = $1', [id]);
    return found ?? null;
  }

  async texts(id: number): Promise<ReadonlyMap<number, Phi<string>>> {
    const { rows } = await this.#db.query<TextRow>(
      prepared(
        `SELECT number, text_key_id, text_nonce, text_ciphertext FROM wardroom.incident_events
          WHERE incident_id = $1 AND text_key_id IS NOT NULL ORDER BY number`,
        [id],
      ),
    );
    const texts = new Map<number, Phi<string>>();
    for (const { number, text_key_id: keyId, text_nonce: nonce, text_ciphertext: ciphertext } of rows) {
      const opened = await this.#sealer.open(this.#db, { keyId, nonce, ciphertext }, scopeOf(id));
      texts.set(number, new Phi(opened.toString('utf8')));
    }
    return texts;
  }

  async hasDraft(key: string): Promise<boolean> {
    const { rows } = await this.#db.query(prepared('SELECT 1 FROM wardroom.incidents WHERE draft_key = $1', [key]));
    return rows.length > 0;
  }

  async exported(command: EventId): Promise<PreparedExport | null> {
    const { rows } = await this.#db.query<{
      incident_id: number;
      mxc: string;
      content_key_id: string;
      content_nonce: Buffer;
      content_ciphertext: Buffer;
    }>(prepared('SELECT * FROM wardroom.incident_exports WHERE command_event = $1', [command]));
    const [row] = rows;
    if (!row) return null;
    const sealed = { keyId: row.content_key_id, nonce: row.content_nonce, ciphertext: row.content_ciphertext };
    const opened = await this.#sealer.open(this.#db, sealed, row.mxc);
    const content = new Phi(JSON.parse(opened.toString('utf8')) as Record<string, unknown>);
    return { incident: row.incident_id, mxc: row.mxc, content };
  }

  async create(key: string | null, at: Instant): Promise<number | null> {
    const { rows } = await this.#db.query<{ incident_id: number }>(
      prepared(
        `INSERT INTO wardroom.incidents (incident_id, draft_key, opened_at)
         SELECT coalesce(max(incident_id), 0) + 1, $1, to_timestamp($2::bigint / 1000.0) FROM wardroom.incidents
         ON CONFLICT (draft_key) DO NOTHING RETURNING incident_id`,
        [key, at],
      ),
    );
    return rows[0]?.incident_id ?? null;
  }

  async append(id: number, event: IncidentEvent, text: Phi<string> | null): Promise<number> {
    const sealed =
      text === null
        ? null
        : await this.#sealer.seal(
            this.#db,
            scopeOf(id),
            CLASS,
            event.at,
            Buffer.from(text.reveal(), 'utf8'),
            scopeOf(id),
          );
    const { rows } = await this.#db.query<{ number: number }>(
      prepared(
        `INSERT INTO wardroom.incident_events (incident_id, event, at, text_key_id, text_nonce, text_ciphertext)
         VALUES ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5::bytea, $6::bytea) RETURNING number`,
        [id, JSON.stringify(event), event.at, sealed?.keyId ?? null, sealed?.nonce ?? null, sealed?.ciphertext ?? null],
      ),
    );
    if (event.type === 'closed' || event.type === 'dismissed')
      await this.#db.query(prepared('UPDATE wardroom.incidents SET is_over = true WHERE incident_id = $1', [id]));
    return rows[0]!.number;
  }

  async saveExport(command: EventId, { incident, mxc, content }: PreparedExport, at: Instant): Promise<void> {
    const plain = Buffer.from(JSON.stringify(content.reveal()), 'utf8');
    const sealed = await this.#sealer.seal(this.#db, scopeOf(incident), CLASS, at, plain, mxc);
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.incident_exports (command_event, incident_id, mxc, content_key_id, content_nonce, content_ciphertext, at)
         VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7::bigint / 1000.0))`,
        [command, incident, mxc, sealed.keyId, sealed.nonce, sealed.ciphertext, at],
      ),
    );
  }

  async savePosted(command: EventId, event: EventId): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      prepared(
        `WITH posted AS (UPDATE wardroom.incident_exports SET event_id = $2 WHERE command_event = $1 AND event_id IS NULL RETURNING mxc)
         INSERT INTO wardroom.event_media (event_id, mxc) SELECT $2, mxc FROM posted`,
        [command, event],
      ),
    );
    return rowCount === 1;
  }

  async #incidents(which: string, values: unknown[]): Promise<readonly KeptIncident[]> {
    const { rows } = await this.#db.query<EventRow>(
      prepared(
        `SELECT e.incident_id, e.number, e.event FROM wardroom.incidents i JOIN wardroom.incident_events e USING (incident_id)
          WHERE ${which} ORDER BY e.incident_id, e.number`,
        values,
      ),
    );
    const incidents = new Map<number, { number: number; event: IncidentEvent }[]>();
    for (const { incident_id: id, number, event } of rows)
      incidents.set(id, [...(incidents.get(id) ?? []), { number, event }]);
    return [...incidents].map(([id, events]) => ({ id, events }));
  }
}
