import type { QueryResult, QueryResultRow } from 'pg';
import type { AccountRoom, Message, Postable, Reads, Report, TimelineRow } from '../flows/ports.ts';
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, MessageId, RoomId, ServiceId, TicketId, UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { Ticket, TicketState, Urgency } from '../tickets/ticket.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import { type MessageRow, messageOf, type ReportRow, reportOf } from './rows.ts';
import type { Sealer } from './sealer.ts';

export const OPEN = `state NOT IN ('acknowledged', 'closed', 'reported')`;

/** When more is owed than is taken at once, a STAT must not wait for the ROUTINE before it. */
const URGENT_FIRST = `array_position(ARRAY['stat', 'urgent', 'routine', 'fyi'], t.urgency)`;

/** Empty where the text was destroyed. */
interface TextRow {
  text_key_id: string | null;
  text_nonce: Buffer | null;
  text_ciphertext: Buffer | null;
}

/** What is kept in tables of its own, each with a class. */
export type OtherTables =
  | 'administrators'
  | 'agreements'
  | 'breakGlass'
  | 'commands'
  | 'consent'
  | 'holds'
  | 'incidents'
  | 'keptRooms'
  | 'oncall'
  | 'policies'
  | 'retention'
  | 'reviews'
  | 'roles'
  | 'reminders'
  | 'templates'
  | 'texts'
  | 'training'
  | 'watchedDevices'
  | 'wctp';

/** The ticket tables, for reading. */
export class TicketReads implements Omit<Reads, OtherTables> {
  protected readonly db: Queryable;
  protected readonly sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.db = db;
    this.sealer = sealer;
  }

  async ticket(id: TicketId): Promise<Ticket | null> {
    return this.oneTicket('SELECT life FROM wardroom.tickets WHERE ticket_id = $1', [id]);
  }

  /** Health information: opened only to be encrypted for a room. */
  protected async openText(row: TextRow): Promise<Phi<Record<string, unknown>>> {
    const { text_key_id: keyId, text_nonce: nonce, text_ciphertext: ciphertext } = row;
    if (keyId === null || nonce === null || ciphertext === null) throw new Error('ticket-text-erased');
    const sealed = { keyId, nonce, ciphertext };
    return new Phi(JSON.parse((await this.sealer.open(this.db, sealed)).toString('utf8')) as Record<string, unknown>);
  }

  /** Health information, too. */
  protected async openWords(row: MessageRow): Promise<Phi<string> | null> {
    const { words_key_id: keyId, words_nonce: nonce, words_ciphertext: ciphertext } = row;
    if (!keyId || !nonce || !ciphertext) return null;
    return new Phi((await this.sealer.open(this.db, { keyId, nonce, ciphertext })).toString('utf8'));
  }

  async timeline(id: TicketId): Promise<readonly TimelineRow[]> {
    const { rows } = await this.run<TimelineRow>(
      'SELECT at, event, step, who, late, code FROM wardroom.timeline WHERE ticket_id = $1 ORDER BY seq',
      [id],
    );
    return rows;
  }

  async ticketsOf(
    service: ServiceId,
    state: 'open' | TicketState | null,
    cursor: string | null,
    limit: number,
  ): Promise<readonly Ticket[]> {
    const { rows } = await this.run<{ life: Ticket }>(
      `SELECT life FROM wardroom.tickets
        WHERE service = $1 AND ($2::text IS NULL OR CASE WHEN $2 = 'open' THEN ${OPEN} ELSE state = $2 END)
          AND ($3::text IS NULL OR (accepted_at, ticket_id) >
               (SELECT accepted_at, ticket_id FROM wardroom.tickets WHERE ticket_id = $3 AND service = $1))
        ORDER BY accepted_at, ticket_id LIMIT $4`,
      [service, state, cursor, limit],
    );
    return rows.map((row) => row.life);
  }

  async openTickets(account: AccountId | null, limit: number): ReturnType<Reads['openTickets']> {
    const { rows } = await this.run<{ life: Ticket; total: number }>(
      `SELECT life, count(*) OVER ()::int AS total FROM wardroom.tickets t
        WHERE t.${OPEN} AND ($1::text IS NULL OR account = $1) AND NOT life ? 'test'
        ORDER BY ${URGENT_FIRST}, accepted_at, ticket_id LIMIT $2`,
      [account, limit],
    );
    return { tickets: rows.map((row) => row.life), total: rows[0]?.total ?? 0 };
  }

  async ticketsNamed(externalId: string, limit: number): Promise<readonly Ticket[]> {
    return this.tickets(
      'SELECT life FROM wardroom.tickets WHERE external_id = $1 ORDER BY accepted_at DESC, ticket_id LIMIT $2',
      [externalId, limit],
    );
  }

  async roomsInUse(): Promise<readonly RoomId[]> {
    const { rows } = await this.run<{ room_id: RoomId }>(
      `SELECT room_id FROM wardroom.tickets WHERE room_id IS NOT NULL AND ${OPEN}
       UNION SELECT m.room_id FROM wardroom.messages m JOIN wardroom.tickets t USING (ticket_id)
              WHERE m.audience IS NOT NULL AND m.room_id IS NOT NULL AND t.${OPEN}`,
      [],
    );
    return rows.map((row) => row.room_id);
  }

  async openTicketsIn(room: RoomId): Promise<readonly Ticket[]> {
    return this.tickets(
      `SELECT life FROM wardroom.tickets
        WHERE (room_id = $1
               OR ticket_id IN (SELECT ticket_id FROM wardroom.messages WHERE room_id = $1 AND audience IS NOT NULL AND state = 'sent'))
          AND life->>'joins' IS NULL AND ${OPEN} ORDER BY accepted_at`,
      [room],
    );
  }

  async openTicketsDue(user: UserId): Promise<readonly Ticket[]> {
    return this.tickets(`SELECT life FROM wardroom.tickets WHERE ${OPEN} AND life->'due' ? $1 ORDER BY accepted_at`, [
      user,
    ]);
  }

  async heldTickets(user: UserId, since: Instant): Promise<readonly Ticket[]> {
    return this.tickets(
      `SELECT life FROM wardroom.tickets
        WHERE state = 'acknowledged' AND life->>'joins' IS NULL AND life->'acknowledgements' @> jsonb_build_array(jsonb_build_object('by', $1::text))
          AND accepted_at >= to_timestamp($2::bigint / 1000.0) ORDER BY accepted_at`,
      [user, since],
    );
  }

  async peopleAtWork(account: AccountId, since: Instant): Promise<readonly UserId[]> {
    const { rows } = await this.run<{ user: UserId }>(
      `SELECT DISTINCT people."user" FROM wardroom.tickets t
         CROSS JOIN LATERAL (
           SELECT jsonb_array_elements_text(life->'alerted') AS "user" WHERE t.${OPEN}
           UNION ALL
           SELECT jsonb_array_elements(life->'acknowledgements')->>'by'
            WHERE t.state = 'acknowledged' AND t.accepted_at >= to_timestamp($2::bigint / 1000.0)) people
        WHERE t.account = $1 AND (t.${OPEN} OR t.state = 'acknowledged')`,
      [account, since],
    );
    return rows.map(({ user }) => user);
  }

  async openTicketsOf(account: AccountId): Promise<readonly TicketId[]> {
    const { rows } = await this.run<{ id: TicketId }>(
      `SELECT ticket_id AS id FROM wardroom.tickets WHERE account = $1 AND ${OPEN} ORDER BY accepted_at`,
      [account],
    );
    return rows.map((row) => row.id);
  }

  async ticketOfEvent(event: EventId): Promise<TicketId | null> {
    // What is said to a repeat call is said to the ticket that it joined.
    const { rows } = await this.run<{ id: TicketId }>(
      `SELECT coalesce(t.life->>'joins', e.ticket_id) AS id FROM wardroom.ticket_events e JOIN wardroom.tickets t USING (ticket_id)
        WHERE event_id = $1`,
      [event],
    );
    return rows[0]?.id ?? null;
  }

  async eventKind(event: EventId): ReturnType<Reads['eventKind']> {
    const { rows } = await this.run<{ ticketId: TicketId; kind: 'message' | 'reply' | 'acknowledgement' }>(
      'SELECT ticket_id AS "ticketId", kind FROM wardroom.ticket_events WHERE event_id = $1',
      [event],
    );
    return rows[0] ?? null;
  }

  async dueTickets(now: Instant, limit: number): Promise<readonly TicketId[]> {
    const { rows } = await this.run<{ ticket_id: TicketId }>(
      'SELECT ticket_id FROM wardroom.tickets WHERE next_step_at <= to_timestamp($1::bigint / 1000.0) ORDER BY next_step_at LIMIT $2',
      [now, limit],
    );
    return rows.map((row) => row.ticket_id);
  }

  async dueSummaries(now: Instant, limit: number): Promise<readonly TicketId[]> {
    const { rows } = await this.run<{ ticket_id: TicketId }>(
      'SELECT ticket_id FROM wardroom.tickets WHERE report_at <= to_timestamp($1::bigint / 1000.0) ORDER BY report_at LIMIT $2',
      [now, limit],
    );
    return rows.map((row) => row.ticket_id);
  }

  async isReportDue(alias: string, now: Instant): Promise<boolean> {
    const { rows } = await this.run<{ found: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM wardroom.tickets WHERE next_step_at <= to_timestamp($2::bigint / 1000.0)
                         AND EXISTS (SELECT 1 FROM jsonb_array_elements(life->'plan') WITH ORDINALITY AS plan (step, place)
                                      WHERE place > (life->>'done')::integer AND step->>'to' = $1
                                        AND (step->>'dueAt')::bigint <= $2::bigint))
           OR EXISTS (SELECT 1 FROM wardroom.tickets WHERE report_at <= to_timestamp($2::bigint / 1000.0)
                         AND life->'summary'->>'to' = $1) AS found`,
      [alias, now],
    );
    return rows[0]?.found ?? false;
  }

  async queuedReports(alias: string, limit: number): Promise<readonly MessageId[]> {
    const { rows } = await this.run<{ id: MessageId }>(
      `SELECT message_id AS id FROM wardroom.messages WHERE kind = 'report' AND state = 'queued' AND report_to = $1
        ORDER BY seq LIMIT $2`,
      [alias, limit],
    );
    return rows.map((row) => row.id);
  }

  async bundledWith(id: MessageId): Promise<readonly Message[]> {
    const { rows } = await this.run<MessageRow>('SELECT * FROM wardroom.messages WHERE bundled_in = $1 ORDER BY seq', [
      id,
    ]);
    return rows.map(messageOf);
  }

  async delayedTickets(before: Instant, urgencies: readonly Urgency[], limit: number): Promise<readonly TicketId[]> {
    const { rows } = await this.run<{ id: TicketId }>(
      `SELECT ticket_id AS id FROM wardroom.messages m JOIN wardroom.tickets t USING (ticket_id)
        WHERE m.state IN ('queued', 'encrypted') AND m.kind = 'ticket' AND queued_at <= to_timestamp($1::bigint / 1000.0)
          AND t.urgency = ANY ($2::text[]) AND t.life->>'delayed' = 'false' AND t.${OPEN}
        ORDER BY queued_at LIMIT $3`,
      [before, urgencies, limit],
    );
    return rows.map((row) => row.id);
  }

  async oldestUnsent(): Promise<Instant | null> {
    const { rows } = await this.run<{ at: Instant }>(
      `SELECT queued_at AS at FROM wardroom.messages WHERE state IN ('queued', 'encrypted') ORDER BY queued_at LIMIT 1`,
    );
    return rows[0]?.at ?? null;
  }

  async message(id: MessageId): Promise<Message | null> {
    const { rows } = await this.run<MessageRow>('SELECT * FROM wardroom.messages WHERE message_id = $1', [id]);
    return rows[0] ? messageOf(rows[0]) : null;
  }

  async postable(id: MessageId): Promise<Postable | null> {
    const { rows } = await this.run<MessageRow & TextRow & { life: Ticket }>(
      `SELECT m.*, t.life, t.text_key_id, t.text_nonce, t.text_ciphertext
         FROM wardroom.messages m JOIN wardroom.tickets t USING (ticket_id) WHERE message_id = $1`,
      [id],
    );
    const row = rows[0];
    if (!row) return null;
    return {
      message: messageOf(row),
      ticket: row.life,
      isErased: row.text_key_id === null,
      text: () => this.openText(row),
      words: () => this.openWords(row),
    };
  }

  async countMessages(id: TicketId): Promise<number> {
    const { rows } = await this.run<{ count: number }>(
      'SELECT count(*) AS count FROM wardroom.messages WHERE ticket_id = $1',
      [id],
    );
    return rows[0]?.count ?? 0;
  }

  async messagesOf(id: TicketId): Promise<readonly Message[]> {
    const { rows } = await this.run<MessageRow>('SELECT * FROM wardroom.messages WHERE ticket_id = $1 ORDER BY seq', [
      id,
    ]);
    return rows.map(messageOf);
  }

  async hasUnrecordedMessage(room: RoomId): Promise<boolean> {
    const { rows } = await this.run<{ found: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM wardroom.messages WHERE room_id = $1 AND state = 'encrypted') AS found`,
      [room],
    );
    return rows[0]?.found ?? false;
  }

  async firstUnsent(id: TicketId, audience: UserId | null): Promise<MessageId | null> {
    const { rows } = await this.run<{ id: MessageId }>(
      `SELECT message_id AS id FROM wardroom.messages WHERE ticket_id = $1 AND state IN ('queued', 'encrypted')
        AND kind <> 'report' AND audience IS NOT DISTINCT FROM $2 ORDER BY seq LIMIT 1`,
      [id, audience],
    );
    return rows[0]?.id ?? null;
  }

  async owed(): ReturnType<Reads['owed']> {
    const { rows } = await this.run<{ urgency: Urgency; count: number }>(
      `SELECT t.urgency, count(*)::int AS count FROM wardroom.messages m JOIN wardroom.tickets t USING (ticket_id)
        WHERE m.state IN ('queued', 'encrypted') GROUP BY t.urgency`,
      [],
    );
    return new Map(rows.map(({ urgency, count }) => [urgency, count]));
  }

  async staleMessages(before: Instant, now: Instant, limit: number): ReturnType<Reads['staleMessages']> {
    const { rows } = await this.run<{ id: MessageId; urgency: Urgency }>(
      `SELECT message_id AS id, t.urgency FROM wardroom.messages m JOIN wardroom.tickets t USING (ticket_id)
        WHERE m.state IN ('queued', 'encrypted')
          AND (queued_at <= to_timestamp($1::bigint / 1000.0) OR queued_at > to_timestamp($3::bigint / 1000.0))
          AND NOT EXISTS (SELECT 1 FROM graphile_worker.jobs j WHERE j.key = 'post:' || m.message_id AND j.run_at > now())
        ORDER BY ${URGENT_FIRST}, queued_at LIMIT $2`,
      [before, limit, now],
    );
    return rows;
  }

  async unsentMessages(limit: number): ReturnType<Reads['unsentMessages']> {
    const { rows } = await this.run<{ id: MessageId; urgency: Urgency }>(
      `SELECT message_id AS id, t.urgency FROM wardroom.messages m JOIN wardroom.tickets t USING (ticket_id)
        WHERE m.state IN ('queued', 'encrypted') ORDER BY ${URGENT_FIRST}, queued_at LIMIT $1`,
      [limit],
    );
    return rows;
  }

  async staleReports(before: Instant, now: Instant, limit: number): ReturnType<Reads['staleReports']> {
    const { rows } = await this.run<{ id: TicketId; urgency: Urgency }>(
      `SELECT DISTINCT ticket_id AS id, t.urgency FROM wardroom.reports r JOIN wardroom.tickets t USING (ticket_id)
        WHERE r.state = 'pending'
          AND (at <= to_timestamp($1::bigint / 1000.0) OR at > to_timestamp($3::bigint / 1000.0))
          AND NOT EXISTS (SELECT 1 FROM graphile_worker.jobs j WHERE j.key = 'report:' || r.ticket_id AND j.run_at > now())
        LIMIT $2`,
      [before, limit, now],
    );
    return rows;
  }

  async wordsSaid(id: TicketId): ReturnType<Reads['wordsSaid']> {
    const { rows } = await this.run<MessageRow>(
      'SELECT * FROM wardroom.messages WHERE ticket_id = $1 AND words_key_id IS NOT NULL AND repeat = 1 ORDER BY seq',
      [id],
    );
    const said = [];
    for (const row of rows) {
      const words = await this.openWords(row);
      if (words) said.push({ words, of: row.words_of });
    }
    return said;
  }

  async nextReport(id: TicketId): Promise<Report | null> {
    const { rows } = await this.run<ReportRow>(
      `SELECT * FROM wardroom.reports WHERE ticket_id = $1 AND state = 'pending' ORDER BY sequence LIMIT 1`,
      [id],
    );
    return rows[0] ? reportOf(rows[0], this.db, this.sealer) : null;
  }

  async accountRoom(account: AccountId): Promise<AccountRoom | null> {
    const { rows } = await this.run<AccountRoom>(
      'SELECT account, room_id AS "roomId" FROM wardroom.account_rooms WHERE account = $1',
      [account],
    );
    return rows[0] ?? null;
  }

  async personalRoom(account: AccountId, user: UserId): Promise<RoomId | null> {
    const { rows } = await this.run<{ room: RoomId }>(
      'SELECT room_id AS room FROM wardroom.personal_rooms WHERE account = $1 AND user_id = $2',
      [account, user],
    );
    return rows[0]?.room ?? null;
  }

  async accountOfRoom(room: RoomId): Promise<AccountId | null> {
    const { rows } = await this.run<{ account: AccountId }>(
      `SELECT account FROM wardroom.account_rooms WHERE room_id = $1
       UNION ALL SELECT account FROM wardroom.personal_rooms WHERE room_id = $1`,
      [room],
    );
    return rows[0]?.account ?? null;
  }

  /** Every statement of these tables is prepared: parsed and planned once per connection. */
  protected run<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<QueryResult<Row>> {
    return this.db.query<Row>(prepared(text, values));
  }

  protected async oneTicket(sql: string, values: unknown[]): Promise<Ticket | null> {
    return (await this.tickets(sql, values))[0] ?? null;
  }

  private async tickets(sql: string, values: unknown[]): Promise<readonly Ticket[]> {
    const { rows } = await this.run<{ life: Ticket }>(sql, values);
    return rows.map((row) => row.life);
  }
}
