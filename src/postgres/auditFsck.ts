import type pg from 'pg';
import { canonicalBytes } from '../audit/commitment.ts';
import { collectFindings, type Findings } from '../audit/findings.ts';
import { checkLog, type LeafRecord, type LogReport } from '../audit/fsck.ts';
import { sameBytes } from '../audit/hash.ts';
import { type LeafBody, parseLeaf } from '../audit/leaf.ts';
import { parseVkey } from '../audit/vkey.ts';
import { payloadState } from './auditPayload.ts';
import type { ContentKeys } from './contentKeys.ts';
import { inTransaction } from './database.ts';

const PAGE = 1_000;

/** contract.md, `audit fsck`. */
export interface FsckReport extends LogReport {
  /** Entries that are committed and wait for their place: no fault while the service runs. */
  readonly pending: number;
}

export interface FsckOptions {
  /** The log's vkey. Take it from outside the database. */
  readonly vkey: string;
  /** Opens payloads; without it they are not checked. */
  readonly keys?: ContentKeys;
}

interface LogRow {
  readonly idx: number;
  readonly leaf: Buffer;
  readonly leaf_hash: Buffer;
  readonly body: LeafBody | null;
  readonly key_id: string | null;
  readonly nonce: Buffer | null;
  readonly ciphertext: Buffer | null;
}

/**
 * Recomputes the live log from the database, in one snapshot and bounded memory: the tree against its signed checkpoints,
 * each entry against its leaf, each payload against its commitment. Throws a TypeError when the vkey cannot be read.
 */
export const auditFsck = async (pool: pg.Pool, { vkey, keys }: FsckOptions): Promise<FsckReport> => {
  const log = parseVkey(vkey);
  if (!log.ok) throw new TypeError(`not a vkey: ${log.error}`);
  const report = await inTransaction(pool, async (client): Promise<FsckReport> => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const findings = collectFindings();
    const { unlogged, pending } = await countUnplaced(client);
    if (unlogged > 0)
      findings.add(
        'entry-unlogged',
        `${unlogged} entries are committed, but neither in the log nor waiting for their place`,
      );
    const checkpoint = await client.query<{ note: string }>('SELECT note FROM wardroom.audit_checkpoint');
    const checked = await checkLog(
      {
        leaves: readLeaves(client, keys, findings),
        history: readHistory(client),
        checkpoint: checkpoint.rows[0]?.note ?? null,
        log: log.value,
      },
      findings,
    );
    return { ...checked, pending };
  });
  if (report === null) throw new Error('unreachable');
  return report;
};

async function* readLeaves(
  client: pg.PoolClient,
  keys: ContentKeys | undefined,
  findings: Findings,
): AsyncGenerator<LeafRecord> {
  for (let after = -1; ; ) {
    const { rows } = await client.query<LogRow>({
      name: 'audit-fsck-leaves',
      text: `SELECT l.idx, l.leaf, l.leaf_hash, e.body, p.key_id, p.nonce, p.ciphertext
               FROM (SELECT * FROM wardroom.audit_leaves WHERE idx > $1 ORDER BY idx LIMIT $2) AS l
               LEFT JOIN wardroom.audit_entries e USING (entry_id)
               LEFT JOIN wardroom.audit_payloads p USING (entry_id) ORDER BY l.idx`,
      values: [after, PAGE],
    });
    for (const row of rows) {
      checkSource(row, findings);
      yield {
        index: row.idx,
        bytes: row.leaf,
        storedHash: row.leaf_hash,
        payload: await readPayload(client, row, keys),
      };
    }
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.idx;
  }
}

const readPayload = async (
  client: pg.PoolClient,
  row: LogRow,
  keys: ContentKeys | undefined,
): Promise<LeafRecord['payload']> => {
  if (row.key_id === null || row.nonce === null || row.ciphertext === null) return 'missing';
  const leaf = parseLeaf(row.leaf);
  if (keys === undefined || !leaf.ok) return 'unchecked';
  return payloadState(
    client,
    { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext },
    leaf.value.commit,
    keys,
  );
};

/** The entry as it was written must be the one in the leaf: searches read the first, proofs the second. */
const checkSource = ({ idx, leaf, body }: LogRow, findings: Findings): void => {
  const parsed = parseLeaf(leaf);
  if (!parsed.ok) return;
  if (body === null) {
    findings.add('entry-missing', `the entry that leaf ${idx} was made from is gone`, idx);
    return;
  }
  const { seq, logged } = parsed.value;
  if (!sameBytes(canonicalBytes({ ...body, seq, logged }), leaf))
    findings.add('entry-altered', `the entry that leaf ${idx} was made from is not what the leaf says`, idx);
};

async function* readHistory(client: pg.PoolClient): AsyncGenerator<string> {
  for (let after = -1; ; ) {
    const { rows } = await client.query<{ size: number; note: string }>(
      'SELECT size, note FROM wardroom.audit_checkpoint_history WHERE size > $1 ORDER BY size LIMIT $2',
      [after, PAGE],
    );
    for (const { note } of rows) yield note;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.size;
  }
}

const countUnplaced = async (client: pg.PoolClient): Promise<{ unlogged: number; pending: number }> => {
  const { rows } = await client.query<{ unlogged: number; pending: number }>(
    `SELECT (SELECT count(*) FROM wardroom.audit_pending) AS pending,
            (SELECT count(*) FROM wardroom.audit_entries e
              WHERE NOT EXISTS (SELECT 1 FROM wardroom.audit_leaves l WHERE l.entry_id = e.entry_id)
                AND NOT EXISTS (SELECT 1 FROM wardroom.audit_pending p WHERE p.entry_id = e.entry_id)) AS unlogged`,
  );
  return rows[0]!;
};
