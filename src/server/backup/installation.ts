/** What both directions need of the installation: its database by the owner's or the service's role, and its secrets. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEntry } from '../../flows/ports.ts';
import { realClock } from '../../kernel/clock.ts';
import { entriesStatement } from '../../postgres/auditWriter.ts';
import { createContentKeys } from '../../postgres/contentKeys.ts';
import { openPool } from '../../postgres/database.ts';
import { PostgresStore } from '../../postgres/store.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import type { Config } from '../config/index.ts';
import { noCrash } from '../crashPoints.ts';
import { ownerUrl, serviceUrl } from '../database.ts';
import { readSecretFile } from '../secretFile.ts';
import { openSecrets } from '../secrets.ts';

export interface Urls {
  readonly service: string;
  /** Null when this machine may not have it. */
  readonly owner: string | null;
}

export function urlsOf(config: Config): Urls {
  const service = serviceUrl(config);
  if (service === null) throw new Error('no database was reached');
  return { service: service.reveal(), owner: ownerUrl(config)?.reveal() ?? null };
}

/** Names as in `src/server/secrets.ts`. What else lies in the directory is not ours to carry about. */
const OURS =
  /^(crypto\.passphrase|key-encryption\.key|reference\.key|audit-log\.pem|roles-api\.token|service-[a-z0-9._-]+\.(token|whsec))$/;
/** Without these nothing of a backup can be read, or continued: a backup that lacks one is none. */
const ESSENTIAL = ['crypto.passphrase', 'key-encryption.key', 'reference.key', 'audit-log.pem'];
const REGISTRATION = 'registration.yaml';

export interface KeptSecret {
  readonly name: string;
  readonly content: string;
}

/** Throws SecretFileError when one that a backup must have is missing or open to others. */
export function readSecrets(config: Config): readonly KeptSecret[] {
  const there = readdirSync(config.secrets_dir).filter((name) => OURS.test(name));
  const names = [...new Set([...ESSENTIAL, ...there])].sort();
  return [...names, REGISTRATION].map((name) => ({ name, content: readSecretFile(pathOf(config, name)).reveal() }));
}

/** Where a secret of a backup belongs here. */
export function pathOf(config: Config, name: string): string {
  if (name === REGISTRATION) return config.appservice.registration_file;
  if (!OURS.test(name)) throw new CommandError(exitCode.failed, `the backup holds a secret that nobody knows: ${name}`);
  return join(config.secrets_dir, name);
}

/** Writes one entry into the audit log, as the service's role; a running Wardroom, or the next one, gives it its place. */
export async function audit(config: Config, service: string, entry: AuditEntry): Promise<void> {
  const secrets = openSecrets(config.secrets_dir, { create: false });
  const pool = openPool(service, () => undefined, 2);
  const keyPool = openPool(service, () => undefined, 1);
  try {
    const reference = secrets.referenceKey();
    const content = createContentKeys({
      keyPool,
      keyEncryptionKey: secrets.keyEncryptionKey(),
      referenceKey: reference,
    });
    const keys = { reference, content, clock: realClock, machineClock: realClock };
    const store = new PostgresStore({
      pool,
      sealer: content,
      entries: (db, entries) => entriesStatement(db, entries, keys),
      crash: noCrash,
      onReady: () => undefined,
    });
    await store.change(async () => ({ value: null, audit: [entry] }));
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}
