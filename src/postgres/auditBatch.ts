import type pg from 'pg';
import { signCheckpoint } from '../audit/checkpoint.ts';
import { appendLeaf, type CompactRange, emptyRange, encodeRange, rangeRoot } from '../audit/compactRange.ts';
import { type Hash, sameBytes } from '../audit/hash.ts';
import type { LogSigner } from '../audit/keys.ts';
import { encodeLeaf, type LeafBody } from '../audit/leaf.ts';
import { hashLeaf } from '../audit/merkle.ts';
import type { NoteVerifier } from '../audit/vkey.ts';
import { type Clock, isoInstant } from '../kernel/clock.ts';
import { AuditLogDamaged, insertHead, readHead } from './auditHead.ts';
import { inTransaction } from './database.ts';

export interface Batch {
  /** Entries that were waiting and are not any more. */
  readonly taken: number;
  /** The checkpoint that covers them, on disk; null when there was none to sign. */
  readonly note: string | null;
  readonly size: number;
}

export interface BatchOptions {
  readonly pool: pg.Pool;
  readonly signer: LogSigner;
  readonly verifier: NoteVerifier;
  readonly clock: Clock;
  readonly batchSize: number;
}

interface PendingRow {
  readonly entry_id: number;
  readonly body: LeafBody;
  /** It has its place already. */
  readonly is_placed: boolean;
}

/**
 * One batch = one transaction: takes the writers' lock, gives the waiting entries the next indexes, signs the new head and
 * replaces the old one. Whatever ends it in between leaves the log as it was, and a signature that was not stored was
 * shown to nobody. A writer that hangs loses its lock after ten seconds.
 */
export const createBatches = ({
  pool,
  signer,
  verifier,
  clock,
  batchSize,
}: BatchOptions): { next(): Promise<Batch> } => {
  /** The largest head this process has stored: the database must never show it a smaller or another one. */
  let stored: { readonly size: number; readonly root: Hash } | null = null;

  const extend = async (client: pg.PoolClient): Promise<Batch & { readonly range: CompactRange }> => {
    await client.query(
      `SELECT set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '10s', true)`,
    );
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('wardroom.audit'))`);
    const head = await readHead(client, verifier);
    if (stored !== null) requireNoRollback(head ?? emptyRange, stored);
    const { rows } = await client.query<PendingRow>({
      name: 'audit-pending',
      text: `SELECT p.entry_id, e.body, l.idx IS NOT NULL AS is_placed
               FROM wardroom.audit_pending p JOIN wardroom.audit_entries e USING (entry_id)
               LEFT JOIN wardroom.audit_leaves l USING (entry_id) ORDER BY p.entry_id LIMIT $1`,
      values: [batchSize],
    });
    if (head === null) return { ...(await begin(client)), taken: 0, range: emptyRange };
    if (rows.length === 0) return { taken: 0, note: null, size: head.size, range: head };
    return append(client, head, rows);
  };

  /** The checkpoint of the empty log. Entries wait for the next batch. */
  const begin = async (client: pg.PoolClient): Promise<{ note: string; size: number }> => {
    const note = signCheckpoint({ size: 0, root: rangeRoot(emptyRange) }, signer);
    await insertHead(client, emptyRange, note);
    return { note, size: 0 };
  };

  const append = async (client: pg.PoolClient, head: CompactRange, rows: readonly PendingRow[]) => {
    const logged = isoInstant(clock.now());
    const fresh = rows.filter(({ is_placed }) => !is_placed);
    const leaves = fresh.map(({ body }, place) => encodeLeaf({ ...body, seq: head.size + place, logged }));
    const hashes = leaves.map(hashLeaf);
    const range = hashes.reduce(appendLeaf, head);
    const note = signCheckpoint({ size: range.size, root: rangeRoot(range) }, signer);
    const { rowCount } = await client.query({
      name: 'audit-append',
      text: `WITH done AS (DELETE FROM wardroom.audit_pending WHERE entry_id = ANY($1)),
               leaf AS (INSERT INTO wardroom.audit_leaves (idx, entry_id, leaf, leaf_hash)
                 SELECT $2::bigint + place - 1, entry_id, leaf, leaf_hash
                   FROM unnest($3::bigint[], $4::bytea[], $5::bytea[]) WITH ORDINALITY AS row (entry_id, leaf, leaf_hash, place)),
               history AS (INSERT INTO wardroom.audit_checkpoint_history (size, note) VALUES ($6, $7) ON CONFLICT DO NOTHING)
             UPDATE wardroom.audit_checkpoint SET size = $6, note = $7, frontier = $8 WHERE size = $2`,
      values: [
        rows.map(({ entry_id }) => entry_id),
        head.size,
        fresh.map(({ entry_id }) => entry_id),
        leaves,
        hashes,
        range.size,
        note,
        encodeRange(range),
      ],
    });
    if (rowCount !== 1) throw new CheckpointMoved();
    return { taken: rows.length, note, size: range.size, range };
  };

  return {
    async next() {
      const batch = await inTransaction(pool, extend);
      if (batch === null) throw new CheckpointMoved();
      stored = { size: batch.size, root: rangeRoot(batch.range) };
      // An empty log that was just begun may have entries waiting: make the caller come again.
      return {
        taken: batch.size === 0 && batch.note !== null ? batchSize : batch.taken,
        note: batch.note,
        size: batch.size,
      };
    },
  };
};

/** Somebody replaced the checkpoint without holding the lock; nothing was stored. */
class CheckpointMoved extends Error {
  readonly code = 'checkpoint-moved';
}

const requireNoRollback = (head: CompactRange, stored: { readonly size: number; readonly root: Hash }): void => {
  const isSmaller = head.size < stored.size;
  const isOther = head.size === stored.size && !sameBytes(rangeRoot(head), stored.root);
  if (isSmaller || isOther) throw new AuditLogDamaged('checkpoint-rolled-back');
};
