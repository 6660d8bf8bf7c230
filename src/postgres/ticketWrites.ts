import { randomUUID } from 'node:crypto';
import type { AccountRoom, Message, Report, TimelineRow, Tx } from '../flows/ports.ts';
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, MessageId, RoomId, ServiceId, TicketId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { Ticket } from '../tickets/ticket.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';
import type { Sealer } from './sealer.ts';
import { OPEN, type OtherTables, TicketReads } from './ticketReads.ts';

/** Scope of a ticket's content key: its account; the class of what it seals. */
const scopeOf = (account: AccountId) => `account:${account}`;
const TEXT_CLASS = 'ticket';
/** Numbers for tickets are made so many at a time. */
const TOKEN_BLOCK = 32;

/**
 * The ticket tables inside one transaction of `Store.change`. Writes and locks leave at once without waiting for their answers;
 * a failure among them comes out of the commit. What is read afterwards sees them.
 */
export class TicketWrites extends TicketReads implements Omit<Tx, OtherTables | 'confirmations'> {
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
    // `|| ''`: while the table is small any index looks as good, and the plan stays when it has grown.
    const { rows } = await this.run<{ ticketId: TicketId; fingerprint: string }>(
      `SELECT ticket_id AS "ticketId", fingerprint FROM wardroom.tickets
        WHERE external_id = $2 AND service || '' = $1 AND accepted_at >= to_timestamp($3::bigint / 1000.0)`,
      [service, externalId, since],
    );
    return rows;
  }

  async openTicketNamed(service: ServiceId, account: AccountId, externalId: string): Promise<Ticket | null> {
    return this.oneTicket(
      `SELECT life FROM wardroom.tickets WHERE external_id = $3 AND service = $1 AND account = $2 AND ${OPEN}
        ORDER BY accepted_at DESC LIMIT 1`,
      [service, account, externalId],
    );
  }

  async takeToken(account: AccountId): Promise<string> {
    const free = await this.takeFreeToken(account);
    if (free !== null) return String(free);
    // Who waited for another's new block finds it now.
    await this.lock(`tokens:${account}`);
    return String((await this.takeFreeToken(account)) ?? (await this.makeTokens(account)));
  }

  private async takeFreeToken(account: AccountId): Promise<number | null> {
    const { rows } = await this.run<{ token: number }>(
      `DELETE FROM wardroom.free_tokens
        WHERE account = $1
          AND token = (SELECT token FROM wardroom.free_tokens WHERE account = $1 ORDER BY token LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING token`,
      [account],
    );
    return rows[0]?.token ?? null;
  }

  /** Makes a block of numbers and takes the first of them. */
  private async makeTokens(account: AccountId): Promise<number> {
    const { rows } = await this.run<{ token: number }>(
      `WITH block AS (INSERT INTO wardroom.token_blocks AS b (account, top) VALUES ($1, $2)
                      ON CONFLICT (account) DO UPDATE SET top = b.top + $2 RETURNING top),
            rest AS (INSERT INTO wardroom.free_tokens (account, token)
                     SELECT $1, token FROM block, generate_series(top - $2 + 2, top) AS token)
       SELECT top - $2 + 1 AS token FROM block`,
      [account, TOKEN_BLOCK],
    );
    const token = rows[0]?.token;
    if (token === undefined) throw new Error('no-token-made');
    return token;
  }

  async releaseToken(account: AccountId, token: string): Promise<void> {
    // Two open tickets can have one number, when an acknowledgement was withdrawn: the last one to be closed gives it back.
    void this.lock(`token:${account}:${token}`);
    this.write(
      `INSERT INTO wardroom.free_tokens (account, token) SELECT $1, $2::integer
        WHERE NOT EXISTS (SELECT 1 FROM wardroom.tickets WHERE account = $1 AND token = $2::text AND ${OPEN})
       ON CONFLICT DO NOTHING`,
      [account, token],
    );
  }

  async keepToken(account: AccountId, token: string): Promise<void> {
    this.write('DELETE FROM wardroom.free_tokens WHERE account = $1 AND token = $2::integer', [account, token]);
  }

  async insertTicket(ticket: Ticket, text: Phi<Record<string, unknown>>, fingerprint: string): Promise<void> {
    const plain = Buffer.from(JSON.stringify(text.reveal()), 'utf8');
    const sealed = await this.sealer.seal(this.db, scopeOf(ticket.account), TEXT_CLASS, ticket.acceptedAt, plain);
    this.write(
      `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, next_step_at,
         room_id, root_event_id, life, text_key_id, text_nonce, text_ciphertext, report_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::bigint / 1000.0), to_timestamp($10::bigint / 1000.0), $11, $12, $13, $14, $15, $16,
         to_timestamp($17::bigint / 1000.0))`,
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
        ticket.summary?.dueAt ?? null,
      ],
    );
  }

  async saveTicket(ticket: Ticket): Promise<void> {
    this.write(
      `UPDATE wardroom.tickets SET state = $2, next_step_at = to_timestamp($3::bigint / 1000.0), room_id = $4, root_event_id = $5, life = $6,
         report_at = to_timestamp($7::bigint / 1000.0)
        WHERE ticket_id = $1`,
      [
        ticket.ticketId,
        ticket.state,
        ticket.nextStepAt,
        ticket.roomId,
        ticket.rootEventId,
        ticket,
        ticket.summary?.dueAt ?? null,
      ],
    );
  }

  async insertTimeline(id: TicketId, rows: readonly TimelineRow[]): Promise<void> {
    this.write(
      `INSERT INTO wardroom.timeline (ticket_id, at, event, step, who, late, code)
       SELECT $1, to_timestamp(at / 1000.0), event, step, who, late, code
         FROM unnest($2::bigint[], $3::text[], $4::integer[], $5::text[], $6::boolean[], $7::text[])
              WITH ORDINALITY AS row (at, event, step, who, late, code, place)
        ORDER BY place`,
      [
        id,
        ...(['at', 'event', 'step', 'who', 'late', 'code'] as const).map((column) => rows.map((row) => row[column])),
      ],
    );
  }

  async insertMessage(message: Message, words?: Phi<string>): Promise<void> {
    const sealed = words ? await this.sealWords(message, words) : null;
    this.write(
      `INSERT INTO wardroom.messages (message_id, ticket_id, kind, step, repeat, mention, due, notice, in_reply_to, state, txn_id, queued_at,
         words_of, words_key_id, words_nonce, words_ciphertext, report_to, audience)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, to_timestamp($12::bigint / 1000.0), $13, $14, $15::bytea, $16::bytea, $17, $18)`,
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
        message.wordsOf,
        sealed?.keyId ?? null,
        sealed?.nonce ?? null,
        sealed?.ciphertext ?? null,
        message.reportTo,
        message.audience,
      ],
    );
  }

  private async sealWords({ ticketId, queuedAt }: Message, words: Phi<string>) {
    const ticket = await this.ticket(ticketId);
    if (!ticket) throw new Error('words-without-ticket');
    const plain = Buffer.from(words.reveal(), 'utf8');
    return this.sealer.seal(this.db, scopeOf(ticket.account), TEXT_CLASS, queuedAt, plain);
  }

  async operatorEvent(id: TicketId, key: string, since: Instant): Promise<string | null> {
    const { rows } = await this.run<{ fingerprint: string }>(
      `SELECT fingerprint FROM wardroom.operator_events
        WHERE ticket_id = $1 AND key = $2 AND at >= to_timestamp($3::bigint / 1000.0)`,
      [id, key, since],
    );
    return rows[0]?.fingerprint ?? null;
  }

  async saveOperatorEvent(id: TicketId, key: string, fingerprint: string, at: Instant): Promise<void> {
    this.write(
      `INSERT INTO wardroom.operator_events (ticket_id, key, fingerprint, at) VALUES ($1, $2, $3, to_timestamp($4::bigint / 1000.0))
       ON CONFLICT (ticket_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at`,
      [id, key, fingerprint, at],
    );
  }

  async recordSent(message: Message, event: EventId): Promise<void> {
    this.write(
      `WITH sent AS (UPDATE wardroom.messages SET state = 'sent', event_id = $2, ciphertext = NULL WHERE message_id = $1)
       INSERT INTO wardroom.ticket_events (event_id, ticket_id, kind) VALUES ($2, $3, 'message') ON CONFLICT (event_id) DO NOTHING`,
      [message.messageId, event, message.ticketId],
    );
  }

  async recordReported(id: MessageId, event: EventId | null): Promise<void> {
    this.write(`UPDATE wardroom.messages SET state = 'sent', event_id = $2, ciphertext = NULL WHERE message_id = $1`, [
      id,
      event,
    ]);
  }

  async dropMessage(id: MessageId): Promise<void> {
    this.write(`UPDATE wardroom.messages SET state = 'failed', ciphertext = NULL WHERE message_id = $1`, [id]);
  }

  async forgetSaid(event: EventId): ReturnType<Tx['forgetSaid']> {
    const { rows } = await this.run<{ copies: number; told: number }>(
      'SELECT copies, told FROM wardroom.forget_said($1)',
      [event],
    );
    return rows[0] ?? { copies: 0, told: 0 };
  }

  async insertReport(report: Parameters<Tx['insertReport']>[0]): Promise<void> {
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
      `INSERT INTO wardroom.reports (ticket_id, sequence, event_id, status, at, step, by, strength, text_key_id, text_nonce, text_ciphertext, said_in)
       SELECT $1, coalesce(max(sequence), 0) + 1, $2, $3, to_timestamp($4::bigint / 1000.0), $5::integer, $6, $7, $8, $9::bytea, $10::bytea, $11
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
        report.saidIn,
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

  async insertPersonalRoom(account: AccountId, user: UserId, room: RoomId): Promise<void> {
    this.write(
      `INSERT INTO wardroom.personal_rooms (account, user_id, room_id) VALUES ($1, $2, $3)
       ON CONFLICT (account, user_id) DO UPDATE SET room_id = $3`,
      [account, user, room],
    );
  }

  async insertAccountRoom(room: AccountRoom): Promise<void> {
    this.write(
      'INSERT INTO wardroom.account_rooms (account, room_id) VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET room_id = $2',
      [room.account, room.roomId],
    );
  }
}
