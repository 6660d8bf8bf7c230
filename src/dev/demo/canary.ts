import { existsSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { HospitalInfo } from '../hospitalInfo.ts';

export interface Search {
  /** Where one of the words was found, as a table or a file; never the text around it. */
  readonly found: readonly string[];
  /** How much was looked through: a search of nothing proves nothing. */
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Looks for words that must be nowhere: in every row of every table of the homeserver's and Wardroom's databases (text, JSON and
 * bytes), in PostgreSQL's own files (write-ahead log, indexes, rows deleted since), in the homeserver's media, in the logs of all
 * parts, and in the arguments and environments of their processes. Words as they are, in hexadecimal and in base64.
 */
export async function searchHospital(hospital: HospitalInfo, words: readonly string[]): Promise<Search> {
  const { synapse, wardroom, postgres } = hospital.processes;
  const found: Search[] = [
    await searchDatabase(synapse.database_url, words),
    await searchDatabase(postgres.url, words),
    await searchTree(synapse.media_dir, words),
    await searchTree(await dataDirectory(postgres.url), words),
  ];
  for (const log of [synapse.log, wardroom.log, postgres.log]) found.push(await searchTree(log, words));
  found.push(await searchProcesses([synapse.pid, wardroom.pid, postgres.pid], words));
  return found.reduce((sum, one) => ({
    found: [...sum.found, ...one.found],
    tables: sum.tables + one.tables,
    rows: sum.rows + one.rows,
    files: sum.files + one.files,
    bytes: sum.bytes + one.bytes,
  }));
}

/** Where PostgreSQL keeps its files; rows and log are written out before the answer. */
async function dataDirectory(superuserUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? '';
  } finally {
    await client.end();
  }
}

/** A word as tables, dumps and encodings may hold it; base64 depends on where in the bytes the word stands. */
function formsOf(word: string): readonly string[] {
  const bytes = Buffer.from(word);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The first and last characters also hold bits of the neighbours.
    return text.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [word, bytes.toString('hex'), ...base64];
}

/** Every table of one database. */
export async function searchDatabase(url: string, words: readonly string[]): Promise<Search> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    // A row as text shows bytes in hexadecimal.
    const forms = words.flatMap(formsOf);
    const found: string[] = [];
    let rows = 0;
    for (const { name } of tables) {
      const counts = await count<{ all: string; hits: string }>(
        client,
        `SELECT count(*) AS all, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) AS word WHERE position(word IN t::text) > 0)) AS hits FROM ${name} AS t`,
        [forms],
      );
      rows += Number(counts?.all ?? 0);
      if (Number(counts?.hits ?? 0) > 0) found.push(`table ${name}`);
    }
    return { found, tables: tables.length, rows, files: 0, bytes: 0 };
  } finally {
    await client.end();
  }
}

/** Null: the table is not there any more. Synapse makes some for its background updates. */
async function count<Row extends pg.QueryResultRow>(
  client: pg.Client,
  sql: string,
  values: readonly unknown[],
): Promise<Row | null> {
  try {
    return (await client.query<Row>(sql, [...values])).rows[0] ?? null;
  } catch (error) {
    if ((error as { code?: unknown }).code === '42P01') return null;
    throw error;
  }
}

const READERS = 4;
const CHUNK_BYTES = 1024 * 1024;

/** One file, or every file below a folder. */
export async function searchTree(path: string, words: readonly string[]): Promise<Search> {
  if (!existsSync(path)) return { found: [], tables: 0, rows: 0, files: 0, bytes: 0 };
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  const files = entries
    ? entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    : [path];
  const needles = words.flatMap(formsOf).map((form) => Buffer.from(form));
  const found: string[] = [];
  let bytes = 0;
  const left = files.values();
  const reader = async () => {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    for (const file of left) {
      const { size, hit } = await searchFile(file, needles, room);
      bytes += size;
      if (hit) found.push(`file ${file}`);
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return { found, tables: 0, rows: 0, files: files.length, bytes };
}

/** The arguments and environments of these processes and of all that descend from them. Where there is no /proc: nothing. */
export async function searchProcesses(pids: readonly (number | null)[], words: readonly string[]): Promise<Search> {
  const found: string[] = [];
  let files = 0;
  let bytes = 0;
  const forms = words.flatMap(formsOf);
  for (const pid of await withDescendants(pids.filter((one) => one !== null))) {
    for (const name of ['cmdline', 'environ']) {
      // One that has ended is not there any more.
      const content = await readFile(`/proc/${pid}/${name}`).catch(() => null);
      if (content === null) continue;
      files += 1;
      bytes += content.length;
      if (forms.some((form) => content.includes(form))) found.push(`process ${pid} ${name}`);
    }
  }
  return { found, tables: 0, rows: 0, files, bytes };
}

async function withDescendants(roots: readonly number[]): Promise<readonly number[]> {
  const parentOf = new Map<number, number>();
  for (const name of await readdir('/proc').catch(() => [])) {
    const status = /^\d+$/.test(name) && (await readFile(`/proc/${name}/status`, 'utf8').catch(() => null));
    if (status) parentOf.set(Number(name), Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]));
  }
  const all = new Set(roots);
  for (let before = -1; before !== all.size; ) {
    before = all.size;
    for (const [pid, parent] of parentOf) if (all.has(parent)) all.add(pid);
  }
  return [...all];
}

/** Reads into `room`; keeps the end of what it read, so that a word across two reads is found. */
async function searchFile(
  path: string,
  needles: readonly Buffer[],
  room: Buffer,
): Promise<{ size: number; hit: boolean }> {
  const overlap = Math.max(0, ...needles.map((needle) => needle.length));
  let size = 0;
  let hit = false;
  try {
    await using file = await open(path);
    for (let kept = 0; ; ) {
      const { bytesRead } = await file.read(room, kept, room.length - kept);
      if (bytesRead === 0) return { size, hit };
      const window = room.subarray(0, kept + bytesRead);
      hit ||= needles.some((needle) => window.includes(needle));
      size += bytesRead;
      kept = Math.min(overlap, window.length);
      window.copyWithin(0, window.length - kept);
    }
  } catch (error) {
    // The owner removed it meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { size, hit };
    throw error;
  }
}
