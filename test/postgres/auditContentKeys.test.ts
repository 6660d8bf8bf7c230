import { randomBytes } from 'node:crypto';
import { Secret } from '../../src/kernel/phi.ts';
import { ContentKeyUnusable, createContentKeys, SealedTextUnreadable } from '../../src/postgres/contentKeys.ts';
import { inTransaction } from '../../src/postgres/database.ts';
import type { SealedText } from '../../src/postgres/sealer.ts';
import { type AuditBench, openAuditBench } from './auditSupport.ts';

const november = Date.parse('2026-11-22T08:00:00Z');
const december = Date.parse('2026-12-01T00:00:00Z');
const text = Buffer.from('chest pain');
let bench: AuditBench;
beforeEach(async () => {
  bench = await openAuditBench();
});
afterEach(() => bench.close());

const seal = (scope: string, retentionClass = 'ticket', at = november, context?: string): Promise<SealedText> =>
  bench.content.seal(bench.pool, scope, retentionClass, at, text, context);
const keys = async (): Promise<number> => {
  const { rows } = await bench.admin.query<{ keys: number }>('SELECT count(*) AS keys FROM wardroom.content_keys');
  return rows[0]!.keys;
};

describe('content keys', () => {
  it('open what was sealed, also in another process, and never give the same ciphertext twice', async () => {
    const [a, b] = [await seal('room:!a'), await seal('room:!a')];
    expect(await bench.content.open(bench.pool, a)).toEqual(text);
    expect(await bench.freshKeys().open(bench.pool, b)).toEqual(text);
    expect(a.keyId).toBe(b.keyId);
    expect(a.ciphertext).not.toEqual(b.ciphertext);
  });

  it('are one per scope, class and month', async () => {
    const ids = [
      await seal('room:!a'),
      await seal('room:!b'),
      await seal('room:!a', 'audit'),
      await seal('room:!a', 'ticket', december),
      await seal('room:!a', 'ticket', november + 86_400_000),
    ].map(({ keyId }) => keyId);
    expect(new Set(ids).size).toBe(4);
    expect(ids[4]).toBe(ids[0]);
  });

  it('are made once by many processes at once, even inside more transactions than there are connections', async () => {
    const writers = Array.from({ length: 40 }, (_, n) =>
      inTransaction(bench.pool, (client) => bench.freshKeys().seal(client, `room:!${n % 3}`, 'ticket', november, text)),
    );
    const sealed = await Promise.all(writers);
    expect(new Set(sealed.map((each) => each!.keyId)).size).toBe(3);
    expect(await keys()).toBe(3);
    for (const each of sealed) expect(await bench.content.open(bench.pool, each!)).toEqual(text);
  });

  it('outlive the change they were made in when it rolls back', async () => {
    const undone = new Error('undone');
    const change = inTransaction(bench.pool, async (client) => {
      await bench.content.seal(client, 'room:!a', 'ticket', november, text);
      throw undone;
    });
    await expect(change).rejects.toBe(undone);
    const sealed = await seal('room:!a');
    expect(await bench.freshKeys().open(bench.pool, sealed)).toEqual(text);
  });

  it('open nothing that was altered, or that belongs elsewhere', async () => {
    const sealed = await seal('room:!a', 'ticket', november, 'tkt_1');
    const other = await seal('room:!b');
    const flip = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)]);
    expect(await bench.content.open(bench.pool, sealed, 'tkt_1')).toEqual(text);
    const wrong: [SealedText, string][] = [
      [sealed, 'tkt_2'],
      [sealed, ''],
      [{ ...sealed, ciphertext: flip(sealed.ciphertext) }, 'tkt_1'],
      [{ ...sealed, ciphertext: sealed.ciphertext.subarray(0, 20) }, 'tkt_1'],
      [{ ...sealed, ciphertext: Buffer.alloc(0) }, 'tkt_1'],
      [{ ...sealed, nonce: flip(sealed.nonce) }, 'tkt_1'],
      [{ ...sealed, keyId: other.keyId }, 'tkt_1'],
      [{ ...sealed, keyId: '00000000-0000-4000-8000-000000000000' }, 'tkt_1'],
    ];
    for (const [each, context] of wrong) {
      expect(await bench.content.tryOpen(bench.pool, each, context)).toEqual({ ok: false, error: 'unreadable' });
      await expect(bench.content.open(bench.pool, each, context)).rejects.toThrow(SealedTextUnreadable);
    }
  });

  it('that were destroyed open nothing any more, and a new one takes their place', async () => {
    const sealed = await seal('room:!a');
    await bench.admin.query('UPDATE wardroom.content_keys SET wrapped = NULL, wrapped_by = NULL, destroyed_at = now()');
    const fresh = bench.freshKeys();
    expect(await fresh.tryOpen(bench.pool, sealed)).toEqual({ ok: false, error: 'shredded' });
    await expect(fresh.open(bench.pool, sealed)).rejects.toMatchObject({ code: 'shredded' });
    const next = await fresh.seal(bench.pool, 'room:!a', 'ticket', november, text);
    expect(next.keyId).not.toBe(sealed.keyId);
    expect(await fresh.open(bench.pool, next)).toEqual(text);
  });

  it('are useless without the key-encryption key, and another one neither opens nor seals', async () => {
    const sealed = await seal('room:!a');
    const other = createContentKeys({
      keyPool: bench.pool,
      keyEncryptionKey: new Secret<Uint8Array>(randomBytes(32)),
      referenceKey: bench.writer.reference,
    });
    expect(await other.tryOpen(bench.pool, sealed)).toEqual({ ok: false, error: 'unreadable' });
    await expect(other.seal(bench.pool, 'room:!a', 'ticket', november, text)).rejects.toThrow(ContentKeyUnusable);
  });

  it('cannot be exchanged for one another in the database', async () => {
    const sealed = await seal('room:!a');
    await seal('room:!b');
    await bench.admin.query(
      `UPDATE wardroom.content_keys k SET wrapped = o.wrapped FROM wardroom.content_keys o WHERE o.key_id <> k.key_id`,
    );
    expect(await bench.freshKeys().tryOpen(bench.pool, sealed)).toEqual({ ok: false, error: 'unreadable' });
  });

  it('name no scope in the database', async () => {
    await seal('patient:canary');
    const { rows } = await bench.admin.query('SELECT t::text AS row FROM wardroom.content_keys t');
    expect(JSON.stringify(rows)).not.toContain('canary');
  });

  it('refuse a key-encryption key of another length', () => {
    const options = { keyPool: bench.pool, referenceKey: bench.writer.reference };
    expect(() => createContentKeys({ ...options, keyEncryptionKey: new Secret<Uint8Array>(randomBytes(31)) })).toThrow(
      TypeError,
    );
  });
});
