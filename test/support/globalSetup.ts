import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../src/dev/postgres.ts';
import { running } from './running.ts';

/** One PostgreSQL for the whole run, in a directory of its own; tests make databases in it (test/support/database.ts). */
export default async function globalSetup(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'wardroom-test-'));
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), log: join(dir, 'postgres.log') });
  running.dir = dir;
  running.postgres = postgres;
  const passwords = { owner: randomBytes(18).toString('hex'), service: randomBytes(18).toString('hex') };
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  await client.query(`CREATE ROLE wardroom_owner LOGIN PASSWORD '${passwords.owner}'`);
  await client.query(`CREATE ROLE wardroom_service LOGIN PASSWORD '${passwords.service}'`);
  // As in production: the owner hands the job queue's tables to the service role (src/postgres/migrate.ts).
  await client.query('GRANT wardroom_service TO wardroom_owner');
  await client.end();
  process.env.WARDROOM_TEST_DIR = dir;
  process.env.WARDROOM_TEST_POSTGRES = JSON.stringify({
    url: postgres.url('postgres'),
    port: postgres.port,
    passwords,
  });
}
