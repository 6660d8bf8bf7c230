import type pg from 'pg';

/** First key of the two-key advisory locks that stand for living processes. */
const LOCK_SPACE = 0x77617264;

/**
 * Says that this process lives: it holds a session advisory lock on its number, which PostgreSQL releases the moment the
 * connection ends, however it ends. Whoever finds a number that nobody holds gives that process's jobs back. A process that lost
 * the connection but lives takes another number.
 */
export class ProcessRegistry {
  readonly #pool: pg.Pool;
  #client: pg.PoolClient | null = null;
  #id: number | null = null;
  #workerIds: readonly string[] = [];

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async register(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      const { rows } = await client.query<{ process_id: number }>(
        'INSERT INTO wardroom.processes (worker_ids) VALUES ($1) RETURNING process_id',
        [this.#workerIds],
      );
      this.#id = rows[0]?.process_id ?? null;
      await client.query('SELECT pg_advisory_lock($1, $2)', [LOCK_SPACE, this.#id]);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#client = client;
    client.once('end', () => {
      if (this.#client !== client) return;
      this.#client = null;
      client.release(true);
    });
  }

  /** Remembers which of graphile-worker's workers are ours. */
  async saveWorkers(workerIds: readonly string[]): Promise<void> {
    this.#workerIds = workerIds;
    await this.#pool.query('UPDATE wardroom.processes SET worker_ids = $2 WHERE process_id = $1', [
      this.#id,
      workerIds,
    ]);
  }

  /** Gives back the jobs of processes that died. Returns how many processes were found dead. */
  async unlockDead(): Promise<number> {
    const old = this.#client === null ? this.#id : null;
    if (old !== null) {
      await this.register();
      // Not dead: its jobs are ours.
      await this.#pool.query('DELETE FROM wardroom.processes WHERE process_id = $1', [old]);
    }
    const client = await this.#pool.connect();
    try {
      const { rows } = await client.query<{ process_id: number; worker_ids: string[] }>(
        'SELECT process_id, worker_ids FROM wardroom.processes WHERE process_id <> $1',
        [this.#id],
      );
      let dead = 0;
      for (const row of rows) {
        const { rows: held } = await client.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS free', [
          LOCK_SPACE,
          row.process_id,
        ]);
        if (!held[0]?.free) continue;
        try {
          await client.query('SELECT graphile_worker.force_unlock_workers($1)', [row.worker_ids]);
          await client.query('DELETE FROM wardroom.processes WHERE process_id = $1', [row.process_id]);
          dead += 1;
        } finally {
          await client.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_SPACE, row.process_id]);
        }
      }
      return dead;
    } finally {
      client.release();
    }
  }

  async leave(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#client = null;
    await client.query('DELETE FROM wardroom.processes WHERE process_id = $1', [this.#id]).catch(() => undefined);
    client.release(true);
  }
}
