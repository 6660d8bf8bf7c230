import type { KeptReview, ReviewEvent, ReviewsWrite, ReviewWithEvents } from '../flows/reviewsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Phi } from '../kernel/phi.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

interface Row {
  readonly review_id: string;
  readonly from_day: string;
  readonly to_day: string;
  readonly summary: string;
  readonly digest: string;
  readonly made_at: Instant;
  readonly events: readonly ReviewEvent[] | null;
}

const REVIEWS = `SELECT r.review_id, r.from_day::text, r.to_day::text, r.summary, r.digest, r.made_at,
       (SELECT json_agg(e.event ORDER BY e.number) FROM wardroom.review_events e WHERE e.review_id = r.review_id) AS events
  FROM wardroom.activity_reviews r`;
const CLASS = 'review';

/** Summaries of activity, and who signed them (migration 027). */
export class ReviewTable implements ReviewsWrite {
  readonly #db: Queryable;
  readonly #sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  unsigned(): Promise<readonly ReviewWithEvents[]> {
    return this.#reviews(
      `${REVIEWS} WHERE NOT EXISTS (SELECT 1 FROM wardroom.review_events s WHERE s.review_id = r.review_id AND s.event->>'type' = 'signed')
        ORDER BY r.to_day`,
      [],
    );
  }

  latest(limit: number): Promise<readonly ReviewWithEvents[]> {
    return this.#reviews(`${REVIEWS} ORDER BY r.to_day DESC LIMIT $1`, [limit]);
  }

  async one(id: string): Promise<ReviewWithEvents | null> {
    const [found] = await this.#reviews(`${REVIEWS} WHERE r.review_id = $1`, [id]);
    return found ?? null;
  }

  async coveredUpTo(day: string): Promise<string | null> {
    const { rows } = await this.#db.query<{ day: string | null }>(
      prepared('SELECT max(to_day)::text AS day FROM wardroom.activity_reviews WHERE to_day <= $1::date', [day]),
    );
    return rows[0]?.day ?? null;
  }

  async add({ id, from, to, summary, digest, madeAt }: KeptReview): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.activity_reviews (review_id, from_day, to_day, summary, digest, made_at)
         VALUES ($1, $2::date, $3::date, $4, $5, to_timestamp($6::bigint / 1000.0))`,
        [id, from, to, summary, digest, madeAt],
      ),
    );
  }

  async append(id: string, event: ReviewEvent, note: Phi<string> | null): Promise<void> {
    const sealed =
      note === null
        ? null
        : await this.#sealer.seal(this.#db, `review:${id}`, CLASS, event.at, Buffer.from(note.reveal(), 'utf8'), id);
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.review_events (review_id, event, at, text_key_id, text_nonce, text_ciphertext)
         VALUES ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5::bytea, $6::bytea)`,
        [id, JSON.stringify(event), event.at, sealed?.keyId ?? null, sealed?.nonce ?? null, sealed?.ciphertext ?? null],
      ),
    );
  }

  async #reviews(text: string, values: unknown[]): Promise<readonly ReviewWithEvents[]> {
    const { rows } = await this.#db.query<Row>(prepared(text, values));
    return rows.map(({ review_id: id, from_day: from, to_day: to, made_at: madeAt, events, summary, digest }) => ({
      id,
      from,
      to,
      summary,
      digest,
      madeAt,
      events: events ?? [],
    }));
  }
}
