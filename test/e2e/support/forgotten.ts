/** Whether what was deleted is anywhere, byte by byte: in rows, in the files under them, in media, in a backup, at a partner. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { searchDatabase, searchTree } from '../../../src/dev/demo/canary.ts';
import type { HospitalInfo } from '../../../src/dev/hospitalInfo.ts';
import { readParts } from '../../../src/server/backup/format.ts';
import { unsealed } from '../../../src/server/backup/seal.ts';

/** Both databases of a hospital, row by row. */
export async function foundInRows({ processes }: HospitalInfo, words: readonly string[]): Promise<readonly string[]> {
  const urls = [processes.synapse.database_url, processes.postgres.url];
  return (await Promise.all(urls.map((url) => searchDatabase(url, words)))).flatMap(({ found }) => found);
}

/**
 * The files of both databases and the homeserver's media. Pages that the databases do not use any more are given back first (`VACUUM FULL`): they
 * are PostgreSQL's own, and written over in its own time. Its write-ahead log is not searched for the same reason.
 */
export async function foundInFiles({ processes }: HospitalInfo, words: readonly string[]): Promise<readonly string[]> {
  const { synapse, postgres } = processes;
  for (const url of [synapse.database_url, postgres.url])
    await inDatabase(url, (client) => client.query('VACUUM FULL'));
  const directory = await inDatabase(postgres.url, async (client) => {
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? '';
  });
  const searched = [await searchTree(join(directory, 'base'), words), await searchTree(synapse.media_dir, words)];
  if (searched[0]?.files === 0) throw new Error('there are no files of the databases: a search of nothing');
  return searched.flatMap(({ found }) => found);
}

/** Opens a backup as a restore does, to its end, and looks through all of it. Its plain content is left beside it. */
export async function foundInBackup(file: string, keyFile: string, words: readonly string[]): Promise<boolean> {
  const pieces: Uint8Array[] = [];
  const keeping = async function* () {
    for await (const piece of unsealed(file, keyFile)) {
      pieces.push(piece);
      yield piece;
    }
  };
  let isWhole = false;
  for await (const part of readParts(keeping())) {
    if (part.kind === 'table') for await (const row of part.rows) if (row.length === 0) throw new Error('an empty row');
    isWhole = part.kind === 'end';
  }
  if (!isWhole) throw new Error('the backup has no end');
  const plain = `${file}.plain`;
  await writeFile(plain, Buffer.concat(pieces), { mode: 0o600 });
  return (await searchTree(plain, words)).found.length > 0;
}

/**
 * Blanks what was redacted at a homeserver, by the function that Synapse itself calls every five minutes for what is older than
 * `redaction_retention_period`.
 * @param directory of the homeserver's configuration
 */
export async function blankRedacted(directory: string, { processes }: HospitalInfo): Promise<void> {
  const script = fileURLToPath(new URL('blank_redacted.py', import.meta.url));
  await promisify(execFile)(processes.synapse.python, [script, join(directory, 'homeserver.yaml')], { cwd: directory });
}

async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
