import { Logger, type Runner, run, type TaskList } from 'graphile-worker';
import { z } from 'zod';
import type { Job } from '../flows/ports.ts';
import { type MessageId, messageId, type TicketId, ticketId } from '../kernel/ids.ts';
import type { Urgency } from '../tickets/ticket.ts';
import { prepared, type Statement } from './pipeline.ts';

/** Lower runs first. */
const priority: Record<Urgency, number> = { stat: 0, urgent: 1, routine: 2, fyi: 3 };

/**
 * The statement that enqueues a job for later, in the transaction of the change that asks for it. Payloads hold ids only: they
 * are stored readable. One job per message or ticket: a later one replaces it.
 */
export function jobStatement(job: Job, delayMs: number): Statement {
  const payload = job.task === 'post' ? { messageId: job.messageId } : { ticketId: job.ticketId };
  const key = job.task === 'post' ? `post:${job.messageId}` : `report:${job.ticketId}`;
  return prepared(
    `SELECT graphile_worker.add_job($1, payload := $2, job_key := $3, priority := $4, max_attempts := 32767,
       run_at := now() + $5::int * interval '1 millisecond')`,
    [job.task, JSON.stringify(payload), key, priority[job.urgency], delayMs],
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
  /** Not in pipeline mode. */
  url: string;
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
    connectionString: options.url,
    maxPoolSize: options.concurrency + 1,
    concurrency: options.concurrency,
    pollInterval: 1000,
    noHandleSignals: true,
    taskList,
    events,
    logger: new Logger(() => () => undefined),
  });
  return { stop: () => runner.stop(), workerIds: () => [...workers] };
}
