import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { postTicket } from '../demo/answeringService.ts';
import type { HospitalInfo } from '../hospitalInfo.ts';
import { pollUntil } from '../wait.ts';

export interface Overload {
  readonly hospital: HospitalInfo;
  readonly service: string;
  readonly account: string;
  /** How long tickets arrive at twice the rate that the homeserver takes. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

interface Latency {
  readonly count: number;
  /** Seconds from acceptance until the homeserver had the message. */
  readonly p50: number;
  readonly p95: number;
}

export interface OverloadReport {
  /** Tickets a second that the homeserver took when it was given as many as it could take. */
  readonly rate: number;
  readonly offered: number;
  readonly accepted: number;
  /** Answered 503 with Retry-After. */
  readonly refused: number;
  /** Answered in any other way, by status. */
  readonly others: Readonly<Record<string, number>>;
  readonly stat: Latency;
  readonly routine: Latency;
  /** Accepted, and not exactly once in the room. */
  readonly lost: number;
  readonly doubled: number;
  /** Resident memory of Wardroom in MB: before, and the most there was. */
  readonly memory: { readonly before: number; readonly most: number };
  /** From the last ticket offered until nothing waits. */
  readonly drainSeconds: number;
  /** How long a STAT took from acceptance into the room afterwards. */
  readonly afterwardsSeconds: number;
}

const WARM_UP = 100;
const AT_ONCE = 8;
/** One ticket in five is a STAT. */
const STAT_EVERY = 5;
const DRAIN_MS = 600_000;

/** Offers twice what the homeserver takes, for a bounded time, and counts what became of it. */
export async function overload(on: Overload): Promise<OverloadReport> {
  const client = new pg.Client({ connectionString: on.hospital.processes.postgres.url });
  await client.connect();
  try {
    return await new Run(on, client).run();
  } finally {
    await client.end();
  }
}

class Run {
  readonly #on: Overload;
  readonly #db: pg.Client;
  readonly #token: string;
  readonly #accepted: string[] = [];
  readonly #answers: Record<string, number> = {};
  #refused = 0;

  constructor(on: Overload, db: pg.Client) {
    this.#on = on;
    this.#db = db;
    this.#token = on.hospital.services.find(({ id }) => id === on.service)?.token ?? '';
  }

  async run(): Promise<OverloadReport> {
    const { seconds, say } = this.#on;
    await this.#drained();
    const before = await this.#memory();
    const rate = await this.#measureRate();
    say(
      `the homeserver takes ${rate.toFixed(1)} tickets a second; ${(2 * rate).toFixed(1)} are offered for ${seconds} s`,
    );
    this.#accepted.length = 0;
    this.#refused = 0;
    let most = before;
    const watching = setInterval(async () => {
      most = Math.max(most, await this.#memory());
    }, 1_000);
    const offered = await this.#offer(2 * rate, seconds);
    const until = performance.now();
    await this.#drained();
    const drainSeconds = (performance.now() - until) / 1000;
    clearInterval(watching);
    say(`drained in ${drainSeconds.toFixed(1)} s`);
    const loaded = [...this.#accepted];
    this.#accepted.length = 0;
    await this.#post('STAT');
    await this.#drained();
    const [last] = await this.#latencies(this.#accepted, 'stat');
    return {
      rate,
      offered,
      accepted: loaded.length,
      refused: this.#refused,
      others: this.#answers,
      stat: summary(await this.#latencies(loaded, 'stat')),
      routine: summary(await this.#latencies(loaded, 'routine')),
      ...(await this.#inTheRoom(loaded)),
      memory: { before, most },
      drainSeconds,
      afterwardsSeconds: last ?? Number.NaN,
    };
  }

  /** As many as it takes, a few at a time. */
  async #measureRate(): Promise<number> {
    const from = performance.now();
    let left = WARM_UP;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) await this.#post('ROUTINE');
      }),
    );
    await this.#drained();
    return this.#accepted.length / ((performance.now() - from) / 1000);
  }

  /** At a fixed rate, whether or not earlier ones were answered, as callers do. */
  async #offer(perSecond: number, seconds: number): Promise<number> {
    const total = Math.round(perSecond * seconds);
    const from = performance.now();
    const posts: Promise<void>[] = [];
    for (let count = 0; count < total; count += 1) {
      const wait = from + (count / perSecond) * 1000 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      posts.push(this.#post(count % STAT_EVERY === 0 ? 'STAT' : 'ROUTINE'));
    }
    await Promise.all(posts);
    return total;
  }

  async #post(urgency: 'STAT' | 'ROUTINE'): Promise<void> {
    const ticket = {
      id: `T-${randomUUID()}`,
      account: this.#on.account,
      caller: { name: 'Maren Holloway', callback: '+12125550142' },
      reason: 'Wants the cardiologist to know.',
      urgency,
    };
    const answer = await postTicket(this.#on.hospital.api_url, this.#token, ticket).catch(() => null);
    if (answer?.status === 202) this.#accepted.push(String(answer.body.ticket_id));
    else if (answer?.status === 503) this.#refused += 1;
    else this.#answers[String(answer?.status ?? 'none')] = (this.#answers[String(answer?.status ?? 'none')] ?? 0) + 1;
  }

  async #drained(): Promise<void> {
    await pollUntil(
      'nothing waits',
      async () => {
        const { rows } = await this.#db.query<{ n: string }>(
          `SELECT count(*) AS n FROM wardroom.messages WHERE state IN ('queued', 'encrypted')`,
        );
        return Number(rows[0]?.n) === 0;
      },
      { deadlineMs: DRAIN_MS, everyMs: 100 },
    );
  }

  /** Seconds, sorted. */
  async #latencies(ids: readonly string[], urgency: string): Promise<readonly number[]> {
    const { rows } = await this.#db.query<{ seconds: number }>(
      `SELECT extract(epoch FROM min(l.at) - t.accepted_at)::float8 AS seconds
         FROM wardroom.tickets t JOIN wardroom.timeline l ON l.ticket_id = t.ticket_id AND l.event = 'sent'
        WHERE t.ticket_id = ANY($1) AND t.urgency = $2 GROUP BY t.ticket_id, t.accepted_at ORDER BY 1`,
      [ids, urgency],
    );
    return rows.map((row) => row.seconds);
  }

  /** By the homeserver's own record of what the voice sent. */
  async #inTheRoom(ids: readonly string[]): Promise<{ readonly lost: number; readonly doubled: number }> {
    const { rows } = await this.#db.query<{ event_id: string | null }>(
      `SELECT event_id FROM wardroom.messages WHERE ticket_id = ANY($1) AND kind = 'ticket'`,
      [ids],
    );
    const account = this.#on.hospital.services
      .flatMap(({ accounts }) => accounts)
      .find(({ id }) => id === this.#on.account);
    const homeserver = new pg.Client({ connectionString: this.#on.hospital.processes.synapse.database_url });
    await homeserver.connect();
    try {
      const recorded = rows.flatMap(({ event_id }) => event_id ?? []);
      const { rows: there } = await homeserver.query<{ n: string }>(
        'SELECT count(*) AS n FROM events WHERE event_id = ANY($1)',
        [recorded],
      );
      const { rows: all } = await homeserver.query<{ n: string }>(
        `SELECT count(*) AS n FROM events WHERE room_id = $1 AND sender = $2 AND type = 'm.room.encrypted'`,
        [account?.room_id, account?.voice_user_id],
      );
      const { rows: sent } = await this.#db.query<{ n: string }>(
        `SELECT count(*) AS n FROM wardroom.messages WHERE room_id = $1 AND state = 'sent'`,
        [account?.room_id],
      );
      return {
        lost: ids.length - Number(there[0]?.n),
        doubled: Number(all[0]?.n) - Number(sent[0]?.n),
      };
    } finally {
      await homeserver.end();
    }
  }

  async #memory(): Promise<number> {
    const text = await fetch(this.#on.hospital.metrics_url).then(
      (response) => response.text(),
      () => '',
    );
    const bytes = Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
    return Number.isFinite(bytes) ? Math.round(bytes / 1e6) : 0;
  }
}

function summary(sorted: readonly number[]): Latency {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}
