import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** One table as it is copied: its columns in order, none that the database computes. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What the database holds at one instant, while it goes on being used. */
export interface Snapshot {
  readonly schema: number;
  /** The latest signed checkpoint of the audit log; null before the first. */
  readonly checkpoint: string | null;
  /** Messages on their way to their rooms at this instant: whether they arrived, only the homeserver knows. */
  readonly underWay: number;
  /** Those that others refer to come first. */
  readonly tables: readonly TableShape[];
  /** The rows in PostgreSQL's COPY text format, one a line. One table at a time. */
  rows(table: TableShape): Readable;
  close(): Promise<void>;
}

/**
 * Not copied: which processes run, what the migrations write themselves, and the encryption engines' records. A ratchet that was used
 * after the copy was made must never be used again, so a restored voice gets a new device, signed by the same identity, which is copied.
 */
const LEFT_OUT: readonly string[] = ['processes', 'migrations', 'crypto_database', 'crypto_record'];

/** So often, and so long apart, an instant is looked for in which no message is under way. */
const LOOKS = 25;
const BETWEEN_LOOKS_MS = 200;

/**
 * Where it can be had within a few seconds, an instant in which no message is under way: after a restore nobody could say whether it
 * arrived. Throws what PostgreSQL says when the role may not read everything.
 */
export async function openSnapshot(url: string): Promise<Snapshot> {
  const client = await connect(url);
  try {
    const underWay = await beginQuietly(client);
    const { rows: migrations } = await client.query<{ number: number | null }>(
      'SELECT max(number) AS number FROM wardroom.migrations',
    );
    const { rows: checkpoints } = await client.query<{ note: string }>('SELECT note FROM wardroom.audit_checkpoint');
    const tables = (await tableShapes(client)).filter(({ name }) => !LEFT_OUT.includes(name));
    return {
      schema: migrations[0]?.number ?? 0,
      checkpoint: checkpoints[0]?.note ?? null,
      underWay,
      tables,
      rows: (table) => client.query(copyTo(`COPY ${nameOf(table)} TO STDOUT`)),
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Begins the transaction that sees one instant; returns how many messages are under way in it. */
async function beginQuietly(client: pg.Client): Promise<number> {
  for (let looks = 1; ; looks++) {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ count: string }>(
      `SELECT count(*) AS count FROM wardroom.messages WHERE state IN ('queued', 'encrypted')`,
    );
    const underWay = Number(rows[0]?.count);
    if (underWay === 0 || looks === LOOKS) return underWay;
    await client.query('ROLLBACK');
    await pause(BETWEEN_LOOKS_MS);
  }
}

/** A restore under way: one transaction, which is there as a whole or not at all. */
export interface Load {
  /** Takes rows as `Snapshot.rows` gives them. */
  rows(table: TableShape): Writable;
  /** Makes it usable and commits. */
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

/**
 * `url`: the owner's. The schema must be there, of the version that the rows are of, and empty: null when something is in it by now.
 * Nobody else can write to it, or migrate it, before this is over.
 */
export async function openLoad(url: string): Promise<Load | null> {
  const client = await connect(url);
  await client.query('BEGIN');
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('wardroom.migrate'))`);
  const names = (await tableShapes(client)).map(({ name }) => name).filter((name) => name !== 'migrations');
  await client.query(
    `LOCK TABLE ${names.map((name) => `wardroom.${quote(name)}`).join(', ')} IN ACCESS EXCLUSIVE MODE`,
  );
  if (!(await isEmpty(client))) {
    await client.end();
    return null;
  }
  return {
    rows: (table) => client.query(copyFrom(`COPY ${nameOf(table)} FROM STDIN`)),
    async finish() {
      await client.query('UPDATE wardroom.crypto_voice SET device_id = NULL, ready = false, sync_token = NULL');
      // Encrypted by a device that is no more: encrypted again.
      await client.query(
        `UPDATE wardroom.messages SET state = 'queued', ciphertext = NULL, session_id = NULL, readers = NULL, bundled_in = NULL
          WHERE state = 'encrypted'`,
      );
      for (const { sequence, table, column } of await sequences(client))
        await client.query(
          `SELECT setval($1::regclass, greatest((SELECT coalesce(max(${column}), 0) FROM wardroom.${table}), 1))`,
          [sequence],
        );
      await client.query('COMMIT');
      await client.end();
    },
    abandon: () => client.end(),
  };
}

export type Emptiness = 'absent' | 'empty' | 'in-use' | 'not-empty';

/** Whether there is anything that a restore would put itself over. */
export async function emptiness(url: string): Promise<Emptiness> {
  const client = await connect(url);
  try {
    const { rows: running } = await client.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'wardroom%'
         AND pid <> pg_backend_pid() LIMIT 1`,
    );
    if (running.length > 0) return 'in-use';
    const { rows: there } = await client.query<{ there: boolean }>(
      `SELECT to_regnamespace('wardroom') IS NOT NULL AS there`,
    );
    if (!there[0]?.there) return 'absent';
    return (await isEmpty(client)) ? 'empty' : 'not-empty';
  } finally {
    await client.end();
  }
}

async function isEmpty(client: pg.Client): Promise<boolean> {
  for (const { name } of await tableShapes(client)) {
    if (name === 'migrations') continue;
    const { rowCount } = await client.query(`SELECT 1 FROM wardroom.${quote(name)} LIMIT 1`);
    if (rowCount) return false;
  }
  return true;
}

/** Removes an empty schema, so that it can be made in another version. */
export async function dropEmptySchema(url: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query('DROP SCHEMA wardroom CASCADE');
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'backup of wardroom',
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function tableShapes(client: pg.Client): Promise<readonly TableShape[]> {
  const { rows: columns } = await client.query<{ name: string; columns: string[] }>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      WHERE c.relnamespace = 'wardroom'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY c.relname ORDER BY c.relname`,
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to FROM pg_constraint
      WHERE contype = 'f' AND connamespace = 'wardroom'::regnamespace AND conrelid <> confrelid`,
  );
  const bare = (name: string) => name.replace(/^wardroom\./, '');
  const left = new Map(columns.map((table) => [table.name, table]));
  const ordered: TableShape[] = [];
  while (left.size > 0) {
    const free = [...left.values()].filter(
      ({ name }) => !references.some(({ from, to }) => bare(from) === name && left.has(bare(to))),
    );
    if (free.length === 0) throw new Error('tables refer to each other in a circle');
    for (const table of free) left.delete(table.name);
    ordered.push(...free);
  }
  return ordered;
}

async function sequences(client: pg.Client) {
  const { rows } = await client.query<{ sequence: string; table: string; column: string }>(
    `SELECT s.oid::regclass::text AS sequence, t.relname AS table, a.attname AS column
       FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass
       JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
      WHERE s.relkind = 'S' AND s.relnamespace = 'wardroom'::regnamespace`,
  );
  return rows;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const nameOf = ({ name, columns }: TableShape): string => `wardroom.${quote(name)} (${columns.map(quote).join(', ')})`;
