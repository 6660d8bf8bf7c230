import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
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
 * bytes), in the homeserver's media, and in the logs of all parts.
 */
export async function searchHospital(hospital: HospitalInfo, words: readonly string[]): Promise<Search> {
  const { synapse, wardroom, postgres } = hospital.processes;
  const databases = [await searchDatabase(synapse.database_url, words), await searchDatabase(postgres.url, words)];
  const files: Search[] = [await searchTree(synapse.media_dir, words)];
  for (const log of [synapse.log, wardroom.log, postgres.log]) files.push(await searchTree(log, words));
  return [...databases, ...files].reduce((sum, one) => ({
    found: [...sum.found, ...one.found],
    tables: sum.tables + one.tables,
    rows: sum.rows + one.rows,
    files: sum.files + one.files,
    bytes: sum.bytes + one.bytes,
  }));
}

/** Every table of one database. */
export async function searchDatabase(url: string, words: readonly string[]): Promise<Search> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    // A row as text shows bytes in hexadecimal: look for both forms.
    const forms = words.flatMap((word) => [word, Buffer.from(word).toString('hex')]);
    const found: string[] = [];
    let rows = 0;
    for (const { name } of tables) {
      const { rows: counts } = await client.query<{ all: string; hits: string }>(
        `SELECT count(*) AS all, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) AS word WHERE position(word IN t::text) > 0)) AS hits FROM ${name} AS t`,
        [forms],
      );
      rows += Number(counts[0]?.all ?? 0);
      if (Number(counts[0]?.hits ?? 0) > 0) found.push(`table ${name}`);
    }
    return { found, tables: tables.length, rows, files: 0, bytes: 0 };
  } finally {
    await client.end();
  }
}

/** One file, or every file below a folder. */
export async function searchTree(path: string, words: readonly string[]): Promise<Search> {
  if (!existsSync(path)) return { found: [], tables: 0, rows: 0, files: 0, bytes: 0 };
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  const files = entries
    ? entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    : [path];
  const needles = words.map((word) => Buffer.from(word));
  const found: string[] = [];
  let bytes = 0;
  for (const file of files) {
    const { size, hit } = await searchFile(file, needles);
    bytes += size;
    if (hit) found.push(`file ${file}`);
  }
  return { found, tables: 0, rows: 0, files: files.length, bytes };
}

async function searchFile(file: string, needles: readonly Buffer[]): Promise<{ size: number; hit: boolean }> {
  const overlap = Math.max(0, ...needles.map((needle) => needle.length));
  let tail = Buffer.alloc(0);
  let size = 0;
  let hit = false;
  for await (const chunk of createReadStream(file)) {
    const window = Buffer.concat([tail, chunk as Buffer]);
    hit ||= needles.some((needle) => window.includes(needle));
    size += (chunk as Buffer).length;
    tail = window.subarray(Math.max(0, window.length - overlap));
  }
  return { size, hit };
}
