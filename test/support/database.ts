import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/postgres/migrate.ts';

/** A migrated database of its own, with the two roles Wardroom uses (design decision 15). */
export interface TestDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  /** Superuser, for looking at or breaking what the roles may not. */
  readonly adminUrl: string;
  /** Closes every connection and removes the database. */
  drop(): Promise<void>;
}

interface Server {
  readonly url: string;
  readonly port: number;
  readonly passwords: { readonly owner: string; readonly service: string };
}

/** Makes a fresh database in the PostgreSQL of this test run; without `migrated: false` it has the current schema. */
export async function testDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = JSON.parse(process.env.WARDROOM_TEST_POSTGRES ?? 'null') as Server | null;
  if (server === null) throw new Error('no PostgreSQL: jest.config.js must name test/support/globalSetup.ts');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server.url, `CREATE DATABASE ${name} OWNER wardroom_owner TEMPLATE template0`);
  const url = (user: string, password: string): string =>
    `postgres://${user}:${password}@127.0.0.1:${server.port}/${name}`;
  const database: TestDatabase = {
    ownerUrl: url('wardroom_owner', server.passwords.owner),
    serviceUrl: url('wardroom_service', server.passwords.service),
    adminUrl: server.url.replace(/\/postgres$/, `/${name}`),
    drop: () => asAdmin(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
  if (options.migrated !== false) await migrate(database.ownerUrl);
  return database;
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
