import { openPool, type Pool } from '../../src/postgres/database.ts';
import { prepared, TransactionPipeline } from '../../src/postgres/pipeline.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.adminUrl, () => undefined, 2);
  await pool.query('CREATE TABLE written (n integer PRIMARY KEY)');
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const write = (n: number) => prepared('INSERT INTO written (n) VALUES ($1)', [n]);
const written = async () =>
  (await pool.query<{ n: number }>('SELECT n FROM written ORDER BY n')).rows.map(({ n }) => n);

async function transaction(work: (pipeline: TransactionPipeline) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  const pipeline = new TransactionPipeline(client);
  try {
    await work(pipeline);
    await pipeline.commit();
  } catch (error) {
    await pipeline.rollBack();
    throw error;
  } finally {
    client.release();
  }
}

describe('a pipelined transaction', () => {
  it('keeps all of what was sent, and shows it to what is read afterwards', async () => {
    await transaction(async (pipeline) => {
      pipeline.send(write(1));
      pipeline.send(write(2));
      const { rows } = await pipeline.query<{ count: number }>('SELECT count(*) AS count FROM written');
      expect(rows[0]?.count).toBe(2);
    });
    expect(await written()).toEqual([1, 2]);
  });

  it('keeps nothing when one statement in the middle fails, and says why', async () => {
    const failed = transaction(async (pipeline) => {
      pipeline.send(write(3));
      pipeline.send(write(1));
      pipeline.send(write(4));
    });
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect(await written()).toEqual([1, 2]);
  });

  it('leaves its connection fit for the next one', async () => {
    await expect(transaction(async (pipeline) => pipeline.send(write(2)))).rejects.toMatchObject({ code: '23505' });
    await transaction(async (pipeline) => pipeline.send(write(5)));
    expect(await written()).toContain(5);
  });
});
