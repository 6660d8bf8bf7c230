import pg from 'pg';
import { pollUntil } from '../../src/dev/wait.ts';
import { openPool } from '../../src/postgres/database.ts';
import { ProcessRegistry } from '../../src/postgres/processes.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let pools: pg.Pool[];
let admin: pg.Client;

beforeEach(async () => {
  database = await testDatabase();
  pools = [1, 2].map(() => openPool(database.serviceUrl, () => undefined, 3));
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterEach(async () => {
  await admin.end();
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

async function pair(): Promise<[ProcessRegistry, ProcessRegistry]> {
  const [one, two] = pools.map((pool) => new ProcessRegistry(pool)) as [ProcessRegistry, ProcessRegistry];
  await one.register();
  await one.saveWorkers(['pool-one']);
  await two.register();
  return [one, two];
}

/** Ends the connections that hold the lock of the first process, as a restart of the server does. */
async function loseLock(): Promise<void> {
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
}

const known = async (): Promise<readonly { process_id: number; worker_ids: string[] }[]> =>
  (await admin.query('SELECT process_id, worker_ids FROM wardroom.processes ORDER BY process_id')).rows;

describe('the registry of processes', () => {
  it('gives back the jobs of a process that died, once', async () => {
    const [one, two] = await pair();
    expect(await two.unlockDead()).toBe(0);
    await loseLock();
    await pollUntil('found dead', async () => (await two.unlockDead()) === 1, { deadlineMs: 10_000 });
    expect(await two.unlockDead()).toBe(0);
    await one.leave();
    await two.leave();
  });

  it('keeps a process that only lost its connection, with its workers', async () => {
    const [one, two] = await pair();
    await loseLock();
    await pollUntil(
      'a new number',
      async () => {
        await one.unlockDead();
        return (await known()).some((row) => row.process_id > 2);
      },
      { deadlineMs: 10_000 },
    );
    expect(await known()).toEqual([
      { process_id: 2, worker_ids: [] },
      { process_id: 3, worker_ids: ['pool-one'] },
    ]);
    expect(await two.unlockDead()).toBe(0);
    await one.leave();
    await two.leave();
    expect(await known()).toEqual([]);
    // No connection of the pool was lost with the lock.
    const all = await Promise.all([1, 2, 3].map(() => pools[0]?.connect()));
    for (const client of all) client?.release();
  });
});
