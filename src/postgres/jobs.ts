import { Logger, type Runner, run, type TaskList } from 'graphile-worker';
import type pg from 'pg';
import { z } from 'zod';
import type { Job } from '../flows/ports.ts';
import { type MessageId, messageId, type TicketId, ticketId } from '../kernel/ids.ts';
import type { Urgency } from '../tickets/ticket.ts';
import type { Queryable } from './database.ts';

/** Lower runs first. */
const priority: Record<Urgency, number> = { stat: 0, urgent: 1, routine: 2, fyi: 3 };

/** Enqueues in the caller's transaction: the job exists exactly when the change does. Payloads hold ids only: they are stored readable. */
export async function addJob(db: Queryable, job: Job): Promise<void> {
  const payload = job.task === 'post' ? { messageId: job.messageId } : { ticketId: job.ticketId };
  const key = job.task === 'post' ? `post:${job.messageId}` : `report:${job.ticketId}`;
  await db.query(
    `SELECT graphile_worker.add_job($1, payload := $2, job_key := $3, priority := $4, max_attempts := 32767,
       run_at := CASE WHEN $5::int IS NULL THEN NULL ELSE now() + $5::int * interval '1 millisecond' END)`,
    [job.task, payload, key, priority[job.urgency], job.delayMs ?? null],
  );
}

export interface JobHandlers {
  post(id: MessageId): Promise<void>;
  report(id: TicketId): Promise<void>;
}

const postPayload = z.strictObject({ messageId: z.string() });
const reportPayload = z.strictObject({ ticketId: z.string() });

/**
 * Runs jobs until stopped. A handler that throws is tried again later (its error text is stored readable: codes only).
 * A process that died keeps its jobs locked for four hours by graphile-worker's rule; `unlockDead` gives them back within seconds.
 */
export async function startJobs(options: {
  pool: pg.Pool;
  handlers: JobHandlers;
  concurrency: number;
  onFailure: (task: string, error: unknown) => void;
}): Promise<{ stop(): Promise<void>; workerIds(): readonly string[] }> {
  const workers = new Set<string>();
  const taskList: TaskList = {
    post: async (payload) => options.handlers.post(messageId(postPayload.parse(payload).messageId)),
    report: async (payload) => options.handlers.report(ticketId(reportPayload.parse(payload).ticketId)),
  };
  const { EventEmitter } = await import('node:events');
  const events = new EventEmitter();
  events.on('worker:create', ({ worker }: { worker: { workerId: string } }) => workers.add(worker.workerId));
  events.on('job:error', ({ job, error }: { job: { task_identifier: string }; error: unknown }) =>
    options.onFailure(job.task_identifier, error),
  );
  const runner: Runner = await run({
    pgPool: options.pool,
    concurrency: options.concurrency,
    pollInterval: 1000,
    noHandleSignals: true,
    taskList,
    events,
    logger: new Logger(() => () => undefined),
  });
  return { stop: () => runner.stop(), workerIds: () => [...workers] };
}
