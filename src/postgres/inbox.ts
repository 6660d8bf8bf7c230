import type pg from 'pg';
import type { Inbox, InboxEvent, InboxRead, InboxTransaction } from '../flows/inboxPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';

interface EventRow {
  seq: number;
  event_id: EventId;
  room_id: RoomId;
  sender: UserId;
  type: string;
  state_key: string | null;
  relates_to: EventId | null;
  rel_type: string | null;
  ours: boolean;
  is_root: boolean;
  session_id: string | null;
  sent_at: number;
  received_at: Instant;
  content: Record<string, unknown> | null;
  parked_times: number;
}

interface ReadRow {
  room_id: RoomId;
  user_id: UserId;
  thread: string;
  seq: number;
  roots: EventId[];
}

const columns = `seq, event_id, room_id, sender, type, state_key, relates_to, rel_type, ours, is_root, session_id, sent_at,
  received_at, content, parked_times`;

/** A redaction may come this many events before what it redacts. */
const OUT_OF_ORDER = 1_000;

/** The inbox in PostgreSQL (migrations 004, 022). `pool` must come from `openPool`: it reads timestamps as milliseconds. */
export function createInbox(pool: pg.Pool): Inbox {
  const run = async (sql: string, values: readonly unknown[]): Promise<void> => {
    await pool.query(sql, [...values]);
  };
  const events = async (sql: string, values: readonly unknown[]): Promise<readonly InboxEvent[]> =>
    (await pool.query<EventRow>(`SELECT ${columns} FROM wardroom.inbox_events WHERE ${sql}`, [...values])).rows.map(
      eventOf,
    );

  return {
    async commit(transaction) {
      const { rows } = await pool.query<{ fresh: boolean }>({
        name: 'inbox-commit',
        text: 'SELECT wardroom.inbox_commit($1, $2, to_timestamp($3::double precision / 1000), $4, $5) AS fresh',
        values: commitValues(transaction),
      });
      return rows[0]?.fresh ? 'new' : 'repeated';
    },
    recordMedia: (event, mxcs) =>
      run('INSERT INTO wardroom.event_media (event_id, mxc) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING', [
        event,
        mxcs,
      ]),
    nextEvents: (limit, except) =>
      events(`state = 'waiting' AND NOT seq = ANY($2::bigint[]) ORDER BY seq LIMIT $1`, [limit, except]),
    dueParked: (now, limit, except) =>
      events(
        `state = 'parked' AND retry_at <= to_timestamp($3::double precision / 1000) AND NOT seq = ANY($2::bigint[]) ORDER BY seq LIMIT $1`,
        [limit, except, now],
      ),
    handled: (seq) =>
      run(`UPDATE wardroom.inbox_events SET state = 'handled', content = NULL, retry_at = NULL WHERE seq = $1`, [seq]),
    park: (seq, { code, retryAt }) =>
      run(
        `UPDATE wardroom.inbox_events SET state = 'parked', code = $2, parked_times = parked_times + 1,
           retry_at = to_timestamp($3::double precision / 1000) WHERE seq = $1 AND state IN ('waiting', 'parked')`,
        [seq, code, retryAt],
      ),
    giveUp: (seq, code) =>
      run(
        `UPDATE wardroom.inbox_events SET state = 'given_up', content = NULL, retry_at = NULL, code = $2 WHERE seq = $1`,
        [seq, code],
      ),
    async keysArrived(room, sessionIds, now) {
      const { rowCount } = await pool.query(
        `UPDATE wardroom.inbox_events SET retry_at = to_timestamp($3::double precision / 1000)
          WHERE state = 'parked' AND room_id = $1 AND session_id = ANY($2)`,
        [room, sessionIds, now],
      );
      return rowCount ?? 0;
    },
    async nextParked() {
      const { rows } = await pool.query<{ at: Instant | null }>(
        `SELECT min(retry_at) AS at FROM wardroom.inbox_events WHERE state = 'parked'`,
      );
      return rows[0]?.at ?? null;
    },
    redacted: (room, event) =>
      run(
        `UPDATE wardroom.inbox_events SET state = 'handled', content = NULL, retry_at = NULL, code = 'redacted'
          WHERE event_id = $2 AND room_id = $1 AND state = 'parked'`,
        [room, event],
      ),
    async wasRedacted({ seq, eventId, roomId }) {
      const { rowCount } = await pool.query({
        name: 'inbox-was-redacted',
        text: `SELECT 1 FROM wardroom.inbox_events
                WHERE seq BETWEEN $1::bigint - ${OUT_OF_ORDER} AND $1 AND type = 'm.room.redaction' AND relates_to = $2 AND room_id = $3`,
        values: [seq, eventId, roomId],
      });
      return (rowCount ?? 0) > 0;
    },
    async sessionSeenBefore(room, sessionId, seq) {
      const { rowCount } = await pool.query({
        name: 'inbox-session-seen-before',
        text: `SELECT 1 FROM wardroom.inbox_events WHERE session_id = $1 AND room_id = $2 AND seq < $3 LIMIT 1`,
        values: [sessionId, room, seq],
      });
      return (rowCount ?? 0) > 0;
    },
    async isOpen(seq) {
      const { rowCount } = await pool.query(
        `SELECT 1 FROM wardroom.inbox_events WHERE seq = $1 AND state IN ('waiting', 'parked')`,
        [seq],
      );
      return rowCount === 1;
    },
    async nextReads(limit) {
      const { rows } = await pool.query<ReadRow>(
        `SELECT r.room_id, r.user_id, r.thread, r.seq, coalesce(
                  (SELECT array_agg(e.event_id ORDER BY e.seq) FROM wardroom.inbox_events e
                    WHERE e.room_id = r.room_id AND e.is_root
                      AND CASE WHEN r.thread IN ('', 'main') THEN e.seq > r.handled_seq AND e.seq <= r.seq
                               ELSE e.event_id = r.thread END), '{}') AS roots
           FROM wardroom.inbox_receipts r WHERE r.seq > r.handled_seq LIMIT $1`,
        [limit],
      );
      return rows.map((row) => ({
        roomId: row.room_id,
        userId: row.user_id,
        thread: row.thread,
        upTo: row.seq,
        roots: row.roots,
      }));
    },
    readHandled: (read: InboxRead) =>
      run(
        `UPDATE wardroom.inbox_receipts SET handled_seq = GREATEST(handled_seq, $4)
          WHERE room_id = $1 AND user_id = $2 AND thread = $3`,
        [read.roomId, read.userId, read.thread, read.upTo],
      ),
    async unknown(ids) {
      const { rows } = await pool.query<{ id: EventId }>(
        `SELECT id FROM unnest($1::text[]) AS id WHERE NOT EXISTS (SELECT 1 FROM wardroom.inbox_events WHERE event_id = id)`,
        [[...ids]],
      );
      return rows.map(({ id }) => id);
    },
    async comparedTo(room) {
      const { rows } = await pool.query<{ at: Instant }>(
        'SELECT compared_to AS at FROM wardroom.inbox_rooms WHERE room_id = $1',
        [room],
      );
      return rows[0]?.at ?? null;
    },
    compared: (room, to) =>
      run(
        `INSERT INTO wardroom.inbox_rooms AS r (room_id, compared_to) VALUES ($1, to_timestamp($2::double precision / 1000))
           ON CONFLICT (room_id) DO UPDATE SET compared_to = greatest(r.compared_to, excluded.compared_to)`,
        [room, to],
      ),
    async backlog() {
      const { rows } = await pool.query<{ waiting: number; parked: number }>(
        `SELECT (SELECT count(*) FROM wardroom.inbox_events WHERE state = 'waiting') AS waiting,
                (SELECT count(*) FROM wardroom.inbox_events WHERE state = 'parked') AS parked`,
      );
      return rows[0] ?? { waiting: 0, parked: 0 };
    },
    tidy: (before) =>
      run(`DELETE FROM wardroom.inbox_transactions WHERE received_at < to_timestamp($1::double precision / 1000)`, [
        before,
      ]),
  };
}

const commitValues = (transaction: InboxTransaction): unknown[] => [
  transaction.txnId,
  transaction.fingerprint,
  transaction.receivedAt,
  JSON.stringify(transaction.events),
  JSON.stringify(transaction.receipts),
];

const eventOf = (row: EventRow): InboxEvent => ({
  seq: row.seq,
  eventId: row.event_id,
  roomId: row.room_id,
  sender: row.sender,
  type: row.type,
  stateKey: row.state_key,
  relatesTo: row.relates_to,
  relType: row.rel_type,
  ours: row.ours,
  isRoot: row.is_root,
  sessionId: row.session_id,
  sentAt: row.sent_at,
  receivedAt: row.received_at,
  content: row.content,
  parkedTimes: row.parked_times,
});
