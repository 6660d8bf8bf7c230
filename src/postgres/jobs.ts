import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type Runner, run, type TaskList } from 'graphile-worker';
import pg from 'pg';
import { z } from 'zod';
import type { Job } from '../flows/ports.ts';
import { type MessageId, messageId, type TicketId, ticketId } from '../kernel/ids.ts';
import type { Urgency } from '../tickets/ticket.ts';
import type { Queryable } from './database.ts';
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

/** Leaves a job that could be done at once to whichever process runs jobs. */
export async function leaveJob(db: Queryable, job: Job): Promise<void> {
  await db.query(jobStatement(job, 0));
}

export interface JobHandlers {
  post(id: MessageId): Promise<void>;
  report(id: TicketId): Promise<void>;
}

const postPayload = z.strictObject({ messageId: z.string() });
const reportPayload = z.strictObject({ ticketId: z.string() });

export interface JobOptions {
  /** Not in pipeline mode. */
  readonly url: string;
  readonly handlers: JobHandlers;
  readonly concurrency: number;
  readonly onFailure: (task: string, error: unknown) => void;
  /** Hears in whose names jobs are locked from now on. */
  readonly onOwner: (names: readonly string[]) => Promise<void>;
}

/** How long to wait before a queue is opened again that closed because the database was lost. */
const REOPEN_AFTER_MS = 500;

/**
 * Runs jobs until stopped. A handler that throws is tried again later (its error text is stored readable: codes only).
 * A queue that cannot write what became of its jobs closes; another is opened as soon as the database is back and takes its
 * jobs over. A process that died keeps its jobs locked for four hours by graphile-worker's rule; `unlockDead` gives them back
 * within seconds.
 */
export async function startJobs(options: JobOptions): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  let queue = await openQueue(options);
  const reopen = async (closed: Queue): Promise<Queue> => {
    for (;;) {
      await pause(REOPEN_AFTER_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return closed;
      try {
        await unlock(options.url, closed.owners);
        return await openQueue(options);
      } catch {
        // The database is not back yet.
      }
    }
  };
  const supervision = (async () => {
    for (;;) {
      await queue.runner.promise.catch(() => undefined);
      if (stopping.signal.aborted) return;
      options.onFailure('queue', new Error('queue-closed'));
      queue = await reopen(queue);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      // Rejects when it is closed already.
      await queue.runner.stop().catch(() => undefined);
      await supervision;
    },
  };
}

interface Queue {
  readonly runner: Runner;
  readonly owners: readonly string[];
}

async function openQueue({ url, handlers, concurrency, onFailure, onOwner }: JobOptions): Promise<Queue> {
  const taskList: TaskList = {
    post: async (payload) => handlers.post(messageId(postPayload.parse(payload).messageId)),
    report: async (payload) => handlers.report(ticketId(reportPayload.parse(payload).ticketId)),
  };
  const owners: string[] = [];
  const events = new EventEmitter();
  // Jobs are locked in the name of the pool of workers, not of the worker that runs them.
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => owners.push(workerPool.id));
  events.on('job:error', ({ job, error }: { job: { task_identifier: string }; error: unknown }) =>
    onFailure(job.task_identifier, error),
  );
  const runner = await run({
    noHandleSignals: true,
    taskList,
    events,
    logger: new Logger(() => () => undefined),
    preset: {
      worker: {
        connectionString: url,
        maxPoolSize: concurrency + 1,
        concurrentJobs: concurrency,
        pollInterval: 1000,
        // In batches a failure to write what became of a job closes the queue; one by one it is a rejection that nobody handles.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  await onOwner(owners);
  return { runner, owners };
}

async function unlock(url: string, owners: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT graphile_worker.force_unlock_workers($1)', [owners]);
  } finally {
    await client.end().catch(() => undefined);
  }
}
