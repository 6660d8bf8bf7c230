import { randomUUID } from 'node:crypto';
import type { AccountRoom, Message, Report, TimelineRow, Tx } from '../flows/ports.ts';
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, ServiceId, TicketId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { Ticket } from '../tickets/ticket.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';
import type { Sealer } from './sealer.ts';
import { TicketReads } from './ticketReads.ts';

/** Scope of a ticket's content key: its account; the class of what it seals. */
const scopeOf = (account: AccountId) => `account:${account}`;
const TEXT_CLASS = 'ticket';

/**
 * The ticket tables inside one transaction of `Store.change`. Writes and locks leave at once without waiting for their answers;
 * a failure among them comes out of the commit. What is read afterwards sees them.
 */
export class TicketWrites extends TicketReads implements Tx {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline, sealer: Sealer) {
    super(pipeline, sealer);
    this.#pipeline = pipeline;
  }

  private write(text: string, values: unknown[]): void {
    this.#pipeline.send(prepared(text, values));
  }

  async lock(key: string): Promise<void> {
    this.write('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
  }

  async ticketForUpdate(id: TicketId): Promise<Ticket | null> {
    return this.oneTicket('SELECT life FROM wardroom.tickets WHERE ticket_id = $1 FOR UPDATE', [id]);
  }

  async sameId(service: ServiceId, externalId: string, since: Instant): ReturnType<Tx['sameId']> {
    const { rows } = await this.run<{ ticketId: TicketId; fingerprint: string }>(
      `SELECT ticket_id AS "ticketId", fingerprint FROM wardroom.tickets
        WHERE service = $1 AND external_id = $2 AND accepted_at >= to_timestamp($3::bigint / 1000.0) ORDER BY accepted_at`,
      [service, externalId, since],
    );
    return rows;
  }

  async freeToken(account: AccountId): Promise<string> {
    const { rows } = await this.run<{ token: number }>(
      `WITH taken AS (SELECT token::bigint AS n FROM wardroom.tickets
                       WHERE account = $1 AND state NOT IN ('acknowledged', 'closed', 'reported'))
       SELECT min(free) AS token FROM (SELECT 1::bigint AS free UNION ALL SELECT n + 1 FROM taken) AS candidate
        WHERE free NOT IN (SELECT n FROM taken)`,
      [account],
    );
    return String(rows[0]?.token ?? 1);
  }

  async insertTicket(ticket: Ticket, text: Phi<Record<string, unknown>>, fingerprint: string): Promise<void> {
    const plain = Buffer.from(JSON.stringify(text.reveal()), 'utf8');
    const sealed = await this.sealer.seal(this.db, scopeOf(ticket.account), TEXT_CLASS, ticket.acceptedAt, plain);
    this.write(
      `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, next_step_at,
         room_id, root_event_id, life, text_key_id, text_nonce, text_ciphertext)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::bigint / 1000.0), to_timestamp($10::bigint / 1000.0), $11, $12, $13, $14, $15, $16)`,
      [
        ticket.ticketId,
        ticket.service,
        ticket.account,
        ticket.externalId,
        fingerprint,
        ticket.urgency,
        ticket.state,
        ticket.token,
        ticket.acceptedAt,
        ticket.nextStepAt,
        ticket.roomId,
        ticket.rootEventId,
        ticket,
        sealed.keyId,
        sealed.nonce,
        sealed.ciphertext,
      ],
    );
  }

  async saveTicket(ticket: Ticket): Promise<void> {
    this.write(
      `UPDATE wardroom.tickets SET state = $2, next_step_at = to_timestamp($3::bigint / 1000.0), room_id = $4, root_event_id = $5, life = $6
        WHERE ticket_id = $1`,
      [ticket.ticketId, ticket.state, ticket.nextStepAt, ticket.roomId, ticket.rootEventId, ticket],
    );
  }

  async insertTimeline(id: TicketId, row: TimelineRow): Promise<void> {
    this.write(
      `INSERT INTO wardroom.timeline (ticket_id, at, event, step, who, late, code) VALUES ($1, to_timestamp($2::bigint / 1000.0), $3, $4, $5, $6, $7)`,
      [id, row.at, row.event, row.step, row.who, row.late, row.code],
    );
  }

  async insertMessage(message: Message): Promise<void> {
    this.write(
      `INSERT INTO wardroom.messages (message_id, ticket_id, kind, step, repeat, mention, due, notice, in_reply_to, state, txn_id, queued_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, to_timestamp($12::bigint / 1000.0))`,
      [
        message.messageId,
        message.ticketId,
        message.kind,
        message.step,
        message.repeat,
        JSON.stringify(message.mention),
        JSON.stringify(message.due),
        message.notice,
        message.inReplyTo,
        message.state,
        message.txnId,
        message.queuedAt,
      ],
    );
  }

  async saveMessage(message: Message): Promise<void> {
    this.write(
      `UPDATE wardroom.messages SET state = $2, voice = $3, room_id = $4, ciphertext = $5, session_id = $6, readers = $7, event_id = $8
        WHERE message_id = $1`,
      [
        message.messageId,
        message.state,
        message.voice,
        message.roomId,
        message.ciphertext,
        message.sessionId,
        message.readers,
        message.eventId,
      ],
    );
  }

  async saveEncrypted(message: Message): Promise<boolean> {
    const { rowCount } = await this.run(
      `UPDATE wardroom.messages SET state = 'encrypted', voice = $2, room_id = $3, ciphertext = $4, session_id = $5, readers = $6
        WHERE message_id = $1 AND state = 'queued'`,
      [message.messageId, message.voice, message.roomId, message.ciphertext, message.sessionId, message.readers],
    );
    return rowCount === 1;
  }

  async insertReport(report: Omit<Report, 'sequence' | 'eventId' | 'attempts' | 'firstTriedAt'>): Promise<void> {
    const ticket = await this.ticket(report.ticketId);
    const sealed =
      report.text && ticket
        ? await this.sealer.seal(
            this.db,
            scopeOf(ticket.account),
            TEXT_CLASS,
            report.at,
            Buffer.from(report.text.reveal(), 'utf8'),
          )
        : null;
    this.write(
      `INSERT INTO wardroom.reports (ticket_id, sequence, event_id, status, at, step, by, strength, text_key_id, text_nonce, text_ciphertext)
       SELECT $1, coalesce(max(sequence), 0) + 1, $2, $3, to_timestamp($4::bigint / 1000.0), $5::integer, $6, $7, $8, $9::bytea, $10::bytea
         FROM wardroom.reports WHERE ticket_id = $1`,
      [
        report.ticketId,
        `evt_${randomUUID()}`,
        report.status,
        report.at,
        report.step,
        report.by,
        report.strength,
        sealed?.keyId ?? null,
        sealed?.nonce ?? null,
        sealed?.ciphertext ?? null,
      ],
    );
  }

  async saveReportTried(report: Report, outcome: 'sent' | 'retry' | 'parked' | 'dropped', at: Instant): Promise<void> {
    this.write(
      `UPDATE wardroom.reports SET state = $3, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, to_timestamp($4::bigint / 1000.0))
        WHERE ticket_id = $1 AND sequence = $2 AND state = 'pending'`,
      [report.ticketId, report.sequence, outcome === 'retry' ? 'pending' : outcome, at],
    );
  }

  async linkEvent(event: EventId, id: TicketId, kind: 'message' | 'reply' | 'acknowledgement'): Promise<void> {
    this.write(
      'INSERT INTO wardroom.ticket_events (event_id, ticket_id, kind) VALUES ($1, $2, $3) ON CONFLICT (event_id) DO NOTHING',
      [event, id, kind],
    );
  }

  async insertAccountRoom(room: AccountRoom): Promise<void> {
    this.write(
      'INSERT INTO wardroom.account_rooms (account, room_id) VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET room_id = $2',
      [room.account, room.roomId],
    );
  }
}
