import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { generateLogKey, logSigner } from '../../src/audit/keys.ts';
import { hashLeaf, merkleTree } from '../../src/audit/merkle.ts';
import { isoInstant } from '../../src/kernel/clock.ts';
import { auditFsck } from '../../src/postgres/auditFsck.ts';
import { type AuditBench, entry, openAuditBench, type room } from './auditSupport.ts';

const SIZE = 30;
const start = Date.parse('2026-11-22T08:00:00Z');
let bench: AuditBench;
let now = start;

/** Thirty entries in ten checkpoints. */
beforeEach(async () => {
  now = start;
  bench = await openAuditBench({ machineClock: { now: () => now } });
  const sequencer = bench.sequencer();
  for (let n = 0; n < SIZE; n += 3) {
    await bench.change([entry(n), entry(n + 1), entry(n + 2)]);
    await sequencer.flush();
    now += 1_000;
  }
});
afterEach(() => bench.close());

const found = async (): Promise<string[]> => {
  const report = await bench.fsck();
  expect(report.ok).toBe(report.findings.length === 0);
  return [...new Set(report.findings.map(({ code, index }) => (index === undefined ? code : `${code} ${index}`)))];
};
const rehash = 'leaf_hash = sha256(decode($$00$$, $$hex$$) || ';

describe('audit fsck', () => {
  it('finds nothing wrong with the log as it was written, twice the same', async () => {
    const report = await bench.fsck();
    expect(report).toEqual({
      ok: true,
      entries: SIZE,
      size: SIZE,
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      shredded: 0,
      pending: 0,
      findings: [],
    });
    expect(await bench.fsck()).toEqual(report);
    const { rows } = await bench.admin.query<{ note: string }>('SELECT note FROM wardroom.audit_checkpoint');
    expect(rows[0]!.note.split('\n').slice(0, 3)).toEqual(['one.example/wardroom', String(SIZE), report.root]);
  });

  /** By the database's superuser: nothing stops him, so it must show. */
  const tampering: Record<string, [sql: string, found: string[]]> = {
    'a byte of a leaf': [
      `UPDATE wardroom.audit_leaves SET leaf = set_byte(leaf, 40, get_byte(leaf, 40) # 1) WHERE idx = 11`,
      ['entry-altered 11'],
    ],
    'a leaf together with its hash': [
      `UPDATE wardroom.audit_leaves SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"ok"', '"failed"'), 'UTF8') WHERE idx = 11;
       UPDATE wardroom.audit_leaves SET ${rehash} leaf) WHERE idx = 11;
       UPDATE wardroom.audit_entries SET body = jsonb_set(body, '{outcome}', '"failed"') WHERE entry_id = 12`,
      ['entry-altered 9'],
    ],
    'the stored hash of a leaf': [
      `UPDATE wardroom.audit_leaves SET leaf_hash = sha256(leaf_hash) WHERE idx = 11`,
      ['entry-altered 11'],
    ],
    'the entry a leaf was made from': [
      `UPDATE wardroom.audit_entries SET body = jsonb_set(body, '{action}', '"ticket.closed"') WHERE entry_id = 12`,
      ['entry-altered 11'],
    ],
    'a leaf deleted': [`DELETE FROM wardroom.audit_leaves WHERE idx = 11`, ['entry-unlogged', 'entry-missing 11']],
    'an entry deleted with all that belongs to it': [
      `DELETE FROM wardroom.audit_leaves WHERE idx = 11; DELETE FROM wardroom.audit_payloads WHERE entry_id = 12;
       DELETE FROM wardroom.audit_entries WHERE entry_id = 12`,
      ['entry-missing 11'],
    ],
    'an entry deleted and the rest renumbered': [
      `DELETE FROM wardroom.audit_leaves WHERE idx = 11; DELETE FROM wardroom.audit_payloads WHERE entry_id = 12;
       DELETE FROM wardroom.audit_entries WHERE entry_id = 12;
       UPDATE wardroom.audit_leaves SET idx = idx + 1000 WHERE idx > 11; UPDATE wardroom.audit_leaves SET idx = idx - 1001 WHERE idx > 1000`,
      ['entry-missing 11'],
    ],
    'an entry deleted, its leaf kept': [
      `SET session_replication_role = replica; DELETE FROM wardroom.audit_payloads WHERE entry_id = 12;
       DELETE FROM wardroom.audit_entries WHERE entry_id = 12; RESET session_replication_role`,
      ['entry-missing 11', 'payload-missing 11'],
    ],
    'two leaves swapped': [
      `UPDATE wardroom.audit_leaves SET idx = 1000 WHERE idx = 4; UPDATE wardroom.audit_leaves SET idx = 4 WHERE idx = 20;
       UPDATE wardroom.audit_leaves SET idx = 20 WHERE idx = 1000`,
      ['entry-reordered 20', 'entry-reordered 4'],
    ],
    'a leaf added at the end': [
      `INSERT INTO wardroom.audit_entries (body) SELECT body FROM wardroom.audit_entries WHERE entry_id = 1;
       INSERT INTO wardroom.audit_payloads SELECT 31, key_id, nonce, ciphertext FROM wardroom.audit_payloads WHERE entry_id = 1;
       INSERT INTO wardroom.audit_leaves SELECT 30, 31, convert_to(replace(convert_from(leaf, 'UTF8'), '"seq":0,', '"seq":30,'), 'UTF8'), leaf_hash
         FROM wardroom.audit_leaves WHERE idx = 0;
       UPDATE wardroom.audit_leaves SET ${rehash} leaf) WHERE idx = 30`,
      ['entry-inserted 30', 'clock-backwards 30'],
    ],
    'the end cut off': [
      `DELETE FROM wardroom.audit_leaves WHERE idx >= 25; DELETE FROM wardroom.audit_payloads WHERE entry_id >= 26;
       DELETE FROM wardroom.audit_entries WHERE entry_id >= 26`,
      ['log-truncated 25'],
    ],
    'everything but the checkpoints removed': [
      `TRUNCATE wardroom.audit_leaves, wardroom.audit_payloads, wardroom.audit_entries, wardroom.audit_pending`,
      ['log-truncated 0'],
    ],
    'an entry that never got its place hidden': [
      `INSERT INTO wardroom.audit_entries (body) SELECT body FROM wardroom.audit_entries WHERE entry_id = 1`,
      ['entry-unlogged'],
    ],
    'the checkpoint altered': [
      `UPDATE wardroom.audit_checkpoint SET note = replace(note, E'\\n30\\n', E'\\n27\\n')`,
      ['checkpoint-altered'],
    ],
    'the checkpoint removed': [`DELETE FROM wardroom.audit_checkpoint`, ['checkpoint-missing']],
    'an older checkpoint put back': [
      `UPDATE wardroom.audit_checkpoint c SET note = h.note FROM wardroom.audit_checkpoint_history h WHERE h.size = 27`,
      ['checkpoint-rolled-back'],
    ],
    'a checkpoint of the history altered': [
      `UPDATE wardroom.audit_checkpoint_history SET note = replace(note, E'\\n15\\n', E'\\n16\\n') WHERE size = 15`,
      ['checkpoint-altered'],
    ],
    'a payload altered': [
      `UPDATE wardroom.audit_payloads SET ciphertext = set_byte(ciphertext, 33, get_byte(ciphertext, 33) # 1) WHERE entry_id = 12`,
      ['payload-altered 11'],
    ],
    'a payload given to another entry': [
      `UPDATE wardroom.audit_payloads p SET key_id = o.key_id, nonce = o.nonce, ciphertext = o.ciphertext FROM wardroom.audit_payloads o
        WHERE p.entry_id = 12 AND o.entry_id = 13`,
      ['payload-altered 11'],
    ],
    'a payload removed': [`DELETE FROM wardroom.audit_payloads WHERE entry_id = 12`, ['payload-missing 11']],
  };

  it.each(Object.entries(tampering))('finds %s', async (_, [sql, expected]) => {
    await bench.admin.query(sql);
    expect((await found()).sort()).toEqual([...expected].sort());
  });

  it('finds a checkpoint that another key signed, and the right one when asked with another key', async () => {
    const { rows } = await bench.admin.query<{ leaf: Buffer }>('SELECT leaf FROM wardroom.audit_leaves ORDER BY idx');
    const root = merkleTree(rows.map(({ leaf }) => hashLeaf(leaf))).root();
    const other = logSigner('one.example/wardroom', generateLogKey());
    await bench.admin.query('UPDATE wardroom.audit_checkpoint SET note = $1', [
      signCheckpoint({ size: SIZE, root }, other),
    ]);
    expect(await found()).toEqual(['wrong-key']);
    expect((await bench.fsck(other.vkey)).findings.every(({ code }) => code === 'wrong-key')).toBe(true);
    expect((await bench.fsck(other.vkey)).ok).toBe(false);
  });

  it('finds that the clock was set back', async () => {
    now = start - 86_400_000;
    await bench.change([entry('yesterday')]);
    await bench.sequencer().flush();
    expect(await found()).toEqual([`clock-backwards ${SIZE}`]);
  });

  it('takes no offence at entries that commit late', async () => {
    const client = await bench.pool.connect();
    await client.query('BEGIN');
    const { insertEntries } = await import('../../src/postgres/auditWriter.ts');
    await insertEntries(client, [entry('late')], bench.writer);
    now += 60_000;
    await bench.change([entry('early')]);
    await bench.sequencer().flush();
    await client.query('COMMIT');
    client.release();
    await bench.sequencer().flush();
    expect(await found()).toEqual([]);
  });

  it('counts what was shredded: the log holds, the content is gone for good', async () => {
    await bench.change([entry('other', { room: '!other:one.example' as typeof room })]);
    await bench.sequencer().flush();
    await bench.admin.query(
      `UPDATE wardroom.content_keys SET wrapped = NULL, wrapped_by = NULL, destroyed_at = now()
        WHERE key_id = (SELECT key_id FROM wardroom.audit_payloads WHERE entry_id = 1)`,
    );
    expect(await bench.fsck()).toMatchObject({ ok: true, shredded: SIZE, entries: SIZE + 1, findings: [] });
  });

  it('finds that a key is gone without having been destroyed in order', async () => {
    await bench.admin.query(
      'SET session_replication_role = replica; DELETE FROM wardroom.content_keys; RESET session_replication_role',
    );
    const report = await bench.fsck();
    expect(report.findings[0]).toMatchObject({ code: 'payload-altered', index: 0 });
  });

  it('sees one moment of a log that grows meanwhile', async () => {
    const sequencer = bench.sequencer({ windowMs: 1 });
    await sequencer.start();
    const grow = async (): Promise<void> => {
      for (let n = 0; n < 40; n++) await bench.change([entry(`more ${n}`.replace(' ', '-'))]);
    };
    const growing = grow();
    const reports = [await bench.fsck(), await bench.fsck(), await bench.fsck()];
    await growing;
    for (const { ok, entries, size } of reports) expect({ ok, entries }).toEqual({ ok: true, entries: size });
  });

  it('does without content keys, and not without a vkey', async () => {
    expect((await auditFsck(bench.pool, { vkey: bench.signer.vkey })).ok).toBe(true);
    await expect(auditFsck(bench.pool, { vkey: 'nonsense' })).rejects.toThrow(TypeError);
  });

  it('names times of the machine in leaves, and business time where it differs', async () => {
    const moved = await openAuditBench({
      machineClock: { now: () => start },
      clock: { now: () => start + 86_400_000 },
    });
    try {
      await moved.change([entry(1)]);
      await moved.sequencer().flush();
      const [leaf] = await moved.leaves();
      expect(leaf!.leaf).toMatchObject({
        ts: isoInstant(start),
        logged: isoInstant(start),
        at: isoInstant(start + 86_400_000),
      });
      expect((await bench.leaves())[0]!.leaf).not.toHaveProperty('at');
    } finally {
      await moved.close();
    }
  });
});
