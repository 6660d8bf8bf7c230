import type { AuditEntry, Change, CrashPoints, Job, Message, Reads, Store, Tx } from '../flows/ports.ts';
import type { MessageId } from '../kernel/ids.ts';
import type { NonEmpty } from '../kernel/result.ts';
import { AdministratorReads, AdministratorWrites } from './administratorTable.ts';
import { AgreementTable } from './agreementTable.ts';
import { BreakGlassTable } from './breakGlassTable.ts';
import { CommandReads, CommandWrites } from './commandTable.ts';
import { ConfirmationTable } from './confirmationTable.ts';
import { ConsentTable } from './consentTable.ts';
import type { Pool } from './database.ts';
import { HoldTable } from './holdTable.ts';
import { IncidentTable } from './incidentTable.ts';
import { jobStatement } from './jobs.ts';
import { KeptRoomTable } from './keptRoomTable.ts';
import { OnCallTable } from './onCallTable.ts';
import { prepared, type Statement, TransactionPipeline } from './pipeline.ts';
import { PolicyTable } from './policyTable.ts';
import { ReminderTable } from './reminderTable.ts';
import { RetentionTable } from './retentionTable.ts';
import { ReviewTable } from './reviewTable.ts';
import { RoleTable } from './roleTable.ts';
import type { Sealer } from './sealer.ts';
import { TemplateTable } from './templateTable.ts';
import { TextTable } from './textTable.ts';
import { TicketReads } from './ticketReads.ts';
import { TicketWrites } from './ticketWrites.ts';
import { TrainingTable } from './trainingTable.ts';
import { WatchedDeviceTable } from './watchedDeviceTable.ts';
import { WctpReads, WctpWrites } from './wctpTable.ts';

/** Makes the statement that writes audit entries in the transaction they belong to. */
export type EntriesStatement = (db: TransactionPipeline, entries: NonEmpty<AuditEntry>) => Promise<Statement>;

export interface StoreOptions {
  /** In pipeline mode (`openPool`). */
  readonly pool: Pool;
  readonly sealer: Sealer;
  readonly entries: EntriesStatement;
  readonly crash: CrashPoints;
  /** Told after the commit of what can be done at once. Nothing is lost if nobody listens: what is owed stands in its rows. */
  readonly onReady: (jobs: readonly Job[]) => void;
}

/** `Store` on PostgreSQL: what a change writes, its audit entries and its delayed jobs commit together. */
export class PostgresStore implements Store {
  readonly read: Reads;
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.read = Object.assign(new TicketReads(options.pool, options.sealer), {
      administrators: new AdministratorReads(options.pool),
      commands: new CommandReads(options.pool, options.sealer),
      consent: new ConsentTable(options.pool, options.sealer),
      oncall: new OnCallTable(options.pool),
      agreements: new AgreementTable(options.pool),
      incidents: new IncidentTable(options.pool, options.sealer),
      keptRooms: new KeptRoomTable(options.pool),
      policies: new PolicyTable(options.pool),
      breakGlass: new BreakGlassTable(options.pool, options.sealer),
      reviews: new ReviewTable(options.pool, options.sealer),
      holds: new HoldTable(options.pool, options.sealer),
      reminders: new ReminderTable(options.pool),
      retention: new RetentionTable(options.pool),
      roles: new RoleTable(options.pool),
      templates: new TemplateTable(options.pool),
      texts: new TextTable(options.pool, options.sealer),
      training: new TrainingTable(options.pool),
      watchedDevices: new WatchedDeviceTable(options.pool),
      wctp: new WctpReads(options.pool, options.sealer),
    });
  }

  async change<T>(work: (tx: Tx) => Promise<Change<T> | null>): Promise<T | null> {
    const change = await this.#transact(work);
    if (!change) return null;
    const ready = change.jobs?.filter((job) => job.delayMs === undefined) ?? [];
    if (ready.length > 0) this.#options.onReady(ready);
    return change.value;
  }

  async keepCiphertext(message: Message): Promise<boolean> {
    const { rowCount } = await this.#options.pool.query(
      prepared(
        `UPDATE wardroom.messages SET state = 'encrypted', voice = $2, room_id = $3, ciphertext = $4, session_id = $5, readers = $6
          WHERE message_id = $1 AND state = 'queued'`,
        [message.messageId, message.voice, message.roomId, message.ciphertext, message.sessionId, message.readers],
      ),
    );
    return rowCount === 1;
  }

  async keepReport(message: Message, others: readonly MessageId[]): Promise<boolean> {
    const all = [message.messageId, ...others];
    // In one order, so that two processes that try the same wait for each other.
    const { rowCount } = await this.#options.pool.query(
      prepared(
        `WITH free AS (SELECT message_id FROM wardroom.messages WHERE message_id = ANY ($7::text[]) AND state = 'queued'
                        ORDER BY message_id FOR UPDATE)
         UPDATE wardroom.messages m
            SET state = 'encrypted',
                bundled_in = CASE WHEN m.message_id = $1 THEN NULL ELSE $1 END,
                voice = $2, room_id = $3, session_id = $5,
                ciphertext = CASE WHEN m.message_id = $1 THEN $4::json END,
                readers = CASE WHEN m.message_id = $1 THEN $6::jsonb END,
                txn_id = CASE WHEN m.message_id = $1 THEN $8 ELSE txn_id END
           FROM free WHERE m.message_id = free.message_id AND (SELECT count(*) FROM free) = cardinality($7::text[])`,
        [
          message.messageId,
          message.voice,
          message.roomId,
          message.ciphertext,
          message.sessionId,
          message.readers,
          all,
          message.txnId,
        ],
      ),
    );
    return rowCount === all.length;
  }

  async #transact<T>(work: (tx: Tx) => Promise<Change<T> | null>): Promise<Change<T> | null> {
    const { pool, sealer, entries, crash } = this.#options;
    const client = await pool.connect();
    let broken: Error | undefined;
    const pipeline = new TransactionPipeline(client);
    try {
      const change = await work(
        Object.assign(new TicketWrites(pipeline, sealer), {
          administrators: new AdministratorWrites(pipeline),
          commands: new CommandWrites(pipeline, sealer),
          confirmations: new ConfirmationTable(pipeline),
          consent: new ConsentTable(pipeline, sealer),
          oncall: new OnCallTable(pipeline),
          agreements: new AgreementTable(pipeline),
          incidents: new IncidentTable(pipeline, sealer),
          keptRooms: new KeptRoomTable(pipeline),
          policies: new PolicyTable(pipeline),
          breakGlass: new BreakGlassTable(pipeline, sealer),
          reviews: new ReviewTable(pipeline, sealer),
          holds: new HoldTable(pipeline, sealer),
          reminders: new ReminderTable(pipeline),
          retention: new RetentionTable(pipeline),
          roles: new RoleTable(pipeline),
          templates: new TemplateTable(pipeline),
          texts: new TextTable(pipeline, sealer),
          training: new TrainingTable(pipeline),
          watchedDevices: new WatchedDeviceTable(pipeline),
          wctp: new WctpWrites(pipeline, sealer),
        }),
      );
      if (!change) {
        await pipeline.rollBack();
        return null;
      }
      pipeline.send(await entries(pipeline, change.audit));
      for (const job of change.jobs ?? []) if (job.delayMs !== undefined) pipeline.send(jobStatement(job, job.delayMs));
      crash.reach('change.before_commit');
      await pipeline.commit();
      return change;
    } catch (error) {
      await pipeline.rollBack().catch((cause: Error) => {
        broken = cause;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}
