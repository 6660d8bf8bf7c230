import type pg from 'pg';
import { HASH_SIZE } from '../audit/hash.ts';
import type { LeafBody } from '../audit/leaf.ts';
import type {
  ActivityBatch,
  ActivityPosition,
  ActivityRecord,
  EntryPayload,
  LoggedEntry,
  Move,
  SenderDay,
} from '../flows/activityPort.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ActivityFact } from '../policy/anomalies/index.ts';
import type { Stay } from '../policy/incidents/couldRead.ts';
import type { ActivityCount } from '../policy/review/summary.ts';
import type { ContentKeys } from './contentKeys.ts';
import { inTransaction, type Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

/** Facts and counts of senders are kept for so long: rules look back a month at most. */
const KEPT_DAYS = 60;

/** What is remembered of the audit log and the inbox (migration 027). */
export function createActivityRecord(pool: pg.Pool, keys: Pick<ContentKeys, 'tryOpen'>): ActivityRecord {
  const rowsOf = async <Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>(prepared(text, values))).rows;
  return {
    async position() {
      const [row] = await rowsOf<ActivityPosition>('SELECT leaf, message, since FROM wardroom.activity_position', []);
      return row ?? null;
    },
    async entries(from, limit) {
      const rows = await rowsOf<EntryRow>(
        `SELECT l.idx, e.body, p.key_id, p.nonce, p.ciphertext
           FROM (SELECT idx, entry_id FROM wardroom.audit_leaves WHERE idx >= $1 ORDER BY idx LIMIT $2) l
           JOIN wardroom.audit_entries e USING (entry_id) JOIN wardroom.audit_payloads p USING (entry_id) ORDER BY l.idx`,
        [from, limit],
      );
      return rows.map((row) => entryOf(row, pool, keys));
    },
    async messages(after, timeZone, limit) {
      const rows = await rowsOf<{ upTo: number; sender: UserId | null; day: string; messages: number }>(
        `WITH here AS (SELECT least($1::bigint + $3, coalesce(max(seq), $1::bigint)) AS up_to FROM wardroom.inbox_events)
         SELECT here.up_to AS "upTo", e.sender, (e.received_at AT TIME ZONE $2)::date::text AS day, count(e.seq) AS messages
           FROM here LEFT JOIN wardroom.inbox_events e
             ON e.seq > $1 AND e.seq <= here.up_to AND NOT e.ours AND e.type = 'm.room.encrypted'
          GROUP BY 1, 2, 3`,
        [after, timeZone, limit],
      );
      const senders = rows.flatMap(({ sender, day, messages }): SenderDay[] =>
        sender === null ? [] : [{ sender, day, messages }],
      );
      return { upTo: rows[0]?.upTo ?? after, senders };
    },
    async record(batch) {
      const done = await inTransaction(pool, (client) => write(client, batch)).catch((error: unknown) => {
        if (error instanceof Overtaken) return false;
        throw error;
      });
      return done;
    },
    async facts(since) {
      const rows = await rowsOf<{ fact: ActivityFact }>(
        'SELECT fact FROM wardroom.activity_facts WHERE at >= to_timestamp($1::bigint / 1000.0) ORDER BY at, leaf',
        [since],
      );
      return rows.map(({ fact }) => fact);
    },
    async volumes(senders, day, days) {
      const rows = await rowsOf<{ sender: UserId; messages: number | null; before: readonly number[] | null }>(
        `SELECT sender, sum(messages) FILTER (WHERE day = $2::date)::bigint AS messages,
                json_agg(messages ORDER BY day) FILTER (WHERE day < $2::date) AS before
           FROM wardroom.sender_counts
          WHERE sender = ANY ($1::text[]) AND day <= $2::date AND day >= $2::date - $3::integer GROUP BY sender`,
        [senders, day, days],
      );
      return new Map(
        rows.map(({ sender, messages, before }) => [sender, { messages: messages ?? 0, before: before ?? [] }]),
      );
    },
    async counts(from, to) {
      return rowsOf<ActivityCount & pg.QueryResultRow>(
        `SELECT action, outcome, code, sum(times)::bigint AS times FROM wardroom.activity_counts
          WHERE day >= $1::date AND day < $2::date GROUP BY action, outcome, code ORDER BY action, outcome, code`,
        [from, to],
      );
    },
    async addAlarms(day, times) {
      const counts = [...times].map(([code, count]) => ({ day, action: 'alarm', outcome: 'ok', code, times: count }));
      await addCounts(pool, counts);
    },
    async stays(room) {
      return rowsOf<Stay & pg.QueryResultRow>(
        `SELECT user_id AS "user", from_at AS "from", until_at AS "until" FROM wardroom.room_stays WHERE room_id = $1 ORDER BY number`,
        [room],
      );
    },
    async keyHolders(room, range) {
      const rows = await rowsOf<{ user: UserId; devices: readonly string[]; messages: number }>(
        `SELECT r.key AS "user", json_agg(DISTINCT d.device ORDER BY d.device) AS devices, count(DISTINCT m.message_id) AS messages
           FROM wardroom.messages m, jsonb_each(m.readers) r, jsonb_array_elements_text(r.value) d(device)
          WHERE m.room_id = $1 AND m.readers IS NOT NULL
            AND ($2::bigint IS NULL OR m.queued_at BETWEEN to_timestamp($2::bigint / 1000.0) AND to_timestamp($3::bigint / 1000.0))
          GROUP BY r.key ORDER BY r.key`,
        [room, range?.from ?? null, range?.until ?? null],
      );
      return rows;
    },
  };
}

interface EntryRow {
  readonly idx: number;
  readonly body: LeafBody;
  readonly key_id: string;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

const entryOf = (
  { idx, body, key_id: keyId, nonce, ciphertext }: EntryRow,
  db: Queryable,
  keys: Pick<ContentKeys, 'tryOpen'>,
): LoggedEntry => ({
  leaf: idx,
  at: Date.parse(body.at ?? body.ts),
  action: body.action,
  outcome: body.outcome,
  code: body.code ?? '',
  async open() {
    const opened = await keys.tryOpen(db, { keyId, nonce, ciphertext }, body.commit);
    // The salt of the commitment comes first.
    return opened.ok ? (JSON.parse(opened.value.subarray(HASH_SIZE).toString('utf8')) as EntryPayload) : null;
  },
});

/** Another process was quicker: what it wrote stands. */
class Overtaken extends Error {}

async function write(
  client: pg.PoolClient,
  { from, to, counts, facts, moves, senders }: ActivityBatch,
): Promise<boolean> {
  const moved =
    from === null
      ? await client.query(
          `INSERT INTO wardroom.activity_position (leaf, message, since) VALUES ($1, $2, to_timestamp($3::bigint / 1000.0))
           ON CONFLICT (only_row) DO NOTHING`,
          [to.leaf, to.message, to.since],
        )
      : await client.query(
          'UPDATE wardroom.activity_position SET leaf = $1, message = $2 WHERE leaf = $3 AND message = $4',
          [to.leaf, to.message, from.leaf, from.message],
        );
  if (moved.rowCount !== 1) throw new Overtaken();
  await addCounts(client, counts);
  for (const { leaf, fact } of facts)
    await client.query(
      prepared(
        'INSERT INTO wardroom.activity_facts (leaf, fact, at) VALUES ($1, $2, to_timestamp($3::bigint / 1000.0))',
        [leaf, JSON.stringify(fact), fact.at],
      ),
    );
  for (const move of moves) await (move.comes ? came(client, move) : went(client, move));
  if (senders.length > 0) await addSenders(client, senders);
  return true;
}

const came = (client: pg.PoolClient, { room, user, at }: Move) =>
  client.query(
    prepared(
      `INSERT INTO wardroom.room_stays (room_id, user_id, from_at)
       SELECT $1, $2, to_timestamp($3::bigint / 1000.0)
        WHERE NOT EXISTS (SELECT 1 FROM wardroom.room_stays WHERE room_id = $1 AND user_id = $2 AND until_at IS NULL)`,
      [room, user, at],
    ),
  );

/** Whoever goes and never came was there before the record began, or was invited: either way they could have been given keys. */
async function went(client: pg.PoolClient, { room, user, at }: Move): Promise<void> {
  const { rowCount } = await client.query(
    prepared(
      `UPDATE wardroom.room_stays SET until_at = to_timestamp($3::bigint / 1000.0)
        WHERE room_id = $1 AND user_id = $2 AND until_at IS NULL`,
      [room, user, at],
    ),
  );
  if (rowCount === 0)
    await client.query(
      prepared(
        `INSERT INTO wardroom.room_stays (room_id, user_id, until_at)
         SELECT $1, $2, to_timestamp($3::bigint / 1000.0)
          WHERE NOT EXISTS (SELECT 1 FROM wardroom.room_stays WHERE room_id = $1 AND user_id = $2)`,
        [room, user, at],
      ),
    );
}

async function addSenders(client: pg.PoolClient, senders: readonly SenderDay[]): Promise<void> {
  await client.query(
    prepared(
      `INSERT INTO wardroom.sender_counts AS s (day, sender, messages)
       SELECT * FROM unnest($1::date[], $2::text[], $3::bigint[])
       ON CONFLICT (day, sender) DO UPDATE SET messages = s.messages + EXCLUDED.messages`,
      [senders.map(({ day }) => day), senders.map(({ sender }) => sender), senders.map(({ messages }) => messages)],
    ),
  );
  const latest = senders
    .map(({ day }) => day)
    .sort()
    .at(-1);
  await client.query(
    prepared('DELETE FROM wardroom.sender_counts WHERE day < $1::date - $2::integer', [latest, KEPT_DAYS]),
  );
  await client.query(
    prepared('DELETE FROM wardroom.activity_facts WHERE at < $1::date - $2::integer', [latest, KEPT_DAYS]),
  );
}

async function addCounts(db: Queryable, counts: ActivityBatch['counts']): Promise<void> {
  if (counts.length === 0) return;
  await db.query(
    prepared(
      `INSERT INTO wardroom.activity_counts AS c (day, action, outcome, code, times)
       SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::bigint[])
       ON CONFLICT (day, action, outcome, code) DO UPDATE SET times = c.times + EXCLUDED.times`,
      [
        counts.map(({ day }) => day),
        counts.map(({ action }) => action),
        counts.map(({ outcome }) => outcome),
        counts.map(({ code }) => code),
        counts.map(({ times }) => times),
      ],
    ),
  );
}
