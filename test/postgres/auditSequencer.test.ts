import { openCheckpoint } from '../../src/audit/checkpoint.ts';
import { parseVkey } from '../../src/audit/vkey.ts';
import { insertEntries } from '../../src/postgres/auditWriter.ts';
import { type AuditBench, entry, openAuditBench } from './auditSupport.ts';

let bench: AuditBench;
beforeEach(async () => {
  bench = await openAuditBench();
});
afterEach(() => bench.close());

const numbers = async (): Promise<number[]> => (await bench.leaves()).map(({ idx }) => idx);
const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
const latestSize = async (): Promise<number> => {
  const { rows } = await bench.admin.query<{ note: string }>('SELECT note FROM wardroom.audit_checkpoint');
  const verifier = parseVkey(bench.signer.vkey);
  if (!verifier.ok) throw new Error('no vkey');
  const opened = openCheckpoint(rows[0]?.note ?? '', verifier.value);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value.size;
};

describe('the sequencer', () => {
  it('signs the checkpoint of the empty log at the start', async () => {
    await bench.sequencer().start();
    expect(await latestSize()).toBe(0);
    expect(await bench.fsck()).toMatchObject({ ok: true, entries: 0, size: 0, pending: 0 });
  });

  it('gives the entries of a change their places in the order they were written', async () => {
    const sequencer = bench.sequencer();
    await bench.change([entry(1), entry(2), entry(3)]);
    await bench.change([entry(4)]);
    expect(await bench.fsck()).toMatchObject({ ok: true, entries: 0, pending: 4 });
    await sequencer.flush();
    const leaves = await bench.leaves();
    expect(leaves.map(({ leaf }) => leaf.seq)).toEqual([0, 1, 2, 3]);
    expect(leaves.map(({ entryId }) => entryId)).toEqual([1, 2, 3, 4]);
    expect(await bench.fsck()).toMatchObject({ ok: true, entries: 4, size: 4, pending: 0, findings: [] });
  });

  it('leaves no gap in the log where changes were rolled back, and no trace of them', async () => {
    const sequencer = bench.sequencer();
    for (let n = 0; n < 12; n++) await bench.change([entry(n)], { rollBack: n % 3 === 1 });
    await sequencer.flush();
    const leaves = await bench.leaves();
    expect(leaves.map(({ idx }) => idx)).toEqual(upTo(8));
    expect(leaves.at(-1)!.entryId).toBeGreaterThan(8);
    const { rows } = await bench.admin.query('SELECT count(*) AS entries FROM wardroom.audit_entries');
    expect(rows).toEqual([{ entries: 8 }]);
    expect((await bench.fsck()).ok).toBe(true);
  });

  it('places an entry that was written early and committed late', async () => {
    const sequencer = bench.sequencer();
    const late = await bench.pool.connect();
    await late.query('BEGIN');
    await insertEntries(late, [entry('late')], bench.writer);
    await bench.change([entry('early')]);
    await sequencer.flush();
    expect(await numbers()).toEqual([0]);
    await late.query('COMMIT');
    late.release();
    await sequencer.flush();
    const leaves = await bench.leaves();
    expect(leaves.map(({ entryId }) => entryId)).toEqual([2, 1]);
    expect((await bench.fsck()).ok).toBe(true);
  });

  it('stays gapless and loses nothing with many writers, rollbacks, and three sequencers at work', async () => {
    const published: number[] = [];
    const sequencers = Array.from({ length: 3 }, () =>
      bench.sequencer({ windowMs: 1, batchSize: 7, publish: (_, size) => void published.push(size) }),
    );
    for (const sequencer of sequencers) await sequencer.start();
    let committed = 0;
    const writer = async (w: number): Promise<void> => {
      for (let n = 0; n < 25; n++) {
        const rollBack = (w + n) % 4 === 0;
        await bench.change([entry(`${w}-${n}`), entry(`${w}-${n}`)], { rollBack });
        if (!rollBack) committed += 2;
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, w) => writer(w)));
    await Promise.all(sequencers.map((sequencer) => sequencer.flush()));
    expect(await numbers()).toEqual(upTo(committed));
    expect(await bench.fsck()).toMatchObject({ ok: true, entries: committed, size: committed, pending: 0 });
    expect(new Set(published).size).toBe(published.length);
    expect(Math.max(...published)).toBe(committed);
    expect(sequencers.map((sequencer) => sequencer.trouble())).toEqual([null, null, null]);
  });

  it('works by itself once started', async () => {
    const done = Promise.withResolvers<number>();
    const sequencer = bench.sequencer({ windowMs: 5, publish: (_, size) => size > 0 && done.resolve(size) });
    await sequencer.start();
    await bench.change([entry(1)]);
    expect(await done.promise).toBe(1);
  });

  it('sequences what is left when it stops', async () => {
    const sequencer = bench.sequencer({ windowMs: 600_000 });
    await sequencer.start();
    await bench.change([entry(1)]);
    await sequencer.stop();
    expect(await numbers()).toEqual([0]);
  });

  it('publishes a checkpoint only when it is on disk', async () => {
    const seen: Promise<number>[] = [];
    const sequencer = bench.sequencer({ publish: () => void seen.push(latestSize()) });
    await bench.change([entry(1)]);
    await sequencer.flush();
    expect((await Promise.all(seen)).at(-1)).toBe(1);
  });
});

describe('a sequencer that is killed', () => {
  type Query = (...args: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;

  /** Runs one batch and calls `act` on its connection before its n-th statement. False: it had fewer. */
  const interrupt = async (statement: number, act: (query: Query) => Promise<void>): Promise<boolean> => {
    let count = 0;
    let reached = false;
    const connect = async () => {
      const client = await bench.pool.connect();
      const query = client.query.bind(client) as unknown as Query;
      const counted: Query = async (...args) => {
        if (++count === statement) {
          reached = true;
          await act(query);
        }
        return query(...args);
      };
      return new Proxy(client, {
        get: (target, key) => {
          if (key === 'query') return counted;
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    };
    const pool = new Proxy(bench.pool, {
      get: (target, key) => (key === 'connect' ? connect : Reflect.get(target, key)),
    });
    await bench
      .sequencer({ pool })
      .flush()
      .catch(() => undefined);
    return reached;
  };

  /** Ends the connection, as kill -9 of the process would. */
  const kill = async (query: Query): Promise<void> => {
    const { rows } = await query('SELECT pg_backend_pid() AS pid');
    await bench.admin.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
  };

  it('leaves nothing half done at any of its statements, and another carries on', async () => {
    await bench.sequencer().flush();
    let size = 0;
    for (let statement = 1; ; statement++) {
      await bench.change([entry(statement), entry(statement)]);
      const killed = await interrupt(statement, kill);
      const { rows } = await bench.admin.query<{ leaves: number }>(
        'SELECT count(*) AS leaves FROM wardroom.audit_leaves',
      );
      expect(await latestSize()).toBe(rows[0]!.leaves);
      await bench.sequencer().flush();
      size += 2;
      expect(await numbers()).toEqual(upTo(size));
      expect(await bench.fsck()).toMatchObject({ ok: true, entries: size, pending: 0 });
      if (!killed) {
        expect(statement).toBeGreaterThan(5);
        return;
      }
    }
  });

  it('holds nothing up for long: the database ends its transaction when it hangs', async () => {
    await bench.sequencer().flush();
    await bench.change([entry(1)]);
    const seen: unknown[] = [];
    for (const statement of [3, 4, 5])
      await interrupt(statement, async (query) => {
        const { rows } = await query(
          `SELECT current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('lock_timeout') AS lock`,
        );
        seen.push(rows[0]);
      });
    expect(seen).toEqual(Array(3).fill({ idle: '10s', lock: '10s' }));
  });
});

describe('a sequencer that finds the log damaged', () => {
  const damages: Record<string, [sql: string, damage: string]> = {
    'the checkpoint removed': ['DELETE FROM wardroom.audit_checkpoint', 'checkpoint-missing'],
    'the checkpoint altered': [
      `UPDATE wardroom.audit_checkpoint SET note = replace(note, E'\\n3\\n', E'\\n2\\n')`,
      'checkpoint-altered',
    ],
    'its size altered': ['UPDATE wardroom.audit_checkpoint SET size = 2', 'checkpoint-altered'],
    'an older checkpoint put back': [
      `UPDATE wardroom.audit_checkpoint c SET size = 0, frontier = '', note = h.note FROM wardroom.audit_checkpoint_history h WHERE h.size = 0`,
      'checkpoint-rolled-back',
    ],
    'the last leaf gone': ['DELETE FROM wardroom.audit_leaves WHERE idx = 2', 'log-truncated'],
    'a leaf added': [
      'INSERT INTO wardroom.audit_leaves SELECT 3, (SELECT max(entry_id) FROM wardroom.audit_entries), leaf, leaf_hash FROM wardroom.audit_leaves WHERE idx = 0',
      'entry-inserted',
    ],
    'a leaf altered and the frontier removed': [
      `WITH f AS (UPDATE wardroom.audit_checkpoint SET frontier = NULL) UPDATE wardroom.audit_leaves SET leaf = leaf || ' '::bytea WHERE idx = 1`,
      'entry-altered',
    ],
  };

  it.each(Object.entries(damages))('signs nothing more with %s', async (_, [sql, damage]) => {
    await bench.change([entry(1), entry(2), entry(3)]);
    await bench.sequencer().flush();
    await bench.change([entry(4)]);
    await bench.admin.query(sql);
    await expect(bench.sequencer().start()).rejects.toMatchObject({ code: 'audit-log-damaged', damage });
    const { rows } = await bench.admin.query('SELECT max(size) AS size FROM wardroom.audit_checkpoint_history');
    expect(rows).toEqual([{ size: 3 }]);
  });

  it('notices that the whole database was set back behind what it stored itself', async () => {
    const sequencer = bench.sequencer();
    await bench.change([entry(1), entry(2)]);
    await sequencer.flush();
    await bench.admin.query(`
      UPDATE wardroom.audit_checkpoint c SET size = 0, frontier = '', note = h.note FROM wardroom.audit_checkpoint_history h WHERE h.size = 0;
      DELETE FROM wardroom.audit_checkpoint_history WHERE size > 0;
      DELETE FROM wardroom.audit_leaves;`);
    await expect(sequencer.flush()).rejects.toMatchObject({ damage: 'checkpoint-rolled-back' });
  });

  it('says so once in the log and goes on as soon as it is mended', async () => {
    await bench.change([entry(1), entry(2), entry(3)]);
    await bench.sequencer().flush();
    const { rows } = await bench.admin.query<{ note: string }>('SELECT note FROM wardroom.audit_checkpoint');
    const mended = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<void>();
    const sequencer = bench.sequencer({
      windowMs: 1,
      log: {
        info: (_, message) => message.includes('works again') && mended.resolve(),
        error: (fields) => {
          bench.log.push({ code: fields.code, message: '' });
          failed.resolve();
        },
      },
    });
    await sequencer.start();
    await bench.admin.query(`UPDATE wardroom.audit_checkpoint SET note = 'gone'`);
    await failed.promise;
    expect(sequencer.trouble()).toBe('audit-log-damaged:checkpoint-altered');
    await bench.admin.query('UPDATE wardroom.audit_checkpoint SET note = $1', [rows[0]!.note]);
    await mended.promise;
    expect(sequencer.trouble()).toBeNull();
    expect(bench.log).toHaveLength(1);
  });

  it('computes a missing or useless frontier again from the leaves', async () => {
    await bench.change([entry(1), entry(2), entry(3)]);
    await bench.sequencer().flush();
    for (const frontier of ['NULL', `''`, 'sha256(frontier) || sha256(frontier)']) {
      await bench.admin.query(`UPDATE wardroom.audit_checkpoint SET frontier = ${frontier}`);
      await bench.change([entry(4)]);
      await bench.sequencer().flush();
      expect(await bench.fsck()).toMatchObject({ ok: true, pending: 0 });
    }
    expect(await numbers()).toEqual(upTo(6));
  });

  it('is not stopped by an entry that is queued although it has its place', async () => {
    await bench.change([entry(1), entry(2)]);
    await bench.sequencer().flush();
    await bench.pool.query('INSERT INTO wardroom.audit_pending VALUES (1)');
    await bench.change([entry(3)]);
    await bench.sequencer().flush();
    await bench.pool.query('INSERT INTO wardroom.audit_pending VALUES (2)');
    await bench.sequencer().flush();
    expect(await numbers()).toEqual(upTo(3));
    expect(await bench.fsck()).toMatchObject({ ok: true, pending: 0 });
  });
});
