import type pg from 'pg';
import { isWord, type LeafBody, leafBody } from '../audit/leaf.ts';
import { type ReferenceKind, referenceTo } from '../audit/references.ts';
import type { AuditEntry } from '../flows/ports.ts';
import { type Clock, isoInstant } from '../kernel/clock.ts';
import type { Secret } from '../kernel/phi.ts';
import type { NonEmpty } from '../kernel/result.ts';
import { auditClass, type SealedPayload, sealPayload } from './auditPayload.ts';
import type { ContentKeys } from './contentKeys.ts';
import type { Queryable } from './database.ts';
import type { Statement } from './pipeline.ts';

/** Business time is written beside the machine's when it is off by this much. */
const SAME_TIME_MS = 1_000;

export interface AuditWriterKeys {
  /** Makes pseudonyms of ids. */
  readonly reference: Secret<Uint8Array>;
  readonly content: ContentKeys;
  /** Business time. */
  readonly clock: Clock;
  /** The machine's time. */
  readonly machineClock: Clock;
}

/**
 * Writes audit entries in the caller's transaction: they exist exactly when the change does (45 CFR 164.312(b)). The
 * sequencer gives them their place after the commit. Throws a TypeError for an entry whose action is no `object.verb`.
 */
export const insertEntries = async (
  client: pg.PoolClient,
  entries: NonEmpty<AuditEntry>,
  keys: AuditWriterKeys,
): Promise<void> => {
  await client.query(await entriesStatement(client, entries, keys));
};

/** The statement of `insertEntries`, for callers that send it together with others. `db` may be asked for content keys. */
export const entriesStatement = async (
  db: Queryable,
  entries: NonEmpty<AuditEntry>,
  keys: AuditWriterKeys,
): Promise<Statement> => {
  const bodies: string[] = [];
  const payloads: SealedPayload[] = [];
  for (const entry of entries) {
    const payload = await sealPayload(db, entry, keys.machineClock.now(), keys.content);
    bodies.push(JSON.stringify(bodyOf(entry, payload.commit, keys)));
    payloads.push(payload);
  }
  return {
    name: 'audit-insert',
    text: `WITH input AS MATERIALIZED (
             SELECT nextval('wardroom.audit_entry_ids') AS entry_id, item.body, item.key_id, item.nonce, item.ciphertext
               FROM (SELECT * FROM unnest($1::jsonb[], $2::uuid[], $3::bytea[], $4::bytea[])
                       WITH ORDINALITY AS row (body, key_id, nonce, ciphertext, place) ORDER BY place) AS item),
           entry AS (INSERT INTO wardroom.audit_entries (entry_id, body) SELECT entry_id, body FROM input),
           payload AS (INSERT INTO wardroom.audit_payloads (entry_id, key_id, nonce, ciphertext)
             SELECT entry_id, key_id, nonce, ciphertext FROM input)
           INSERT INTO wardroom.audit_pending (entry_id) SELECT entry_id FROM input`,
    values: [
      bodies,
      payloads.map(({ sealed }) => sealed.keyId),
      payloads.map(({ sealed }) => sealed.nonce),
      payloads.map(({ sealed }) => sealed.ciphertext),
    ],
  };
};

const bodyOf = (entry: AuditEntry, commit: string, { reference, clock, machineClock }: AuditWriterKeys): LeafBody => {
  const ts = machineClock.now();
  const at = clock.now();
  const ref = (kind: ReferenceKind, id: string): string => referenceTo(reference, kind, id);
  return leafBody({
    v: 1,
    ts: isoInstant(ts),
    ...(Math.abs(at - ts) >= SAME_TIME_MS && { at: isoInstant(at) }),
    actor: ref('actor', entry.actor),
    action: entry.action,
    outcome: entry.outcome,
    ...(entry.code !== undefined && isWord(entry.code) && { code: entry.code }),
    ...(entry.room !== undefined && { roomRef: ref('room', entry.room) }),
    ...(entry.event !== undefined && { eventRef: ref('event', entry.event) }),
    ...(entry.ticket !== undefined && { ticketRef: ref('ticket', entry.ticket) }),
    ...(entry.account !== undefined && { accountRef: ref('account', entry.account) }),
    commit,
    class: auditClass,
  });
};
