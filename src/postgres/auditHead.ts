import type pg from 'pg';
import { openCheckpoint } from '../audit/checkpoint.ts';
import {
  appendLeaf,
  type CompactRange,
  decodeRange,
  emptyRange,
  encodeRange,
  rangeRoot,
} from '../audit/compactRange.ts';
import { sameBytes } from '../audit/hash.ts';
import { hashLeaf } from '../audit/merkle.ts';
import type { NoteVerifier } from '../audit/vkey.ts';
import type { Queryable } from './database.ts';

const PAGE = 1_000;

export type DamageCode =
  | 'checkpoint-missing'
  | 'checkpoint-altered'
  | 'wrong-key'
  | 'checkpoint-rolled-back'
  | 'log-truncated'
  | 'entry-inserted'
  | 'entry-altered';

/** The stored log is not what was signed. Nothing more is signed: a log that goes on from there would be a fork. */
export class AuditLogDamaged extends Error {
  readonly code = 'audit-log-damaged';
  readonly damage: DamageCode;
  constructor(damage: DamageCode) {
    super(`the audit log is damaged: ${damage}`);
    this.damage = damage;
  }
}

interface HeadRow {
  readonly size: number;
  readonly note: string;
  readonly frontier: Buffer | null;
}

/**
 * Reads where the log stands, inside the transaction that will extend it: null when nothing was ever signed. Throws
 * AuditLogDamaged when the checkpoint is not the log's, or does not fit the leaves. A frontier that is missing or does not
 * give the signed root is computed again from the leaves.
 */
export const readHead = async (client: pg.PoolClient, log: NoteVerifier): Promise<CompactRange | null> => {
  const { rows } = await client.query<HeadRow & { leaves: number; history: number }>(
    `SELECT c.size, c.note, c.frontier, l.leaves, h.history
       FROM (SELECT coalesce(max(idx) + 1, 0) AS leaves FROM wardroom.audit_leaves) AS l,
            (SELECT coalesce(max(size), -1) AS history FROM wardroom.audit_checkpoint_history) AS h
            LEFT JOIN wardroom.audit_checkpoint AS c ON true`,
  );
  const row = rows[0]!;
  if (row.note === null) {
    if (row.leaves > 0 || row.history >= 0) throw new AuditLogDamaged('checkpoint-missing');
    return null;
  }
  const opened = openCheckpoint(row.note, log);
  if (!opened.ok) throw new AuditLogDamaged(opened.error === 'no-known-key' ? 'wrong-key' : 'checkpoint-altered');
  const { size, root } = opened.value;
  if (row.size !== size) throw new AuditLogDamaged('checkpoint-altered');
  if (row.history > size) throw new AuditLogDamaged('checkpoint-rolled-back');
  if (row.leaves !== size) throw new AuditLogDamaged(row.leaves < size ? 'log-truncated' : 'entry-inserted');
  const stored = row.frontier === null ? null : decodeRange(size, row.frontier);
  if (stored?.ok && sameBytes(rangeRoot(stored.value), root)) return stored.value;
  const computed = await rangeOfLeaves(client);
  if (computed.size !== size || !sameBytes(rangeRoot(computed), root)) throw new AuditLogDamaged('entry-altered');
  return computed;
};

/** Stores the first checkpoint. */
export const insertHead = async (client: pg.PoolClient, range: CompactRange, note: string): Promise<void> => {
  await client.query(
    `WITH history AS (INSERT INTO wardroom.audit_checkpoint_history (size, note) VALUES ($1, $2))
     INSERT INTO wardroom.audit_checkpoint (size, note, frontier) VALUES ($1, $2, $3)`,
    [range.size, note, encodeRange(range)],
  );
};

const rangeOfLeaves = async (db: Queryable): Promise<CompactRange> => {
  let range = emptyRange;
  for (;;) {
    const { rows } = await db.query<{ leaf: Buffer }>(
      'SELECT leaf FROM wardroom.audit_leaves WHERE idx >= $1 ORDER BY idx LIMIT $2',
      [range.size, PAGE],
    );
    for (const { leaf } of rows) range = appendLeaf(range, hashLeaf(leaf));
    if (rows.length < PAGE) return range;
  }
};
