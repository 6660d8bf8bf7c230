import type { QueryResult, QueryResultRow } from 'pg';
import type { WctpChoice, WctpContent, WctpOrigin, WctpRead, WctpResponse, WctpWrite } from '../flows/wctpPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, ServiceId, TicketId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { Queryable } from './database.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';
import type { SealedText, Sealer } from './sealer.ts';
import { OPEN } from './ticketReads.ts';

interface OriginRow {
  service: ServiceId;
  account: AccountId;
  sender_id: string;
  responses_to: string;
  message_id: string;
  transaction_id: string | null;
  recipient_id: string;
  version: number;
  wants: WctpOrigin['wants'];
  reply_token: string | null;
  tracking_number: string | null;
  choices_key_id: string | null;
  choices_nonce: Buffer | null;
  choices_ciphertext: Buffer | null;
}

interface ResponseRow extends OriginRow {
  sequence_no: number;
  ticket_id: TicketId;
  kind: 'QUEUED' | 'DELIVERED' | 'READ' | 'reply' | 'choice' | 'failure' | 'message' | 'todo';
  error_code: 500 | 501 | null;
  what: string | null;
  at: Instant;
  text_key_id: string | null;
  text_nonce: Buffer | null;
  text_ciphertext: Buffer | null;
  attempts: number;
  first_tried_at: Instant | null;
}

/** Of a response and its ticket; both have the service. */
const RESPONSES = 'SELECT r.*, t.* FROM wardroom.wctp_responses r JOIN wardroom.wctp_tickets t USING (ticket_id)';

/** Tickets that came by WCTP and what is owed for them (migration `wctp`). */
export class WctpReads implements WctpRead {
  protected readonly db: Queryable;
  protected readonly sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.db = db;
    this.sealer = sealer;
  }

  async originOf(id: TicketId): Promise<WctpOrigin | null> {
    const { rows } = await this.run<OriginRow>('SELECT * FROM wardroom.wctp_tickets WHERE ticket_id = $1', [id]);
    const row = rows[0];
    if (!row) return null;
    const choices = await this.open(row.choices_key_id, row.choices_nonce, row.choices_ciphertext);
    return {
      ...addressOf(row),
      wants: row.wants,
      replyToken: row.reply_token,
      choices: new Phi(choices === null ? [] : (JSON.parse(choices) as readonly WctpChoice[])),
    };
  }

  async earlierCall(
    { service, senderId, account, transactionId }: Parameters<WctpRead['earlierCall']>[0],
    since: Instant,
  ): Promise<string | null> {
    const { rows } = await this.run<{ id: string }>(
      `SELECT external_id AS id FROM wardroom.wctp_tickets w JOIN wardroom.tickets t USING (ticket_id)
        WHERE w.transaction_id = $1 AND w.sender_id = $2 AND w.service = $3 AND w.account = $4
          AND t.accepted_at >= to_timestamp($5::bigint / 1000.0) AND t.${OPEN}
        ORDER BY t.accepted_at LIMIT 1`,
      [transactionId, senderId, service, account, since],
    );
    return rows[0]?.id ?? null;
  }

  async pendingFor(service: ServiceId, responsesTo: string, limit: number): Promise<readonly WctpResponse[]> {
    return this.responses(
      `${RESPONSES} WHERE r.state = 'pending' AND r.service = $1 AND t.responses_to = $2
        ORDER BY sequence_no LIMIT $3`,
      [service, responsesTo, limit],
    );
  }

  async dueFor(services: readonly ServiceId[], limit: number): Promise<readonly WctpResponse[]> {
    return this.responses(
      `SELECT * FROM (
         SELECT DISTINCT ON (ticket_id) r.*, t.account, t.sender_id, t.responses_to, t.message_id, t.transaction_id,
                t.recipient_id, t.version, t.tracking_number
           FROM wardroom.wctp_responses r JOIN wardroom.wctp_tickets t USING (ticket_id)
          WHERE r.state = 'pending' AND r.service = ANY ($1::text[])
          ORDER BY ticket_id, sequence_no) first
        WHERE next_try_at <= now() ORDER BY next_try_at, sequence_no LIMIT $2`,
      [services, limit],
    );
  }

  async ticketOfMessage(service: ServiceId, messageId: string): Promise<TicketId | null> {
    const ours = /^mx-(\d{1,15})$/.exec(messageId)?.[1];
    const { rows } = await (ours === undefined
      ? this.run<{ id: TicketId }>(
          `SELECT ticket_id AS id FROM wardroom.tickets t JOIN wardroom.wctp_tickets w USING (ticket_id)
            WHERE t.external_id = $1 AND w.service = $2 ORDER BY t.accepted_at DESC LIMIT 1`,
          [messageId, service],
        )
      : this.run<{ id: TicketId }>(
          `SELECT ticket_id AS id FROM wardroom.wctp_responses r JOIN wardroom.wctp_tickets w USING (ticket_id)
            WHERE r.sequence_no = $1 AND w.service = $2`,
          [ours, service],
        ));
    return rows[0]?.id ?? null;
  }

  async byTracking(trackingNumber: string): ReturnType<WctpRead['byTracking']> {
    const { rows } = await this.run<OriginRow & { ticket_id: TicketId }>(
      'SELECT * FROM wardroom.wctp_tickets WHERE tracking_number = $1',
      [trackingNumber],
    );
    const row = rows[0];
    if (!row) return null;
    const responses = await this.responses(`${RESPONSES} WHERE ticket_id = $1 ORDER BY sequence_no`, [row.ticket_id]);
    return { service: row.service, senderId: row.sender_id, recipientId: row.recipient_id, responses };
  }

  protected run<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<QueryResult<Row>> {
    return this.db.query<Row>(prepared(text, values));
  }

  private async responses(text: string, values: unknown[]): Promise<readonly WctpResponse[]> {
    const { rows } = await this.run<ResponseRow>(text, values);
    const responses: WctpResponse[] = [];
    for (const row of rows)
      responses.push({
        sequenceNo: row.sequence_no,
        ticketId: row.ticket_id,
        account: row.account,
        service: row.service,
        at: row.at,
        attempts: row.attempts,
        firstTriedAt: row.first_tried_at,
        origin: addressOf(row),
        content: await this.contentOf(row),
      });
    return responses;
  }

  private async contentOf(row: ResponseRow): Promise<WctpContent> {
    switch (row.kind) {
      case 'reply':
      case 'choice': {
        const text = await this.open(row.text_key_id, row.text_nonce, row.text_ciphertext);
        return { kind: 'reply', text: new Phi(text ?? ''), isChoice: row.kind === 'choice' };
      }
      case 'message':
      case 'todo': {
        const text = await this.open(row.text_key_id, row.text_nonce, row.text_ciphertext);
        return { kind: 'message', text: new Phi(text ?? ''), isPressing: row.kind === 'todo' };
      }
      case 'failure':
        return { kind: 'failure', errorCode: row.error_code ?? 500, what: row.what ?? '' };
      default:
        return { kind: 'notification', type: row.kind };
    }
  }

  private async open(keyId: string | null, nonce: Buffer | null, ciphertext: Buffer | null): Promise<string | null> {
    if (keyId === null || nonce === null || ciphertext === null) return null;
    return (await this.sealer.open(this.db, { keyId, nonce, ciphertext })).toString('utf8');
  }
}

const addressOf = (row: OriginRow): WctpResponse['origin'] => ({
  senderId: row.sender_id,
  responsesTo: row.responses_to,
  messageId: row.message_id,
  transactionId: row.transaction_id,
  recipientId: row.recipient_id,
  version: row.version,
  trackingNumber: row.tracking_number,
});

export class WctpWrites extends WctpReads implements WctpWrite {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline, sealer: Sealer) {
    super(pipeline, sealer);
    this.#pipeline = pipeline;
  }

  async saveOrigin(
    id: TicketId,
    service: ServiceId,
    account: AccountId,
    at: Instant,
    origin: WctpOrigin,
  ): Promise<void> {
    const choices = origin.choices.reveal();
    const sealed = choices.length === 0 ? null : await this.#seal(account, at, JSON.stringify(choices));
    this.#pipeline.send(
      prepared(
        `INSERT INTO wardroom.wctp_tickets (ticket_id, service, account, sender_id, responses_to, message_id, transaction_id,
           recipient_id, version, wants, reply_token, tracking_number, choices_key_id, choices_nonce, choices_ciphertext)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
        [
          id,
          service,
          account,
          origin.senderId,
          origin.responsesTo,
          origin.messageId,
          origin.transactionId,
          origin.recipientId,
          origin.version,
          origin.wants,
          origin.replyToken,
          origin.trackingNumber,
          ...partsOf(sealed),
        ],
      ),
    );
  }

  async owe(
    id: TicketId,
    account: AccountId,
    at: Instant,
    content: WctpContent,
    saidIn: EventId | null,
  ): Promise<void> {
    const sealed = 'text' in content ? await this.#seal(account, at, content.text.reveal()) : null;
    this.#pipeline.send(
      prepared(
        `INSERT INTO wardroom.wctp_responses (ticket_id, service, state, kind, error_code, what, at, text_key_id, text_nonce, text_ciphertext, said_in)
         SELECT $1, service, CASE WHEN tracking_number IS NULL THEN 'pending' ELSE 'kept' END, $2, $3::smallint, $4,
                to_timestamp($5::bigint / 1000.0), $6, $7::bytea, $8::bytea, $9
           FROM wardroom.wctp_tickets WHERE ticket_id = $1
         ON CONFLICT (ticket_id, kind) WHERE kind IN ('QUEUED', 'DELIVERED', 'READ') DO NOTHING`,
        [
          id,
          kindOf(content),
          content.kind === 'failure' ? content.errorCode : null,
          content.kind === 'failure' ? content.what : null,
          at,
          ...partsOf(sealed),
          saidIn,
        ],
      ),
    );
  }

  async saveTried(sequenceNo: number, outcome: 'sent' | 'retry' | 'parked', pauseMs: number): Promise<void> {
    this.#pipeline.send(
      prepared(
        `UPDATE wardroom.wctp_responses
            SET state = $2, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, now()),
                next_try_at = now() + $3::int * interval '1 millisecond'
          WHERE sequence_no = $1 AND state = 'pending'`,
        [sequenceNo, outcome === 'retry' ? 'pending' : outcome, pauseMs],
      ),
    );
  }

  async confirm(
    service: ServiceId,
    responsesTo: string,
    received: readonly { readonly sequenceNo: number; readonly ok: boolean }[],
  ): ReturnType<WctpWrite['confirm']> {
    const { rows } = await this.run<{ ticketId: TicketId; account: AccountId; ok: boolean }>(
      `UPDATE wardroom.wctp_responses r SET state = CASE WHEN c.ok THEN 'sent' ELSE 'parked' END
         FROM unnest($3::bigint[], $4::boolean[]) AS c (sequence_no, ok), wardroom.wctp_tickets t
        WHERE r.sequence_no = c.sequence_no AND r.state = 'pending' AND t.ticket_id = r.ticket_id
          AND r.service = $1 AND t.responses_to = $2
        RETURNING r.ticket_id AS "ticketId", t.account, c.ok`,
      [service, responsesTo, received.map((one) => one.sequenceNo), received.map((one) => one.ok)],
    );
    return rows;
  }

  async parkUnfetched(pushedTo: readonly ServiceId[], olderThanMs: number): ReturnType<WctpWrite['parkUnfetched']> {
    const { rows } = await this.run<{ service: ServiceId; count: number }>(
      `WITH parked AS (
         UPDATE wardroom.wctp_responses SET state = 'parked'
          WHERE state = 'pending' AND service <> ALL ($1::text[]) AND next_try_at < now() - $2::bigint * interval '1 millisecond'
          RETURNING service)
       SELECT service, count(*)::int AS count FROM parked GROUP BY service`,
      [pushedTo, olderThanMs],
    );
    return rows;
  }

  /** Under the key of the ticket's own text. */
  #seal(account: AccountId, at: Instant, text: string): Promise<SealedText> {
    return this.sealer.seal(this.db, `account:${account}`, 'ticket', at, Buffer.from(text, 'utf8'));
  }
}

function kindOf(content: WctpContent): ResponseRow['kind'] {
  switch (content.kind) {
    case 'notification':
      return content.type;
    case 'reply':
      return content.isChoice ? 'choice' : 'reply';
    case 'message':
      return content.isPressing ? 'todo' : 'message';
    case 'failure':
      return 'failure';
  }
}

const partsOf = (sealed: SealedText | null): readonly unknown[] => [
  sealed?.keyId ?? null,
  sealed?.nonce ?? null,
  sealed?.ciphertext ?? null,
];
