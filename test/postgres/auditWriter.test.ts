import { openPool } from '../../src/postgres/database.ts';
import { type AuditBench, entry, openAuditBench, room } from './auditSupport.ts';

const canary = 'CANARY-7731';
let bench: AuditBench;
beforeEach(async () => {
  bench = await openAuditBench();
});
afterEach(() => bench.close());

describe('audit entries', () => {
  it('stand in the database as references and ciphertext only', async () => {
    await bench.change([
      entry(canary, {
        actor: `@${canary}:one.example`,
        code: `${canary} is not a code`,
        room: `!${canary}` as typeof room,
        detail: { text: canary },
      }),
    ]);
    await bench.sequencer().flush();
    for (const table of [
      'audit_entries',
      'audit_payloads',
      'audit_leaves',
      'audit_pending',
      'audit_checkpoint',
      'content_keys',
    ]) {
      const { rows } = await bench.admin.query(
        `SELECT encode(convert_to(t::text, 'UTF8'), 'escape') AS row FROM wardroom.${table} t`,
      );
      expect(JSON.stringify(rows)).not.toContain(canary);
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(canary).toString('hex'));
    }
    const [leaf] = await bench.leaves();
    expect(JSON.stringify(leaf)).not.toContain(canary);
    expect(leaf!.leaf).not.toHaveProperty('code');
  });

  it('can be read back by who holds the keys', async () => {
    await bench.change([entry(1, { code: 'no-schedule', detail: { flags: ['callback'] } })]);
    await bench.sequencer().flush();
    const { rows } = await bench.admin.query<{ key_id: string; nonce: Buffer; ciphertext: Buffer }>(
      'SELECT * FROM wardroom.audit_payloads',
    );
    const { key_id: keyId, nonce, ciphertext } = rows[0]!;
    const [leaf] = await bench.leaves();
    const opened = await bench.freshKeys().open(bench.pool, { keyId, nonce, ciphertext }, String(leaf!.leaf.commit));
    expect(JSON.parse(opened.subarray(32).toString())).toEqual({
      actor: 'service:nightjar',
      code: 'no-schedule',
      ticket: 'tkt_1',
      room,
      detail: { flags: ['callback'] },
    });
    expect(leaf!.leaf).toMatchObject({ action: 'ticket.accepted', outcome: 'ok', code: 'no-schedule', class: 'audit' });
  });

  it('about the same thing carry the same reference, under a salt of their own', async () => {
    await bench.change([entry(1), entry(1), entry(2)]);
    await bench.sequencer().flush();
    const [a, b, c] = (await bench.leaves()).map(({ leaf }) => leaf);
    expect(a!.ticketRef).toBe(b!.ticketRef);
    expect(a!.ticketRef).not.toBe(c!.ticketRef);
    expect(a!.commit).not.toBe(b!.commit);
  });

  it('are taken whatever a detail holds', async () => {
    await bench.change([
      entry(1, {
        detail: { odd: 'half \ud800 pair', nul: 'a\u0000b', deep: { list: [undefined, null, 1.5] }, none: undefined },
      }),
    ]);
    await bench.sequencer().flush();
    expect(await bench.fsck()).toMatchObject({ ok: true, entries: 1 });
  });

  it('that are no object.verb are refused together with the change', async () => {
    await expect(bench.change([entry(1), entry(2, { action: `${canary} called` })])).rejects.toThrow(TypeError);
    await expect(bench.change([entry(2, { action: `${canary} called` })])).rejects.not.toThrow(canary);
    const { rows } = await bench.admin.query('SELECT count(*) AS entries FROM wardroom.audit_entries');
    expect(rows).toEqual([{ entries: 0 }]);
  });
});

describe('the role of the service', () => {
  const tables = ['audit_entries', 'audit_leaves', 'audit_checkpoint_history', 'audit_payloads', 'content_keys'];
  const columns: Record<string, string> = {
    audit_entries: `body = '{}'`,
    audit_leaves: `leaf = ''`,
    audit_checkpoint_history: `note = ''`,
    audit_payloads: `ciphertext = ''`,
    content_keys: 'wrapped = NULL',
  };
  const denied = { code: '42501' };

  it.each(tables)('may neither change, delete nor truncate %s, even with every trick of ownership', async (table) => {
    await bench.change([entry(1)]);
    await bench.sequencer().flush();
    const service = openPool(bench.database.serviceUrl, () => undefined, 1);
    try {
      expect((await service.query(`SELECT 1 FROM wardroom.${table}`)).rowCount).toBeGreaterThan(0);
      for (const sql of [
        `UPDATE wardroom.${table} SET ${columns[table]}`,
        `DELETE FROM wardroom.${table}`,
        `TRUNCATE wardroom.${table} CASCADE`,
        `DROP TABLE wardroom.${table}`,
        `ALTER TABLE wardroom.${table} DISABLE TRIGGER ALL`,
        `GRANT ALL ON wardroom.${table} TO wardroom_service`,
        'SET ROLE wardroom_owner',
        'SET session_replication_role = replica',
      ]) {
        const outcome = service.query(sql);
        if (sql.startsWith('GRANT')) await outcome.catch(() => undefined);
        else await expect(outcome).rejects.toMatchObject(denied);
      }
      await expect(service.query(`DELETE FROM wardroom.${table}`)).rejects.toMatchObject(denied);
    } finally {
      await service.end();
    }
    expect(await bench.fsck()).toMatchObject({ ok: true, entries: 1 });
  });

  it('may replace the checkpoint, but not remove it', async () => {
    await bench.sequencer().flush();
    await expect(bench.pool.query('DELETE FROM wardroom.audit_checkpoint')).rejects.toMatchObject(denied);
    await expect(bench.pool.query('TRUNCATE wardroom.audit_checkpoint')).rejects.toMatchObject(denied);
    await expect(
      bench.pool.query(`INSERT INTO wardroom.audit_checkpoint (only_row, size, note) VALUES (false, 1, '')`),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
