import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { link, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isoInstant, realClock } from '../../kernel/clock.ts';
import { noteBackup } from '../../postgres/backups.ts';
import { openSnapshot, type Snapshot } from '../../postgres/snapshot.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import type { Config } from '../config/index.ts';
import { packageVersion } from '../packageVersion.ts';
import { syncDirectory } from '../secretFile.ts';
import { END_OF_ROWS, lineOf, type Manifest } from './format.ts';
import { audit, type KeptSecret, readSecrets, urlsOf } from './installation.ts';
import { sealed } from './seal.ts';

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly made_at: string;
  readonly schema: number;
  readonly secrets: number;
  /** Messages that were on their way to their rooms: after a restore they are posted, though they may be there already. */
  readonly under_way: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/**
 * Writes a backup while Wardroom goes on: the database as it was at one instant, the secrets without which it cannot be read, and
 * what made it (45 CFR 164.308(a)(7)(ii)(A)). Encrypted for the key in `keyFile`. The file appears complete or not at all.
 * Throws CommandError when it is there already.
 */
export async function makeBackup(
  config: Config,
  file: string,
  keyFile: string,
  onProgress: (line: string) => void,
): Promise<BackupReport> {
  const begun = performance.now();
  if (existsSync(file)) throw new CommandError(exitCode.usage, `${file}: is there already; name another file`);
  const urls = urlsOf(config);
  const secrets = readSecrets(config);
  const madeAt = realClock.now();
  const snapshot = await openSnapshot(urls.owner ?? urls.service);
  const rows: Record<string, number> = {};
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    const manifest: Manifest = {
      format: 'wardroom-backup',
      version: 1,
      made_at: isoInstant(madeAt),
      program: packageVersion(),
      server_name: config.homeserver.server_name,
      audit_origin: config.audit.origin,
      schema: snapshot.schema,
      checkpoint: snapshot.checkpoint,
    };
    const plain = Readable.from(content(snapshot, manifest, secrets, rows, onProgress), { objectMode: false });
    await pipeline(await sealed(plain, keyFile), createWriteStream(draft, { flags: 'wx', mode: 0o600 }));
    await flush(draft);
    // Unlike a renaming, a link never puts itself over a file that appeared meanwhile.
    await link(draft, file);
    syncDirectory(dirname(file));
  } finally {
    await snapshot.close();
    await rm(draft, { force: true });
  }
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  await audit(config, urls.service, {
    action: 'backup.made',
    outcome: 'ok',
    actor: 'operator',
    detail: { rows: total, schema: snapshot.schema },
  });
  await noteBackup(urls.service, madeAt, total);
  const { size } = await stat(file);
  return {
    file,
    bytes: size,
    made_at: isoInstant(madeAt),
    schema: snapshot.schema,
    secrets: secrets.length,
    under_way: snapshot.underWay,
    rows,
    seconds: Math.round(performance.now() - begun) / 1000,
  };
}

async function* content(
  snapshot: Snapshot,
  manifest: Manifest,
  secrets: readonly KeptSecret[],
  rows: Record<string, number>,
  onProgress: (line: string) => void,
): AsyncGenerator<string | Buffer> {
  yield lineOf(manifest);
  for (const { name, content } of secrets) yield lineOf({ secret: name, content });
  for (const table of snapshot.tables) {
    yield lineOf({ table: table.name, columns: table.columns });
    let count = 0;
    for await (const chunk of snapshot.rows(table)) {
      const bytes = chunk as Buffer;
      for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count += 1;
      yield bytes;
    }
    yield END_OF_ROWS;
    rows[table.name] = count;
    if (count > 0) onProgress(`${table.name}: ${count}`);
  }
  yield lineOf({ end: true, rows });
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
