import { createPublicKey, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { logSigner, vkeyOf } from '../../src/audit/keys.ts';
import type { AuditEntry } from '../../src/flows/ports.ts';
import { realClock } from '../../src/kernel/clock.ts';
import { Secret } from '../../src/kernel/phi.ts';
import { createAuditSequencer } from '../../src/postgres/auditSequencer.ts';
import { insertEntries } from '../../src/postgres/auditWriter.ts';
import { createContentKeys } from '../../src/postgres/contentKeys.ts';
import { inTransaction, openPool } from '../../src/postgres/database.ts';
import { type Config, loadConfig } from '../../src/server/config/index.ts';
import { requireOwnInstallation } from '../../src/server/installation.ts';
import { writeRegistration } from '../../src/server/registration.ts';
import { openSecrets, type Secrets } from '../../src/server/secrets.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export const SERVER_NAME = 'hospital.example';

/** An installation as it lies on disk and in its database, with nothing running. */
export interface Installation {
  readonly dir: string;
  readonly database: TestDatabase;
  /** The file for `--config`. */
  readonly file: string;
  readonly config: Config;
  readonly secrets: Secrets;
  /** Runs a statement as the database's superuser. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/**
 * Of this server name; `database`: one that is there already, `secretsDir`: a directory with secrets that are, `ownServer`: Wardroom
 * runs its own PostgreSQL.
 */
export async function installation(
  options: {
    serverName?: string;
    database?: TestDatabase;
    secretsDir?: string;
    migrated?: boolean;
    ownServer?: boolean;
  } = {},
): Promise<Installation> {
  const dir = mkdtempSync(join(tmpdir(), 'wardroom-installation-'));
  const database = options.database ?? (await testDatabase({ migrated: options.migrated ?? true }));
  writeFileSync(join(dir, 'service.url'), `${database.serviceUrl}\n`, { mode: 0o600 });
  writeFileSync(join(dir, 'owner.url'), `${database.ownerUrl}\n`, { mode: 0o600 });
  const file = join(dir, 'wardroom.yaml');
  const secretsDir = options.secretsDir ?? join(dir, 'secrets');
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
  writeFileSync(
    file,
    JSON.stringify({
      homeserver: { url: 'http://127.0.0.1:1', server_name: options.serverName ?? SERVER_NAME },
      ...(options.ownServer === true ? {} : { database: { url_file: 'service.url', owner_url_file: 'owner.url' } }),
      data_dir: 'data',
      secrets_dir: secretsDir,
      appservice: { port: 0 },
      http: { port: 0 },
      metrics: { port: 0 },
    }),
  );
  const loaded = loadConfig([file]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return {
    dir,
    database,
    file,
    config: loaded.value,
    secrets: openSecrets(secretsDir, { create: true }),
    async sql(text, values = []) {
      const client = new pg.Client({ connectionString: database.adminUrl });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    async close() {
      if (options.database === undefined) await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Values that are easily changed on their way: quotes, line ends, separators, letters of every kind, microseconds, key order. */
export const ODD_TEXT = `"Ms. O'Brien", \\x41\n\t(a,b) {c} ; -- \u00e9\u{1f6a8}\u2028 NULL`;

/** Lets a first start happen and some work be done: every kind of value is in some column. */
export async function live({ database, config, secrets, sql }: Installation, entries = 20): Promise<void> {
  const { appservice, homeserver } = config;
  writeRegistration(appservice.registration_file, appservice.url, homeserver.server_name);
  secrets.cryptoPassphrase();
  secrets.rolesApiToken();
  const pool = openPool(database.serviceUrl, () => undefined, 4);
  const keyPool = openPool(database.serviceUrl, () => undefined, 1);
  try {
    await requireOwnInstallation(pool, config, secrets);
    const reference = secrets.referenceKey();
    const content = createContentKeys({
      keyPool,
      keyEncryptionKey: secrets.keyEncryptionKey(),
      referenceKey: reference,
    });
    const entry = (n: number): AuditEntry => ({
      action: 'ticket.accepted',
      outcome: 'ok',
      actor: 'service:nightjar',
      detail: { n },
    });
    const keys = { reference, content, clock: realClock, machineClock: realClock };
    await inTransaction(pool, (client) =>
      insertEntries(client, [entry(0), ...Array.from({ length: entries - 1 }, (_, n) => entry(n + 1))], keys),
    );
    const pem = secrets.auditLogKey().reveal();
    const sequencer = createAuditSequencer({
      pool,
      signer: logSigner(config.audit.origin, new Secret(pem.export({ type: 'pkcs8', format: 'pem' }).toString())),
      clock: realClock,
      log: { info: () => undefined, error: () => undefined },
    });
    await sequencer.start();
    await sequencer.flush();
    await sequencer.stop();
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
  await sql(
    `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at,
       life, text_key_id, text_nonce, text_ciphertext)
     SELECT 'tkt_' || n, 'nightjar', 'LARK', $1 || n, 'f', 'stat', 'accepted', n, '2026-11-22T08:00:00.123456+01', $2, 'k', $3, $3
       FROM generate_series(1, 700) AS n`,
    [ODD_TEXT, JSON.stringify({ z: 1, a: ODD_TEXT, n: null }), randomBytes(5_000)],
  );
  await sql(
    `INSERT INTO wardroom.messages (message_id, ticket_id, kind, repeat, mention, due, state, txn_id, voice, room_id, ciphertext,
       session_id, readers, queued_at)
     VALUES ('msg_1', 'tkt_1', 'ticket', 0, '[]', '["@a:b"]', 'encrypted', 'wr.1', '@wardroom_x:b', '!r', '{"z": 1,  "a": 2}', 's',
       '{}', now()), ('msg_2', 'tkt_2', 'ticket', 0, '[]', '[]', 'sent', 'wr.2', '@wardroom_x:b', '!r', NULL, 's', '{}', now())`,
  );
  await sql(
    `INSERT INTO wardroom.crypto_voice (voice, device_id, ready, sync_token, epoch, digest) VALUES ('@wardroom_x:b', 'OLD', true, 's1', 7, '\\x00')`,
  );
  await sql(
    `INSERT INTO wardroom.crypto_record (voice, database, store, key, value) VALUES ('@wardroom_x:b', 'd', 's', 'k', 'ratchet')`,
  );
}

/** Everything in the tables, as text, for comparing. */
export async function contents({ sql }: Installation, tables: readonly string[]): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const table of tables)
    found[table] = (await sql(`SELECT t::text AS row FROM wardroom.${table} t ORDER BY 1`)).map(({ row }) => row);
  return found;
}

export const vkey = ({ config, secrets }: Installation): string =>
  vkeyOf(config.audit.origin, createPublicKey(secrets.auditLogKey().reveal()));
