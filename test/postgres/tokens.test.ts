import type { AccountId, TicketId } from '../../src/kernel/ids.ts';
import { openPool, type Pool } from '../../src/postgres/database.ts';
import { TransactionPipeline } from '../../src/postgres/pipeline.ts';
import { TicketWrites } from '../../src/postgres/ticketWrites.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
let accounts = 0;
beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.serviceUrl, () => undefined, 10);
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const newAccount = () => `ACCOUNT-${++accounts}` as AccountId;
const noSealer = {
  seal: () => Promise.reject(new Error('nothing is sealed here')),
  open: () => Promise.reject(new Error('nothing is opened here')),
};

/** As `Store.change` does it; `rollBack` undoes it at the end. */
async function inStore<T>(work: (tx: TicketWrites) => Promise<T>, end: 'commit' | 'rollBack' = 'commit'): Promise<T> {
  const client = await pool.connect();
  const pipeline = new TransactionPipeline(client);
  try {
    const value = await work(new TicketWrites(pipeline, noSealer));
    await pipeline[end]();
    return value;
  } catch (error) {
    await pipeline.rollBack();
    throw error;
  } finally {
    client.release();
  }
}

const take = (account: AccountId, end?: 'commit' | 'rollBack') => inStore((tx) => tx.takeToken(account), end);
const release = (account: AccountId, token: string) => inStore((tx) => tx.releaseToken(account, token));
const keep = (account: AccountId, token: string) => inStore((tx) => tx.keepToken(account, token));

async function insertOpenTicket(account: AccountId, token: string): Promise<TicketId> {
  const id = `tkt_${account}_${token}_${Math.random().toString(36).slice(2)}` as TicketId;
  await pool.query(
    `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, life,
       text_key_id, text_nonce, text_ciphertext) VALUES ($1, 's', $2, 'x', 'f', 'stat', 'sent', $3, now(), '{}', 'k', '', '')`,
    [id, account, token],
  );
  return id;
}
const close = (id: TicketId) => pool.query(`UPDATE wardroom.tickets SET state = 'closed' WHERE ticket_id = $1`, [id]);

describe('the short numbers of tickets', () => {
  it('start at 1 and go up', async () => {
    const account = newAccount();
    expect([await take(account), await take(account), await take(account)]).toEqual(['1', '2', '3']);
  });

  it('are never given twice, however many ask at once, and stay small', async () => {
    const account = newAccount();
    const taken = (await Promise.all(Array.from({ length: 100 }, () => take(account)))).map(Number);
    expect(new Set(taken).size).toBe(100);
    expect(Math.max(...taken)).toBeLessThanOrEqual(128);
  });

  it('come back when a ticket is closed, the smallest first', async () => {
    const account = newAccount();
    for (let n = 0; n < 5; n += 1) await take(account);
    await release(account, '4');
    await release(account, '2');
    expect([await take(account), await take(account), await take(account)]).toEqual(['2', '4', '6']);
  });

  it('come back when the admission comes to nothing', async () => {
    const account = newAccount();
    await take(account);
    expect(await take(account, 'rollBack')).toBe('2');
    expect(await take(account)).toBe('2');
  });

  it('are not free while another open ticket has the same one', async () => {
    const account = newAccount();
    const token = await take(account);
    const [first, second] = [await insertOpenTicket(account, token), await insertOpenTicket(account, token)];
    await close(first);
    await release(account, token);
    expect(await take(account)).toBe('2');
    await close(second);
    await release(account, token);
    expect(await take(account)).toBe('1');
  });

  it('are not free any more when their ticket is open again', async () => {
    const account = newAccount();
    await take(account);
    await release(account, '1');
    await keep(account, '1');
    expect(await take(account)).toBe('2');
  });
});
