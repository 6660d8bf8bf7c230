import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { realClock } from '../../kernel/clock.ts';
import { expectedVersion, MigrationRefused, migrate } from '../../postgres/migrate.ts';
import { dropEmptySchema, emptiness, type Load, openLoad } from '../../postgres/snapshot.ts';
import { checkAuditLog } from '../checkAuditLog.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import type { Config } from '../config/index.ts';
import { ensureSecretFile, readSecretFile, SecretFileError } from '../secretFile.ts';
import { BackupUnreadable, type Manifest, type Part, readParts } from './format.ts';
import { audit, type KeptSecret, pathOf, urlsOf } from './installation.ts';
import { unsealed } from './seal.ts';

export interface RestoreReport {
  readonly file: string;
  readonly made_at: string;
  readonly age_seconds: number;
  readonly schema: number;
  readonly server_name: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly secrets: number;
  /** Size and root of the audit log; null when there was none yet. */
  readonly audit: { readonly size: number; readonly root: string } | null;
  readonly seconds: number;
}

interface Contents {
  readonly manifest: Manifest;
  readonly secrets: readonly KeptSecret[];
  readonly rows: Readonly<Record<string, number>>;
}

/** Reads a backup to its end and changes nothing. Throws CommandError when a byte of it is not as it was written. */
export async function checkBackup(file: string, keyFile: string): Promise<RestoreReport> {
  const begun = performance.now();
  return report(file, await verified(file, keyFile), begun);
}

/**
 * Puts a backup into an empty database and the secrets beside it. The whole backup is read and checked before anything is changed;
 * the rows are there all at once or not at all; a secret that is there and differs is never replaced. Voices come back with new
 * devices, signed by their old identities (see `LEFT_OUT` in src/postgres/snapshot.ts). Throws CommandError with the reason.
 */
export async function restoreBackup(
  config: Config,
  file: string,
  keyFile: string,
  onProgress: (line: string) => void,
): Promise<RestoreReport> {
  const begun = performance.now();
  const { owner, service } = urlsOf(config);
  if (owner === null)
    throw new CommandError(exitCode.usage, 'database.owner_url_file is not set: a restore makes the schema');
  onProgress('checking the backup');
  const contents = await verified(file, keyFile);
  const { manifest, secrets } = contents;
  await refuseForeign(config, manifest);
  refuseOtherSecrets(config, secrets);
  await makeRoom(owner);

  // Before the rows: a restore that was cut short in between is simply repeated.
  for (const { name, content } of secrets) {
    const path = pathOf(config, name);
    ensureSecretFile(path, () => content);
  }
  onProgress(`making schema ${manifest.schema}`);
  await migrateTo(owner, manifest.schema);
  onProgress('loading');
  await load(owner, file, keyFile, contents.rows, onProgress);
  await migrateTo(owner, null);

  onProgress('recomputing the audit log');
  const checked = await checkAuditLog(config);
  const before = report(file, contents, begun).audit;
  if (!checked.ok || (before !== null && (checked.root !== before.root || checked.size !== before.size)))
    throw new CommandError(
      exitCode.failed,
      `restored, but the audit log does not hold (${checked.findings.map(({ code }) => code).join(', ') || 'another root'}): keep the backup and ask for help`,
    );
  await audit(config, service, {
    action: 'backup.restored',
    outcome: 'ok',
    actor: 'operator',
    detail: { made_at: manifest.made_at, size: checked.size },
  });
  return { ...report(file, contents, begun), audit: { size: checked.size, root: checked.root } };
}

function report(file: string, { manifest, secrets, rows }: Contents, begun: number): RestoreReport {
  const [, size, root] = manifest.checkpoint?.split('\n') ?? [];
  return {
    file,
    made_at: manifest.made_at,
    age_seconds: Math.max(0, Math.round((realClock.now() - Date.parse(manifest.made_at)) / 1000)),
    schema: manifest.schema,
    server_name: manifest.server_name,
    rows,
    secrets: secrets.length,
    audit: size === undefined || root === undefined ? null : { size: Number(size), root },
    seconds: Math.round(performance.now() - begun) / 1000,
  };
}

/** The parts of a backup; what is wrong with it is said in plain words, also when it shows only among the rows of a table. */
async function* parts(file: string, keyFile: string): AsyncGenerator<Part> {
  for await (const part of plainly(file, readParts(unsealed(file, keyFile))))
    yield part.kind === 'table' ? { ...part, rows: plainly(file, part.rows) } : part;
}

async function* plainly<T>(file: string, source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (error instanceof BackupUnreadable)
      throw new CommandError(exitCode.failed, `${file} cannot be used: ${error.message}`);
    const code = (error as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code))
      throw new CommandError(exitCode.usage, `${file}: cannot be read (${code})`);
    throw error;
  }
}

async function verified(file: string, keyFile: string): Promise<Contents> {
  let manifest: Manifest | null = null;
  const secrets: KeptSecret[] = [];
  const counted: Record<string, number> = {};
  for await (const part of parts(file, keyFile)) {
    if (part.kind === 'manifest') manifest = part.manifest;
    else if (part.kind === 'secret') secrets.push({ name: part.name, content: part.content });
    else if (part.kind === 'table') {
      let count = 0;
      for await (const _row of part.rows) count += 1;
      counted[part.name] = count;
    } else if (JSON.stringify(part.rows) !== JSON.stringify(counted))
      throw new CommandError(exitCode.failed, `${file} cannot be used: rows are missing`);
  }
  if (manifest === null) throw new CommandError(exitCode.failed, `${file} cannot be used: it is empty`);
  return { manifest, secrets, rows: counted };
}

async function refuseForeign(config: Config, manifest: Manifest): Promise<void> {
  const expected = await expectedVersion();
  if (manifest.schema > expected)
    throw new CommandError(
      exitCode.failed,
      `the backup has schema ${manifest.schema}, this program knows ${expected}: use Wardroom ${manifest.program} or newer`,
    );
  for (const [what, theirs, ours] of [
    ['homeserver.server_name', manifest.server_name, config.homeserver.server_name],
    ['audit.origin', manifest.audit_origin, config.audit.origin],
  ])
    if (theirs !== ours)
      throw new CommandError(
        exitCode.failed,
        `the backup is of another installation: its ${what} is ${theirs}, the configuration's is ${ours}`,
      );
}

function refuseOtherSecrets(config: Config, secrets: readonly KeptSecret[]): void {
  const differing = secrets.flatMap(({ name, content }) => {
    const path = pathOf(config, name);
    try {
      return readSecretFile(path).reveal() === content ? [] : [path];
    } catch (error) {
      if (error instanceof SecretFileError && error.code === 'missing') return [];
      throw error;
    }
  });
  if (differing.length > 0)
    throw new CommandError(
      exitCode.failed,
      `other secrets are there than the backup has: ${differing.join(', ')}; move them away first`,
    );
  mkdirSync(config.secrets_dir, { recursive: true, mode: 0o700 });
}

async function makeRoom(owner: string): Promise<void> {
  const state = await emptiness(owner);
  if (state === 'in-use')
    throw new CommandError(exitCode.later, 'a Wardroom runs on this database: stop it before anything is restored');
  if (state === 'not-empty') throw notEmpty();
  if (state === 'empty') await dropEmptySchema(owner);
}

const notEmpty = (): CommandError =>
  new CommandError(
    exitCode.failed,
    'the database is not empty: make a new one, or drop the schema "wardroom" if you are sure',
  );

async function migrateTo(owner: string, version: number | null): Promise<void> {
  try {
    await migrate(owner, version === null ? {} : { upTo: version });
  } catch (error) {
    if (error instanceof MigrationRefused) throw new CommandError(exitCode.failed, error.message);
    throw error;
  }
}

async function load(
  owner: string,
  file: string,
  keyFile: string,
  expected: Contents['rows'],
  onProgress: (line: string) => void,
): Promise<void> {
  const loading = await openLoad(owner);
  if (loading === null) throw notEmpty();
  let isDone = false;
  try {
    for await (const part of parts(file, keyFile)) {
      if (part.kind !== 'table') continue;
      const count = await loadTable(loading, part);
      if (count !== expected[part.name])
        throw new CommandError(exitCode.failed, `${file}: changed while it was read; nothing is in the database`);
      if (count > 0) onProgress(`${part.name}: ${count}`);
    }
    await loading.finish();
    isDone = true;
  } finally {
    if (!isDone) await loading.abandon();
  }
}

const CHUNK = 64 * 1024;

async function loadTable(loading: Load, part: Extract<Part, { kind: 'table' }>): Promise<number> {
  const target = loading.rows(part);
  const end = finished(target);
  end.catch(() => undefined);
  let count = 0;
  let held: Buffer[] = [];
  let size = 0;
  const write = async () => {
    const more = target.write(Buffer.concat(held));
    held = [];
    size = 0;
    if (!more) await Promise.race([once(target, 'drain'), end]);
  };
  for await (const row of part.rows) {
    // The reader goes on to use its memory.
    held.push(Buffer.from(row));
    count += 1;
    size += row.length;
    if (size >= CHUNK) await write();
  }
  if (held.length > 0) await write();
  target.end();
  await end;
  return count;
}
