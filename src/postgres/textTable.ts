import type { CarrierName, CarrierTextId, TextId } from '../flows/texting/carrierPort.ts';
import type {
  LineName,
  OpenText,
  OwedPost,
  PatientPhone,
  PatientRef,
  PhoneRef,
  Text,
  TextContent,
  TextPost,
  TextPurpose,
  TextState,
  TextsWrite,
} from '../flows/texting/textsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import {
  type EventId,
  type PersonKey,
  type PhoneNumber,
  phoneNumber,
  type RoomId,
  type TicketId,
  type UserId,
} from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { auditClass } from './auditPayload.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { SealedText, Sealer } from './sealer.ts';

/** The retention class of what texts say. */
export const TEXT_CLASS = 'text';

interface TextRow {
  text_id: TextId;
  direction: 'in' | 'out';
  line: LineName;
  carrier: CarrierName;
  carrier_id: CarrierTextId | null;
  phone_ref: PhoneRef;
  patient_ref: PatientRef | null;
  purpose: TextPurpose;
  state: TextState;
  code: string | null;
  carrier_code: string | null;
  at: Instant;
  due_at: Instant;
  attempts: number;
  segments: number | null;
  room_id: RoomId | null;
  event_id: EventId | null;
  author: UserId | null;
  ticket_id: TicketId | null;
  token: string | null;
  person: PersonKey | null;
  phone_key_id: string;
  phone_nonce: Buffer;
  phone_ciphertext: Buffer;
  body_key_id: string | null;
  body_nonce: Buffer | null;
  body_ciphertext: Buffer | null;
}

interface PostRow {
  post_id: string;
  text_id: TextId | null;
  line: LineName;
  patient_ref: PatientRef | null;
  room_id: RoomId | null;
  edits: string | null;
  state: 'queued' | 'encrypted';
  at: Instant;
  attempts: number;
  key_id: string | null;
  nonce: Buffer | null;
  content: Buffer | null;
  ciphertext: Record<string, unknown> | null;
}

interface PhoneRow {
  phone_ref: PhoneRef;
  patient_ref: PatientRef;
  since: Instant;
  key_id: string;
  nonce: Buffer;
  ciphertext: Buffer;
}

const at = (parameter: string) => `to_timestamp(${parameter}::bigint / 1000.0)`;

/** Texts, the messages about them and whose telephones they go to (migration 030). */
export class TextTable implements TextsWrite {
  readonly #db: Queryable;
  readonly #sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
  }

  async one(id: TextId): Promise<OpenText | null> {
    const [found] = await this.#texts('WHERE text_id = $1', [id]);
    return found ?? null;
  }

  received(now: Instant, limit: number): Promise<readonly OpenText[]> {
    return this.#texts(`WHERE state = 'received' AND due_at <= ${at('$1')} ORDER BY number LIMIT $2`, [now, limit]);
  }

  due(now: Instant, limit: number): Promise<readonly OpenText[]> {
    return this.#texts(
      `WHERE text_id IN (
         SELECT text_id FROM (
           SELECT DISTINCT ON (line, phone_ref) text_id, state, due_at, number FROM wardroom.texts
            WHERE state = 'handing' OR (state = 'queued' AND due_at <= ${at('$1')})
            ORDER BY line, phone_ref, state = 'handing' DESC, number) first
          WHERE state = 'queued' ORDER BY due_at, number LIMIT $2)
       ORDER BY due_at, number`,
      [now, limit],
    );
  }

  async handing(): Promise<readonly Text[]> {
    return (await this.#rows<TextRow>(`SELECT * FROM wardroom.texts WHERE state = 'handing' ORDER BY at`, [])).map(
      textOf,
    );
  }

  async sentAs(carrier: CarrierName, ids: readonly CarrierTextId[]): Promise<Text | null> {
    const [row] = await this.#rows<TextRow>(
      `SELECT * FROM wardroom.texts WHERE direction = 'out' AND carrier = $1 AND carrier_id = ANY ($2::text[])
        ORDER BY number DESC LIMIT 1`,
      [carrier, ids],
    );
    return row ? textOf(row) : null;
  }

  async lastTo(line: LineName, phone: PhoneRef): Promise<Text | null> {
    const [row] = await this.#rows<TextRow>(
      `SELECT * FROM wardroom.texts WHERE direction = 'out' AND phone_ref = $2 AND line = $1 AND patient_ref IS NOT NULL
        ORDER BY number DESC LIMIT 1`,
      [line, phone],
    );
    return row ? textOf(row) : null;
  }

  async lastFrom(line: LineName, patient: PatientRef): Promise<OpenText | null> {
    const [found] = await this.#texts(
      `WHERE patient_ref = $2 AND line = $1 AND direction = 'in' ORDER BY number DESC LIMIT 1`,
      [line, patient],
    );
    return found ?? null;
  }

  outSince(
    phone: PhoneRef,
    since: Instant,
  ): Promise<readonly { purpose: TextPurpose; at: Instant; patient: PatientRef | null; state: TextState }[]> {
    return this.#rows(
      `SELECT purpose, at, patient_ref AS patient, state FROM wardroom.texts
        WHERE phone_ref = $1 AND direction = 'out' AND at >= ${at('$2')} ORDER BY at`,
      [phone, since],
    );
  }

  async stepsTo(phone: PhoneRef, since: Instant): Promise<readonly Text[]> {
    const rows = await this.#rows<TextRow>(
      `SELECT * FROM wardroom.texts WHERE phone_ref = $1 AND purpose = 'step' AND at >= ${at('$2')} ORDER BY number`,
      [phone, since],
    );
    return rows.map(textOf);
  }

  unknownFrom(line: LineName, phone: PhoneRef): Promise<readonly OpenText[]> {
    return this.#texts(
      `WHERE line = $1 AND phone_ref = $2 AND direction = 'in' AND purpose = 'unknown' ORDER BY number`,
      [line, phone],
    );
  }

  async ofEvent(event: EventId): Promise<readonly Text[]> {
    return (await this.#rows<TextRow>('SELECT * FROM wardroom.texts WHERE event_id = $1', [event])).map(textOf);
  }

  unanswered(before: Instant, limit: number): Promise<readonly OpenText[]> {
    return this.#texts(
      `t WHERE direction = 'in' AND purpose IN ('patient', 'unknown') AND code IS NULL AND at < ${at('$1')}
          AND at >= ${at('$1')} - interval '7 days'
          AND NOT EXISTS (SELECT 1 FROM wardroom.texts o WHERE o.direction = 'out' AND o.phone_ref = t.phone_ref
                            AND o.at >= t.at AND o.purpose IN ('answer', 'notice') AND o.state <> 'cancelled')
        ORDER BY at LIMIT $2`,
      [before, limit],
    );
  }

  phonesOf(patient: PatientRef): Promise<readonly PatientPhone[]> {
    return this.#phones('patient_ref = $1', [patient]);
  }

  patientsOf(phone: PhoneRef): Promise<readonly PatientPhone[]> {
    return this.#phones('phone_ref = $1', [phone]);
  }

  async owedPosts(now: Instant, limit: number): Promise<readonly OwedPost[]> {
    const rows = await this.#rows<PostRow>(
      `SELECT * FROM wardroom.text_posts WHERE state IN ('queued', 'encrypted') AND due_at <= ${at('$1')}
        ORDER BY number LIMIT $2`,
      [now, limit],
    );
    return Promise.all(
      rows.map(async (row): Promise<OwedPost> => {
        const sealed = sealedOf(row.key_id, row.nonce, row.content);
        const content = sealed === null ? null : await this.#sealer.open(this.#db, sealed, row.post_id);
        return {
          id: row.post_id,
          text: row.text_id,
          line: row.line,
          patient: row.patient_ref,
          room: row.room_id,
          edits: row.edits,
          at: row.at,
          state: row.state,
          attempts: row.attempts,
          content: content === null ? null : new Phi(JSON.parse(content.toString('utf8'))),
          ciphertext: row.ciphertext,
        };
      }),
    );
  }

  async postedAs(id: string): Promise<EventId | null> {
    const [row] = await this.#rows<{ event_id: EventId | null }>(
      'SELECT event_id FROM wardroom.text_posts WHERE post_id = $1',
      [id],
    );
    return row?.event_id ?? null;
  }

  async textOfEvent(event: EventId): Promise<TextId | null> {
    const [row] = await this.#rows<{ text_id: TextId | null }>(
      `SELECT text_id FROM wardroom.text_posts WHERE event_id = $1
       UNION ALL SELECT text_id FROM wardroom.texts WHERE event_id = $1 LIMIT 1`,
      [event],
    );
    return row?.text_id ?? null;
  }

  counts(since: Instant): Promise<readonly { line: LineName; state: TextState; count: number }[]> {
    return this.#rows(
      `SELECT line, state, count(*) AS count FROM wardroom.texts
        WHERE at >= ${at('$1')} OR state IN ('queued', 'handing', 'received') GROUP BY line, state ORDER BY line, state`,
      [since],
    );
  }

  async take(text: Text, number: Phi<PhoneNumber>, content: Phi<TextContent>): Promise<boolean> {
    return (await this.#insert(text, number, content, 'ON CONFLICT DO NOTHING')) === 1;
  }

  async queue(text: Text, number: Phi<PhoneNumber>, content: Phi<TextContent>): Promise<void> {
    await this.#insert(text, number, content, '');
  }

  async forUpdate(id: TextId): Promise<Text | null> {
    const [row] = await this.#rows<TextRow>('SELECT * FROM wardroom.texts WHERE text_id = $1 FOR UPDATE', [id]);
    return row ? textOf(row) : null;
  }

  async save(text: Text): Promise<void> {
    await this.#rows(
      `UPDATE wardroom.texts SET carrier_id = $2, patient_ref = $3, purpose = $4, state = $5, code = $6, carrier_code = $7,
              due_at = ${at('$8')}, attempts = $9, segments = $10 WHERE text_id = $1`,
      [
        text.id,
        text.carrierId,
        text.patient,
        text.purpose,
        text.state,
        text.code,
        text.carrierCode,
        text.dueAt,
        text.attempts,
        text.segments,
      ],
    );
  }

  async cancelWaiting(phone: PhoneRef, code: string): Promise<readonly TextId[]> {
    const rows = await this.#rows<{ text_id: TextId }>(
      `UPDATE wardroom.texts SET state = 'cancelled', code = $2, body_key_id = NULL, body_nonce = NULL, body_ciphertext = NULL
        WHERE phone_ref = $1 AND state IN ('queued', 'held') AND purpose IN ('answer', 'notice', 'reminder')
        RETURNING text_id`,
      [phone, code],
    );
    return rows.map(({ text_id }) => text_id);
  }

  async forgetContent(id: TextId): Promise<void> {
    await this.#rows(
      'UPDATE wardroom.texts SET body_key_id = NULL, body_nonce = NULL, body_ciphertext = NULL WHERE text_id = $1',
      [id],
    );
  }

  async forgetOlder(before: Instant): Promise<number> {
    const { rowCount } = await this.#db.query(
      prepared(
        `UPDATE wardroom.texts SET body_key_id = NULL, body_nonce = NULL, body_ciphertext = NULL,
                state = CASE WHEN state = 'held' THEN 'cancelled' ELSE state END
          WHERE body_key_id IS NOT NULL AND state IN ('done', 'held') AND at < ${at('$1')}`,
        [before],
      ),
    );
    return rowCount ?? 0;
  }

  async owe(post: TextPost, content: Phi<Record<string, unknown>>): Promise<void> {
    const scope = post.patient ?? post.room ?? post.line;
    const plain = Buffer.from(JSON.stringify(content.reveal()), 'utf8');
    const sealed = await this.#sealer.seal(this.#db, `texts:${scope}`, TEXT_CLASS, post.at, plain, post.id);
    await this.#rows(
      `INSERT INTO wardroom.text_posts (post_id, text_id, line, patient_ref, room_id, edits, state, at, due_at, key_id, nonce, content)
       VALUES ($1, $2, $3, $4, $5, $6, 'queued', ${at('$7')}, ${at('$7')}, $8, $9::bytea, $10::bytea)
       ON CONFLICT (post_id) DO NOTHING`,
      [
        post.id,
        post.text,
        post.line,
        post.patient,
        post.room,
        post.edits,
        post.at,
        sealed.keyId,
        sealed.nonce,
        sealed.ciphertext,
      ],
    );
  }

  async keepPost(id: string, room: RoomId, ciphertext: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      prepared(
        `UPDATE wardroom.text_posts SET state = 'encrypted', room_id = $2, ciphertext = $3::jsonb
          WHERE post_id = $1 AND state = 'queued'`,
        [id, room, JSON.stringify(ciphertext)],
      ),
    );
    return rowCount === 1;
  }

  async posted(id: string, event: EventId, media: string | null): Promise<void> {
    await this.#rows(
      `UPDATE wardroom.text_posts SET state = 'sent', event_id = $2, ciphertext = NULL, key_id = NULL, nonce = NULL, content = NULL
        WHERE post_id = $1`,
      [id, event],
    );
    if (media !== null)
      await this.#rows('INSERT INTO wardroom.event_media (event_id, mxc) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        event,
        media,
      ]);
  }

  async postLater(id: string, dueAt: Instant): Promise<void> {
    await this.#rows(
      `UPDATE wardroom.text_posts SET due_at = ${at('$2')}, attempts = attempts + 1 WHERE post_id = $1`,
      [id, dueAt],
    );
  }

  async dropPost(id: string): Promise<void> {
    await this.#rows(
      `UPDATE wardroom.text_posts SET state = 'dropped', ciphertext = NULL, key_id = NULL, nonce = NULL, content = NULL
        WHERE post_id = $1`,
      [id],
    );
  }

  async savePhone({ phone, patient, since, names }: PatientPhone): Promise<void> {
    const plain = Buffer.from(JSON.stringify(names.reveal()), 'utf8');
    // Who is on which telephone is documentation of what was sent where, as old as the audit log.
    const sealed = await this.#sealer.seal(
      this.#db,
      `patient:${patient}`,
      auditClass,
      since,
      plain,
      `${phone}:${patient}`,
    );
    await this.#rows(
      `INSERT INTO wardroom.patient_phones (phone_ref, patient_ref, since, key_id, nonce, ciphertext)
       VALUES ($1, $2, ${at('$3')}, $4, $5::bytea, $6::bytea)
       ON CONFLICT (phone_ref, patient_ref) DO UPDATE
         SET ended_at = NULL, since = CASE WHEN patient_phones.ended_at IS NULL THEN patient_phones.since ELSE EXCLUDED.since END`,
      [phone, patient, since, sealed.keyId, sealed.nonce, sealed.ciphertext],
    );
  }

  async endPhone(phone: PhoneRef, patient: PatientRef | null, now: Instant): Promise<void> {
    await this.#rows(
      `UPDATE wardroom.patient_phones SET ended_at = ${at('$3')}
        WHERE phone_ref = $1 AND ($2::text IS NULL OR patient_ref = $2) AND ended_at IS NULL`,
      [phone, patient, now],
    );
  }

  async #insert(
    text: Text,
    number: Phi<PhoneNumber>,
    content: Phi<TextContent>,
    conflict: string,
  ): Promise<number | null> {
    const scope = `phone:${text.phone}`;
    const seal = (retentionClass: string, plain: string) =>
      this.#sealer.seal(this.#db, scope, retentionClass, text.at, Buffer.from(plain, 'utf8'), text.id);
    const phone = await seal(auditClass, number.reveal());
    const body = await seal(TEXT_CLASS, JSON.stringify(content.reveal()));
    const { rowCount } = await this.#db.query(
      prepared(
        `INSERT INTO wardroom.texts (text_id, direction, line, carrier, carrier_id, phone_ref, patient_ref, purpose, state, code,
           carrier_code, at, due_at, attempts, segments, room_id, event_id, author, ticket_id, token, person,
           phone_key_id, phone_nonce, phone_ciphertext, body_key_id, body_nonce, body_ciphertext)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${at('$12')}, ${at('$13')}, $14, $15, $16, $17, $18, $19, $20,
           $21, $22, $23::bytea, $24::bytea, $25, $26::bytea, $27::bytea) ${conflict}`,
        [
          text.id,
          text.direction,
          text.line,
          text.carrier,
          text.carrierId,
          text.phone,
          text.patient,
          text.purpose,
          text.state,
          text.code,
          text.carrierCode,
          text.at,
          text.dueAt,
          text.attempts,
          text.segments,
          text.room,
          text.event,
          text.author,
          text.ticket,
          text.token,
          text.person,
          phone.keyId,
          phone.nonce,
          phone.ciphertext,
          body.keyId,
          body.nonce,
          body.ciphertext,
        ],
      ),
    );
    return rowCount;
  }

  async #texts(where: string, values: unknown[]): Promise<readonly OpenText[]> {
    const rows = await this.#rows<TextRow>(`SELECT * FROM wardroom.texts ${where}`, values);
    return Promise.all(
      rows.map(async (row): Promise<OpenText> => {
        const phone = { keyId: row.phone_key_id, nonce: row.phone_nonce, ciphertext: row.phone_ciphertext };
        const body = sealedOf(row.body_key_id, row.body_nonce, row.body_ciphertext);
        const number = await this.#sealer.open(this.#db, phone, row.text_id);
        const content = body === null ? null : await this.#sealer.open(this.#db, body, row.text_id);
        return {
          text: textOf(row),
          number: new Phi(phoneNumber(number.toString('utf8'))),
          content: content === null ? null : new Phi(JSON.parse(content.toString('utf8')) as TextContent),
        };
      }),
    );
  }

  async #phones(which: string, values: unknown[]): Promise<readonly PatientPhone[]> {
    const rows = await this.#rows<PhoneRow>(
      `SELECT * FROM wardroom.patient_phones WHERE ${which} AND ended_at IS NULL ORDER BY since, patient_ref`,
      values,
    );
    return Promise.all(
      rows.map(async (row): Promise<PatientPhone> => {
        const sealed = { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext };
        const names = await this.#sealer.open(this.#db, sealed, `${row.phone_ref}:${row.patient_ref}`);
        return {
          phone: row.phone_ref,
          patient: row.patient_ref,
          since: row.since,
          names: new Phi(JSON.parse(names.toString('utf8')) as { number: string; reference: string }),
        };
      }),
    );
  }

  async #rows<Row extends object>(statement: string, values: unknown[]): Promise<readonly Row[]> {
    return (await this.#db.query<Row>(prepared(statement, values))).rows;
  }
}

const sealedOf = (keyId: string | null, nonce: Buffer | null, ciphertext: Buffer | null): SealedText | null =>
  keyId === null || nonce === null || ciphertext === null ? null : { keyId, nonce, ciphertext };

const textOf = (row: TextRow): Text => ({
  id: row.text_id,
  direction: row.direction,
  line: row.line,
  carrier: row.carrier,
  carrierId: row.carrier_id,
  phone: row.phone_ref,
  patient: row.patient_ref,
  purpose: row.purpose,
  state: row.state,
  code: row.code,
  carrierCode: row.carrier_code,
  at: row.at,
  dueAt: row.due_at,
  attempts: row.attempts,
  segments: row.segments,
  room: row.room_id,
  event: row.event_id,
  author: row.author,
  ticket: row.ticket_id,
  token: row.token,
  person: row.person,
});
