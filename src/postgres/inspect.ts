import type pg from 'pg';
import { type Instant, realClock } from '../kernel/clock.ts';
import { connectOnce } from './connectOnce.ts';
import { hasEncryptedData } from './figures.ts';
import { PLACE } from './inspectOwner.ts';
import { type UseFacts, useOf } from './inspectUse.ts';
import { expectedVersion } from './migrate.ts';

/** What an operator's check wants to know of a database. Looks only. */
export interface DatabaseFacts {
  /** As PostgreSQL counts: 180004 is 18.4. */
  readonly serverVersion: number;
  readonly role: string;
  /** Tells this database of this run of its server from any other. */
  readonly place: string;
  /** What the server's clock said, and ours just before and after. */
  readonly clock: { readonly asked: Instant; readonly said: Instant; readonly answered: Instant };
  readonly isSuperuser: boolean;
  /** The last migration; 0 when there is none. */
  readonly schema: number;
  readonly expectedSchema: number;
  /** What this role may do to the audit log and must not: `UPDATE wardroom.audit_leaves`, ... */
  readonly excess: readonly string[];
  /** What it must be able to do and may not. */
  readonly missing: readonly string[];
  readonly freeConnections: number;
  /** Whether anything in it can only be read with the secrets it was written with. */
  readonly isSealed: boolean;
  /** Null while the schema is not this program's. */
  readonly use: UseFacts | null;
  readonly voices: readonly { readonly voice: string; readonly deviceId: string | null; readonly ready: boolean }[];
}

/** Nobody may change or remove what is in the log (design decision 15). */
const LOG = ['audit_entries', 'audit_payloads', 'audit_leaves', 'audit_checkpoint_history'] as const;
const FORBIDDEN = ['UPDATE', 'DELETE', 'TRUNCATE'] as const;
const NEEDED: readonly (readonly [string, string])[] = [
  ...LOG.map((table) => ['INSERT', table] as const),
  ['INSERT', 'tickets'],
  ['UPDATE', 'tickets'],
  ['INSERT', 'messages'],
  ['UPDATE', 'crypto_voice'],
  ['DELETE', 'crypto_record'],
];

export const inspectDatabase = (url: string) => connectOnce(url, look);

async function look(client: pg.Client): Promise<DatabaseFacts> {
  const asked = realClock.now();
  const { rows } = await client.query<{
    version: string;
    role: string;
    super: boolean;
    free: number;
    usable: boolean | null;
    place: string;
    now: string;
  }>(
    `SELECT current_setting('server_version_num') AS version, current_user AS role,
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super,
            current_setting('max_connections')::int - (SELECT count(*)::int FROM pg_stat_activity) AS free,
            ${PLACE} AS place, extract(epoch FROM clock_timestamp()) * 1000 AS now,
            has_schema_privilege(to_regnamespace('wardroom'), 'USAGE') AS usable`,
  );
  const answered = realClock.now();
  const [base] = rows;
  if (!base) throw new Error('no-answer');
  const facts = {
    serverVersion: Number(base.version),
    role: base.role,
    place: base.place,
    clock: { asked, said: Number(base.now), answered },
    isSuperuser: base.super,
    expectedSchema: await expectedVersion(),
    freeConnections: base.free,
  };
  if (!base.usable || !(await may(client, 'SELECT', 'migrations'))) {
    // The schema is missing, or this is a role that the migrations granted nothing.
    const missing = base.usable === null ? [] : ['USAGE wardroom'];
    return { ...facts, schema: 0, excess: [], missing, isSealed: false, use: null, voices: [] };
  }
  const schema = await client.query<{ version: number | null }>(
    'SELECT max(number) AS version FROM wardroom.migrations',
  );
  const excess: string[] = [];
  for (const table of LOG)
    for (const right of FORBIDDEN) if (await may(client, right, table)) excess.push(`${right} wardroom.${table}`);
  const missing: string[] = [];
  for (const [right, table] of NEEDED)
    if (!(await may(client, right, table))) missing.push(`${right} wardroom.${table}`);
  const voices = (await may(client, 'SELECT', 'crypto_voice'))
    ? (
        await client.query<{ voice: string; device_id: string | null; ready: boolean }>(
          'SELECT voice, device_id, ready FROM wardroom.crypto_voice ORDER BY voice',
        )
      ).rows
    : [];
  const version = schema.rows[0]?.version ?? 0;
  return {
    ...facts,
    schema: version,
    use: version === facts.expectedSchema && missing.length === 0 ? await useOf(client) : null,
    isSealed:
      (await may(client, 'SELECT', 'content_keys')) &&
      (await may(client, 'SELECT', 'audit_checkpoint_history')) &&
      (await hasEncryptedData(client)),
    excess,
    missing,
    voices: voices.map(({ voice, device_id, ready }) => ({ voice, deviceId: device_id, ready })),
  };
}

async function may(client: pg.Client, right: string, table: string): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean | null }>(
    'SELECT has_table_privilege(to_regclass($1), $2) AS may',
    [`wardroom.${table}`, right],
  );
  return rows[0]?.may ?? false;
}
