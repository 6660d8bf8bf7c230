import type { StoredEvent } from '../flows/eraserPort.ts';
import type { GoneHow, KeptTicket, PlacedMessage, RetentionRun, RetentionWrite } from '../flows/retentionPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import type { DIRECT, RetainedRoom } from '../policy/retention/retention.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

interface MessageRow {
  readonly seq: number;
  readonly event_id: EventId;
  readonly sender: UserId;
  readonly at: Instant;
  readonly ticket_id: TicketId | null;
  readonly urgency: string | null;
  readonly handled: boolean | null;
  readonly due: readonly UserId[] | null;
}

/** What stands for the class of rooms of Wardroom and one person. */
const DIRECT_CLASS: typeof DIRECT = '(direct)';

/** A ticket that joins another one's ladder is handled when that one is. */
const HANDLED = `coalesce(j.state, t.state) IN ('acknowledged', 'closed', 'reported')`;

/**
 * A message with its ticket, by itself or by what it relates to (its thread, what it edits, what it reacts to). An edit is as old as what it
 * edits. The relation stands outside the ciphertext.
 */
const MESSAGE = `SELECT e.seq, e.event_id, e.sender, LEAST(e.received_at, o.received_at) AS at,
    t.ticket_id, t.urgency, ${HANDLED} AS handled, t.life->'due' AS due`;
const FROM = `FROM wardroom.inbox_events e
    LEFT JOIN wardroom.inbox_events o ON e.rel_type = 'm.replace' AND o.event_id = e.relates_to AND o.room_id = e.room_id
    LEFT JOIN wardroom.ticket_events own ON own.event_id = e.event_id
    LEFT JOIN wardroom.ticket_events related ON own.event_id IS NULL AND related.event_id = e.relates_to
    LEFT JOIN wardroom.tickets t ON t.ticket_id = coalesce(own.ticket_id, related.ticket_id)
    LEFT JOIN wardroom.tickets j ON j.ticket_id = t.life->>'joins'`;
const THERE = `e.state_key IS NULL AND e.gone_at IS NULL AND e.type <> 'm.room.redaction'`;

/**
 * Rooms with a class: kept ones, people's own, those of reports that are not kept by themselves, and those of Wardroom and one person: notices about
 * training, transcripts of emergency access.
 */
const roomsWhere = (filter: string): string =>
  `WITH accounts AS (SELECT subject->>'account' AS account, subject->>'class' AS class FROM wardroom.kept_rooms
                      WHERE subject->>'account' IS NOT NULL),
        rooms AS (SELECT room_id, subject->>'class' AS class, subject->>'patient' AS patient FROM wardroom.kept_rooms
                   WHERE room_id IS NOT NULL AND subject->>'kind' = 'room' AND state <> 'invited' ${filter}
                  UNION SELECT p.room_id, a.class, NULL FROM wardroom.personal_rooms p JOIN accounts a USING (account) WHERE true ${filter}
                  UNION SELECT m.room_id, min(a.class), NULL
                          FROM (SELECT room_id, ticket_id FROM wardroom.messages WHERE kind = 'report' AND room_id IS NOT NULL ${filter}) m
                          JOIN wardroom.tickets t USING (ticket_id) JOIN accounts a ON a.account = t.account
                         WHERE m.room_id NOT IN (SELECT room_id FROM wardroom.kept_rooms WHERE room_id IS NOT NULL)
                         GROUP BY m.room_id
                  UNION SELECT room_id, '${DIRECT_CLASS}', NULL
                          FROM (SELECT room_id FROM wardroom.direct_rooms
                                UNION SELECT event->>'transcriptRoom' FROM wardroom.break_glass_events WHERE event->>'type' = 'opened') d
                         WHERE true ${filter})
   SELECT r.room_id AS room, r.class, r.patient,
          coalesce((SELECT jsonb_agg(DISTINCT split_part(e.state_key, ':', 2) || coalesce(':' || nullif(split_part(e.state_key, ':', 3), ''), ''))
                      FROM wardroom.inbox_events e WHERE e.room_id = r.room_id AND e.type = 'm.room.member'), '[]') AS partners
     FROM rooms r ORDER BY r.room_id`;

/** What becomes of messages (migration 023). */
export class RetentionTable implements RetentionWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async rooms(): Promise<readonly RetainedRoom[]> {
    return this.#rows<RetainedRoom>(roomsWhere(''), []);
  }

  async room(room: RoomId): Promise<RetainedRoom | null> {
    const [found] = await this.#rows<RetainedRoom>(roomsWhere('AND room_id = $1'), [room]);
    return found ?? null;
  }

  async message(event: EventId): ReturnType<RetentionWrite['message']> {
    const [row] = await this.#rows<
      MessageRow & { room_id: RoomId; type: string; gone_how: GoneHow | null; state_key: string | null }
    >(
      `${MESSAGE}, e.room_id, e.type, CASE WHEN e.gone_at IS NOT NULL THEN e.gone_how END AS gone_how, e.state_key ${FROM} WHERE e.event_id = $1`,
      [event],
    );
    if (row === undefined) return null;
    const { room_id: room, type, gone_how: gone } = row;
    return { ...messageOf(row), room, type, gone, isState: row.state_key !== null };
  }

  async expired(room: RoomId, olderThan: Instant, after: number, limit: number): Promise<readonly PlacedMessage[]> {
    const rows = await this.#rows<MessageRow>(
      `${MESSAGE} ${FROM}
        WHERE e.room_id = $1 AND ${THERE} AND e.gone_how IS NULL AND e.seq > $3
          AND LEAST(e.received_at, o.received_at) < to_timestamp($2::bigint / 1000.0)
        ORDER BY e.seq LIMIT $4`,
      [room, olderThan, after, limit],
    );
    return rows.map(messageOf);
  }

  async firstStaying(room: RoomId): Promise<Pick<PlacedMessage, 'seq' | 'event'> | null> {
    const [row] = await this.#rows<{ seq: number; event: EventId }>(
      `SELECT seq, event_id AS event FROM wardroom.inbox_events e WHERE room_id = $1 AND ${THERE} AND gone_how IS NULL ORDER BY seq LIMIT 1`,
      [room],
    );
    return row ?? null;
  }

  async going(room: RoomId, after: number, limit: number): Promise<readonly Pick<PlacedMessage, 'seq' | 'event'>[]> {
    return this.#rows<{ seq: number; event: EventId }>(
      `SELECT seq, event_id AS event FROM wardroom.inbox_events
        WHERE room_id = $1 AND gone_how = 'redacted' AND gone_at IS NULL AND seq > $2 ORDER BY seq LIMIT $3`,
      [room, after, limit],
    );
  }

  async standing(events: readonly EventId[]): ReturnType<RetentionWrite['standing']> {
    const rows = await this.#rows<{ event: EventId; stands: 'stays' | 'goes' | 'nothing' }>(
      `SELECT event_id AS event, CASE WHEN gone_at IS NOT NULL OR state_key IS NOT NULL OR type = 'm.room.redaction' THEN 'nothing'
                   WHEN gone_how IS NOT NULL THEN 'goes' ELSE 'stays' END AS stands
         FROM wardroom.inbox_events WHERE event_id = ANY ($1)`,
      [events],
    );
    return new Map(rows.map(({ event, stands }) => [event, stands]));
  }

  async hasUnreadStat(events: readonly EventId[]): Promise<boolean> {
    const [row] = await this.#rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT 1 ${FROM} WHERE e.event_id = ANY ($1) AND t.urgency = 'stat' AND NOT ${HANDLED}) AS found`,
      [events],
    );
    return row?.found ?? false;
  }

  async isIndexed(room: RoomId): Promise<boolean> {
    const [row] = await this.#rows<{ indexed: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM wardroom.retention_rooms WHERE room_id = $1) AS indexed`,
      [room],
    );
    return row?.indexed ?? false;
  }

  async editsOf(event: EventId): Promise<readonly EventId[]> {
    const rows = await this.#rows<{ event: EventId }>(
      `SELECT e.event_id AS event FROM wardroom.inbox_events e JOIN wardroom.inbox_events o ON o.event_id = e.relates_to
        WHERE e.relates_to = $1 AND e.rel_type = 'm.replace' AND e.room_id = o.room_id AND e.sender = o.sender AND e.gone_at IS NULL`,
      [event],
    );
    return rows.map((row) => row.event);
  }

  async seenBy(event: EventId): Promise<readonly UserId[]> {
    const rows = await this.#rows<{ user: UserId }>(
      `SELECT DISTINCT r.user_id AS user FROM wardroom.inbox_events e JOIN wardroom.inbox_receipts r ON r.room_id = e.room_id
        WHERE e.event_id = $1 AND r.seq >= e.seq
          AND (r.thread = '' OR r.thread = CASE WHEN e.rel_type = 'm.thread' THEN e.relates_to ELSE 'main' END) ORDER BY 1`,
      [event],
    );
    return rows.map(({ user }) => user);
  }

  async recallsOwed(after: number, limit: number): ReturnType<RetentionWrite['recallsOwed']> {
    return this.#rows(
      `SELECT seq, event_id AS event, room_id AS room FROM wardroom.inbox_events
        WHERE gone_how = 'recalled' AND gone_at IS NULL AND seq > $1
       UNION SELECT e.seq, e.event_id, e.room_id FROM wardroom.inbox_events o JOIN wardroom.inbox_events e ON e.relates_to = o.event_id
        WHERE o.gone_how = 'recalled' AND e.rel_type = 'm.replace' AND e.sender = o.sender AND e.gone_at IS NULL AND e.seq > $1
       ORDER BY seq LIMIT $2`,
      [after, limit],
    );
  }

  async unusedMedia(after: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#rows<{ mxc: string }>(
      `SELECT mxc FROM wardroom.event_media m LEFT JOIN wardroom.inbox_events e USING (event_id)
        WHERE mxc > $1 AND mxc IN (SELECT mxc FROM wardroom.event_media WHERE deleted_at IS NULL)
        GROUP BY mxc HAVING bool_and(e.gone_at IS NOT NULL) ORDER BY mxc LIMIT $2`,
      [after, limit],
    );
    return rows.map(({ mxc }) => mxc);
  }

  async unusedSessions(room: RoomId, since: Instant): Promise<readonly string[]> {
    const rows = await this.#rows<{ session_id: string }>(
      `SELECT session_id FROM wardroom.inbox_events WHERE room_id = $1 AND session_id IS NOT NULL
        GROUP BY session_id HAVING bool_and(gone_at IS NOT NULL) AND max(gone_at) >= to_timestamp($2::bigint / 1000.0) ORDER BY session_id`,
      [room, since],
    );
    return rows.map(({ session_id: session }) => session);
  }

  async tickets(olderThan: Instant, after: KeptTicket | null, limit: number): Promise<readonly KeptTicket[]> {
    const rows = await this.#rows<
      Omit<MessageRow, 'seq' | 'event_id' | 'ticket_id'> & {
        ticket_id: TicketId;
        account: AccountId;
        room_id: RoomId | null;
      }
    >(
      `SELECT t.ticket_id, t.account, t.room_id, t.life->>'service' AS sender, t.accepted_at AS at, t.urgency, ${HANDLED} AS handled, t.life->'due' AS due
         FROM wardroom.tickets t LEFT JOIN wardroom.tickets j ON j.ticket_id = t.life->>'joins'
        WHERE t.erased_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM wardroom.messages m WHERE m.ticket_id = t.ticket_id AND m.state IN ('queued', 'encrypted'))
          AND t.accepted_at < to_timestamp($1::bigint / 1000.0)
          AND ($2::bigint IS NULL OR (t.accepted_at, t.ticket_id) > (to_timestamp($2::bigint / 1000.0), $3))
        ORDER BY t.accepted_at, t.ticket_id LIMIT $4`,
      [olderThan, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map((row) => ({ ...retained(row), id: row.ticket_id, account: row.account, room: row.room_id }));
  }

  async unfinishedRun(): Promise<RetentionRun | null> {
    return this.#run('WHERE finished_at IS NULL ORDER BY started_at LIMIT 1');
  }

  async lastRun(): Promise<RetentionRun | null> {
    return this.#run('WHERE finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1');
  }

  async run(id: string): Promise<RetentionRun | null> {
    return this.#run('WHERE run_id = $1', [id]);
  }

  async markGoing(events: readonly EventId[], how: GoneHow): Promise<void> {
    await this.#write(
      'UPDATE wardroom.inbox_events SET gone_how = $2 WHERE event_id = ANY ($1) AND gone_how IS NULL AND gone_at IS NULL',
      [events, how],
    );
  }

  async unmark(events: readonly EventId[]): Promise<void> {
    await this.#write(
      'UPDATE wardroom.inbox_events SET gone_how = NULL WHERE event_id = ANY ($1) AND gone_at IS NULL',
      [events],
    );
  }

  async markGone(events: readonly EventId[], how: GoneHow, at: Instant): Promise<void> {
    await this.#write(
      `UPDATE wardroom.inbox_events SET gone_how = $2, gone_at = to_timestamp($3::bigint / 1000.0), content = NULL, retry_at = NULL,
              state = CASE WHEN state IN ('waiting', 'parked') THEN 'given_up' ELSE state END
        WHERE event_id = ANY ($1) AND gone_at IS NULL`,
      [events, how, at],
    );
  }

  async addHistory(room: RoomId, events: readonly StoredEvent[], now: Instant): Promise<void> {
    await this.#write(
      `INSERT INTO wardroom.inbox_events
              (event_id, room_id, sender, type, state_key, relates_to, rel_type, ours, is_root, session_id, sent_at, received_at, state)
       SELECT e->>'event', $1, e->>'sender', e->>'type', e->>'stateKey', e->>'relatesTo', e->>'relType',
              false, false, e->>'sessionId', (e->>'sentAt')::bigint, to_timestamp(LEAST((e->>'sentAt')::bigint, $3::bigint) / 1000.0), 'handled'
         FROM jsonb_array_elements($2::jsonb) AS item(e) ON CONFLICT (event_id) DO NOTHING`,
      [room, JSON.stringify(events), now],
    );
  }

  async markIndexed(room: RoomId, at: Instant): Promise<void> {
    await this.#write(
      'INSERT INTO wardroom.retention_rooms (room_id, indexed_at) VALUES ($1, to_timestamp($2::bigint / 1000.0)) ON CONFLICT DO NOTHING',
      [room, at],
    );
  }

  async markMediaDeleted(mxc: string, at: Instant): Promise<void> {
    await this.#write('UPDATE wardroom.event_media SET deleted_at = to_timestamp($2::bigint / 1000.0) WHERE mxc = $1', [
      mxc,
      at,
    ]);
  }

  async eraseTickets(tickets: readonly TicketId[], at: Instant): Promise<number> {
    const [row] = await this.#rows<{ erased: number }>(
      'SELECT wardroom.erase_tickets($1, to_timestamp($2::bigint / 1000.0)) AS erased',
      [tickets, at],
    );
    return row?.erased ?? 0;
  }

  async destroyUnusedKeys(beforeMonth: string): Promise<number> {
    return (await this.#rows('SELECT wardroom.destroy_unused_keys($1)', [beforeMonth])).length;
  }

  async saveRun({ id, startedAt, askedBy, report, finishedAt }: RetentionRun): Promise<void> {
    await this.#write(
      `INSERT INTO wardroom.retention_runs (run_id, started_at, asked_by, report, finished_at)
       VALUES ($1, to_timestamp($2::bigint / 1000.0), $3, $4, to_timestamp($5::bigint / 1000.0))
       ON CONFLICT (run_id) DO UPDATE SET report = EXCLUDED.report, finished_at = EXCLUDED.finished_at`,
      [id, startedAt, askedBy, JSON.stringify(report), finishedAt],
    );
  }

  async #run(which: string, values: readonly unknown[] = []): Promise<RetentionRun | null> {
    const [row] = await this.#rows<{
      run_id: string;
      started_at: Instant;
      asked_by: string;
      report: RetentionRun['report'];
      finished_at: Instant | null;
    }>(`SELECT run_id, started_at, asked_by, report, finished_at FROM wardroom.retention_runs ${which}`, values);
    if (row === undefined) return null;
    const { run_id: id, started_at: startedAt, asked_by: askedBy, report, finished_at: finishedAt } = row;
    return { id, startedAt, askedBy, report, finishedAt };
  }

  async #rows<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.#db.query<Row>(prepared(sql, [...values]))).rows;
  }

  async #write(sql: string, values: readonly unknown[]): Promise<void> {
    await this.#db.query(prepared(sql, [...values]));
  }
}

const messageOf = (row: MessageRow): PlacedMessage => ({ ...retained(row), seq: row.seq, event: row.event_id });

const retained = ({ sender, at, ticket_id: id, urgency, handled, due }: Omit<MessageRow, 'seq' | 'event_id'>) => ({
  sender,
  at,
  ticket: id === null || urgency === null ? null : { id, urgency, isHandled: handled ?? false, due: due ?? [] },
});
