import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Logger, runMigrations } from 'graphile-worker';
import pg from 'pg';

const folder = new URL('./migrations/', import.meta.url);
/** The role the service connects as: it cannot change or delete audit leaves (design decision 15). */
export const serviceRole = 'wardroom_service';

/** As PostgreSQL counts: the oldest that will do, and the newest major version that was tried. */
export const oldestPostgres = 150_000;
export const newestPostgres = 180_000;

export interface MigrationReport {
  readonly applied: readonly string[];
  readonly version: number;
}

/** Thrown for what an operator can mend: the message says how. */
export class MigrationRefused extends Error {}

/** The job queue's own log lines name nothing an operator needs. */
const silentLogger = new Logger(() => () => undefined);

interface Step {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Brings the database to this program's schema, connected as its owner. Safe to repeat and to run twice at once.
 * Each file runs in one transaction. `upTo`: the version that a backup is of. Refuses a database that a newer program has migrated, or whose history differs.
 */
export async function migrate(ownerUrl: string, options: { readonly upTo?: number } = {}): Promise<MigrationReport> {
  const { upTo = Number.POSITIVE_INFINITY } = options;
  const steps = (await readSteps()).filter(({ number }) => number <= upTo);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('wardroom.migrate'))`);
    await requireVersion(client);
    await requireServiceRole(client);
    await client.query('CREATE SCHEMA IF NOT EXISTS wardroom');
    await client.query(
      `CREATE TABLE IF NOT EXISTS wardroom.migrations
         (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const applied = await applyMissing(client, steps);
    await migrateJobs(client, ownerUrl);
    return { applied, version: steps.at(-1)?.number ?? 0 };
  } finally {
    await client.end();
  }
}

/** The schema version this program needs; `serve` refuses any other. */
export async function expectedVersion(): Promise<number> {
  return (await readSteps()).at(-1)?.number ?? 0;
}

async function readSteps(): Promise<Step[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-.*\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { number: Number(name.slice(0, 3)), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string }>(
    "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name",
  );
  if (Number(rows[0]?.number) >= oldestPostgres) return;
  throw new MigrationRefused(
    `this is PostgreSQL ${rows[0]?.name}: Wardroom needs ${Math.floor(oldestPostgres / 10_000)} or newer`,
  );
}

async function requireServiceRole(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [serviceRole]);
  if (rowCount) return;
  throw new MigrationRefused(
    `the database role ${serviceRole} does not exist: create it (CREATE ROLE ${serviceRole} LOGIN PASSWORD ...; GRANT ${serviceRole} TO <owner>)`,
  );
}

async function applyMissing(client: pg.Client, steps: readonly Step[]): Promise<string[]> {
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM wardroom.migrations ORDER BY number',
  );
  const known = new Map(steps.map((step) => [step.number, step]));
  for (const row of rows) {
    const step = known.get(row.number);
    if (!step)
      throw new MigrationRefused(
        `the database has migration ${row.name}, which this program does not know: run the newer program`,
      );
    if (step.checksum !== row.checksum)
      throw new MigrationRefused(`migration ${row.name} was applied with other contents than this program's`);
  }
  const done = new Set(rows.map((row) => row.number));
  const applied: string[] = [];
  for (const step of steps.filter(({ number }) => !done.has(number))) {
    await client.query('BEGIN');
    try {
      await client.query('INSERT INTO wardroom.migrations (number, name, checksum) VALUES ($1, $2, $3)', [
        step.number,
        step.name,
        step.checksum,
      ]);
      await client.query(step.sql);
      await client.query('COMMIT');
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== 'string') throw error;
      await client.query('ROLLBACK');
      throw new MigrationRefused(
        `migration ${step.name} failed (${code}): nothing of it was done. Is the role of database.owner_url_file the owner of the database?`,
      );
    }
    applied.push(step.name);
  }
  return applied;
}

/**
 * The job queue's own tables belong to the service role: they are protected by row-level security that only their owner passes.
 */
async function migrateJobs(client: pg.Client, ownerUrl: string): Promise<void> {
  await runMigrations({ connectionString: ownerUrl, logger: silentLogger });
  await client.query(`
    DO $$
    DECLARE item record;
    BEGIN
      EXECUTE 'ALTER SCHEMA graphile_worker OWNER TO ${serviceRole}';
      FOR item IN SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'graphile_worker' AND c.relkind IN ('r', 'v', 'p') AND pg_get_userbyid(c.relowner) <> '${serviceRole}' LOOP
        EXECUTE format('ALTER %s %s OWNER TO ${serviceRole}', CASE item.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, item.name);
      END LOOP;
      FOR item IN SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'graphile_worker' AND pg_get_userbyid(p.proowner) <> '${serviceRole}' LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO ${serviceRole}', item.name);
      END LOOP;
    END $$`);
}
