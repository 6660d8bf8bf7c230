import type pg from 'pg';
import type { AuditEntry, Change, CrashPoints, Reads, Store, Tx } from '../flows/ports.ts';
import type { NonEmpty } from '../kernel/result.ts';
import { inTransaction } from './database.ts';
import { addJob } from './jobs.ts';
import type { Sealer } from './sealer.ts';
import { TicketReads } from './ticketReads.ts';
import { TicketWrites } from './ticketWrites.ts';

export type InsertEntries = (client: pg.PoolClient, entries: NonEmpty<AuditEntry>) => Promise<void>;

/** `Store` on PostgreSQL: what a change writes, its audit entries and its jobs commit together. */
export class PostgresStore implements Store {
  readonly read: Reads;
  readonly #pool: pg.Pool;
  readonly #sealer: Sealer;
  readonly #insertEntries: InsertEntries;
  readonly #crash: CrashPoints;

  constructor(pool: pg.Pool, sealer: Sealer, insertEntries: InsertEntries, crash: CrashPoints) {
    this.#pool = pool;
    this.#sealer = sealer;
    this.#insertEntries = insertEntries;
    this.#crash = crash;
    this.read = new TicketReads(pool, sealer);
  }

  async change<T>(work: (tx: Tx) => Promise<Change<T> | null>): Promise<T | null> {
    return inTransaction(this.#pool, async (client, rollBack) => {
      const change = await work(new TicketWrites(client, this.#sealer));
      if (!change) return rollBack();
      await this.#insertEntries(client, change.audit);
      for (const job of change.jobs ?? []) await addJob(client, job);
      this.#crash.reach('change.before_commit');
      return change.value;
    });
  }
}
