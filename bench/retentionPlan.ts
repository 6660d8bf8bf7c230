import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { startOwnDatabase } from '../src/dev/ownDatabase.ts';
import { type Planning, planRoom } from '../src/flows/retention/planRoom.ts';
import { roomId } from '../src/kernel/ids.ts';
import { Phi } from '../src/kernel/phi.ts';
import { readPolicy } from '../src/policy/index.ts';
import { openPool } from '../src/postgres/database.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { RetentionTable } from '../src/postgres/retentionTable.ts';
import { quantile, type Ratio, round } from './ratios.ts';

const SIZES = [20_000, 100_000] as const;
const ROUNDS = 7;
const PAGE = 2_000;
const NOW = Date.UTC(2026, 10, 28);
const MB = 1024 * 1024;
const roomOf = (size: number) => roomId(`!bench-${size}:hospital.example`);

/**
 * Planning what becomes of the messages of a room with 100,000 of them, of which every hundredth belongs to a ticket and every thousandth stays, against
 * a bare scan of the same rows in the same pages, in alternating rounds; and how much more memory is in use while it plans 100,000 than 20,000.
 */
export async function retentionPlan(say: (line: string) => void): Promise<Ratio> {
  const dir = await mkdtemp(join(tmpdir(), 'wardroom-bench-'));
  const database = await startOwnDatabase(dir, join(dir, 'postgres.log'));
  try {
    await migrate(database.owner.reveal());
    const owner = new pg.Client({ connectionString: database.owner.reveal() });
    await owner.connect();
    for (const size of SIZES) await owner.query(FILL, [roomOf(size), size, `t-${size}-`]);
    await owner.query('ANALYZE');
    await owner.end();
    const pool = openPool(database.url.reveal(), () => undefined, 2);
    try {
      return await measure(pool, say);
    } finally {
      await pool.end();
    }
  } finally {
    await database.stopServer();
    await rm(dir, { recursive: true });
  }
}

/** Tickets and messages, all of them two years old; the tickets are STAT, every tenth of them not acknowledged. */
const FILL = `
  WITH tickets AS (
    INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, room_id, life)
    SELECT $3 || n, 'nightjar', 'BENCH', 'b' || n, 'f', 'stat', CASE WHEN n % 10 = 0 THEN 'sent' ELSE 'acknowledged' END, '1',
           '2024-11-28', $1, '{"due": ["@ash:hospital.example"], "service": "nightjar"}'
      FROM generate_series(1, $2::int / 100) AS n RETURNING ticket_id),
  events AS (
    INSERT INTO wardroom.inbox_events (event_id, room_id, sender, type, ours, is_root, session_id, sent_at, received_at, state)
    SELECT '$' || $3 || n, $1, '@ash:hospital.example', 'm.room.encrypted', false, false, 's' || (n / 100), 1732752000000,
           '2024-11-28', 'handled' FROM generate_series(1, $2::int) AS n)
  SELECT 1 FROM tickets LIMIT 1`;

async function measure(pool: pg.Pool, say: (line: string) => void): Promise<Ratio> {
  for (const size of SIZES)
    await pool.query(
      `INSERT INTO wardroom.ticket_events (event_id, ticket_id, kind)
       SELECT '$' || $1 || (n * 100), $1 || n, 'message' FROM generate_series(1, $2::int / 100) AS n`,
      [`t-${size}-`, size],
    );
  const policy = readPolicy({});
  if (!policy.ok) throw new Error('the built-in policy cannot be read');
  const flow: Planning = {
    clock: { now: () => NOW },
    policy: () => policy.value.policy,
    agreements: async () => [],
    store: {
      read: {
        retention: new RetentionTable(pool),
        holds: { events: async () => [], latest: async () => 0, reason: async () => new Phi('') },
        agreements: { events: async () => [] },
      },
    },
  };
  const largest = SIZES[1];
  const ratios: number[] = [];
  const parts: Record<string, number> = {};
  const times = { plan: [] as number[], scan: [] as number[] };
  for (let turn = -1; turn < ROUNDS; turn += 1) {
    const scan = await timed(() => bareScan(pool, largest));
    const plan = await timed(() => plans(flow, largest));
    if (turn < 0) continue;
    times.scan.push(scan);
    times.plan.push(plan);
    ratios.push(plan / scan);
  }
  for (const size of SIZES) parts[`peak_mb_${size}`] = round(await peak(() => plans(flow, size)), 1);
  parts.plan_ms = round(quantile(times.plan, 0.5), 0);
  parts.scan_ms = round(quantile(times.scan, 0.5), 0);
  say(
    `  ${largest} messages: planned in ${parts.plan_ms} ms, scanned in ${parts.scan_ms} ms; peaks ${SIZES.map((size) => parts[`peak_mb_${size}`]).join(', ')} MB`,
  );
  return { value: round(quantile(ratios, 0.5)), parts };
}

async function plans(flow: Planning, size: number): Promise<void> {
  const room = { room: roomOf(size), class: 'clinical', patient: null, partners: [] };
  const { goes, stays } = await planRoom(flow, room);
  if (goes.max_age !== size - size / 1_000 || stays.unread_stat !== size / 1_000) throw new Error('planned wrongly');
}

async function bareScan(pool: pg.Pool, size: number): Promise<void> {
  let seen = 0;
  for (let after = 0; ; ) {
    const { rows } = await pool.query<{ seq: number }>({
      name: 'bare-scan',
      text: `SELECT seq, event_id, sender, received_at FROM wardroom.inbox_events WHERE room_id = $1 AND state_key IS NULL AND gone_at IS NULL
               AND type <> 'm.room.redaction' AND seq > $2 ORDER BY seq LIMIT ${PAGE}`,
      values: [roomOf(size), after],
    });
    seen += rows.length;
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  if (seen !== size) throw new Error(`scanned ${seen}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** By how much what is alive on the heap grew at most while it worked, looked at every few milliseconds, in MB. */
async function peak(work: () => Promise<void>): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const alive = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = alive();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, alive());
  }, 20);
  await work();
  clearInterval(timer);
  return (most - before) / MB;
}
