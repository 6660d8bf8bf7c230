import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { generateLogKey, type LogSigner, logSigner } from '../../src/audit/keys.ts';
import type { AuditEntry } from '../../src/flows/ports.ts';
import { type Clock, realClock } from '../../src/kernel/clock.ts';
import { type RoomId, ticketId } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/phi.ts';
import { auditFsck, type FsckReport } from '../../src/postgres/auditFsck.ts';
import { type AuditSequencer, createAuditSequencer, type SequencerOptions } from '../../src/postgres/auditSequencer.ts';
import { type AuditWriterKeys, insertEntries } from '../../src/postgres/auditWriter.ts';
import { type ContentKeys, createContentKeys } from '../../src/postgres/contentKeys.ts';
import { inTransaction, openPool } from '../../src/postgres/database.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

export const room = '!room:one.example' as RoomId;

/** A migrated database with everything the audit log needs, as the service sees it. */
export interface AuditBench {
  readonly database: TestDatabase;
  readonly pool: pg.Pool;
  /** Superuser: whoever wants to rewrite the past. */
  readonly admin: pg.Pool;
  readonly signer: LogSigner;
  readonly writer: AuditWriterKeys;
  readonly content: ContentKeys;
  readonly log: { code: unknown; message: string }[];
  sequencer(options?: Partial<SequencerOptions>): AuditSequencer;
  /** Content keys of another process: nothing cached. */
  freshKeys(): ContentKeys;
  /** One change with these entries; rolled back on request. */
  change(entries: readonly [AuditEntry, ...AuditEntry[]], options?: { rollBack?: boolean }): Promise<void>;
  fsck(vkey?: string): Promise<FsckReport>;
  /** Index, id and fields of each leaf. */
  leaves(): Promise<{ idx: number; entryId: number; leaf: Record<string, unknown> }[]>;
  close(): Promise<void>;
}

export const entry = (n: number | string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  action: 'ticket.accepted',
  outcome: 'ok',
  actor: 'service:nightjar',
  ticket: ticketId(`tkt_${n}`),
  room,
  detail: { n },
  ...more,
});

export const openAuditBench = async (clocks: { clock?: Clock; machineClock?: Clock } = {}): Promise<AuditBench> => {
  const database = await testDatabase();
  const ignore = (): void => undefined;
  const pool = openPool(database.serviceUrl, ignore, 12);
  const admin = openPool(database.adminUrl, ignore, 2);
  const keyPool = openPool(database.serviceUrl, ignore, 1);
  const signer = logSigner('one.example/wardroom', generateLogKey());
  const keyEncryptionKey = new Secret<Uint8Array>(randomBytes(32));
  const reference = new Secret<Uint8Array>(randomBytes(32));
  const freshKeys = (): ContentKeys => createContentKeys({ keyPool, keyEncryptionKey, referenceKey: reference });
  const content = freshKeys();
  const machineClock = clocks.machineClock ?? realClock;
  const writer: AuditWriterKeys = { reference, content, clock: clocks.clock ?? machineClock, machineClock };
  const log: AuditBench['log'] = [];
  const record = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void log.push({ code: fields.code, message });
  const sequencers: AuditSequencer[] = [];

  return {
    database,
    pool,
    admin,
    signer,
    writer,
    content,
    log,
    freshKeys,
    sequencer(options = {}) {
      const sequencer = createAuditSequencer({
        pool,
        signer,
        clock: machineClock,
        log: { info: record, error: record },
        ...options,
      });
      sequencers.push(sequencer);
      return sequencer;
    },
    async change(entries, { rollBack = false } = {}) {
      await inTransaction(pool, async (client) => {
        await insertEntries(client, entries, writer);
        if (rollBack) throw new Undone();
      }).catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
    },
    fsck: (vkey = signer.vkey) => auditFsck(pool, { vkey, keys: freshKeys() }),
    async leaves() {
      const { rows } = await admin.query<{ idx: number; entry_id: number; leaf: Buffer }>(
        'SELECT idx, entry_id, leaf FROM wardroom.audit_leaves ORDER BY idx',
      );
      return rows.map(({ idx, entry_id, leaf }) => ({
        idx,
        entryId: entry_id,
        leaf: JSON.parse(leaf.toString()) as Record<string, unknown>,
      }));
    },
    async close() {
      await Promise.all(sequencers.map((sequencer) => sequencer.stop()));
      await Promise.all([pool.end(), admin.end(), keyPool.end()]);
      await database.drop();
    },
  };
};

class Undone extends Error {}
