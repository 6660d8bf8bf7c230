import type { ReportDelivery } from '../flows/deliverReports.ts';
import type { Dispatcher } from '../flows/dispatcher.ts';
import type { DutyAccess } from '../flows/dutyAccess.ts';
import type { Heartbeats } from '../flows/heartbeats.ts';
import type { MessagePoster } from '../flows/postMessage.ts';
import type { WctpPush } from '../flows/pushWctp.ts';
import { retryMessages, sweepMessages } from '../flows/sweepMessages.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import type { Secret } from '../kernel/phi.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import { startJobs } from '../postgres/jobs.ts';
import type { ProcessRegistry } from '../postgres/processes.ts';
import { keepTrying, repeatEvery } from './housekeeping.ts';
import type { Lead } from './lead.ts';
import { errorCode, type Failed, type Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { RosterWatch } from './rosterWatch.ts';

/** Messages and reports sent at the same time of those that were put off until later. */
const LATER_JOBS_AT_ONCE = 3;
/** What no living job has dealt with after this time is dealt with by the sweep. */
const STALE_AFTER_MS = 10_000;
const SWEEP_EVERY_MS = 5_000;
/** How soon a part that fails is told to the answering services. */
const HEARTBEAT_LOOK_MS = 2_000;
/** How soon a status is on its way to a service that takes WCTP. */
const WCTP_LOOK_MS = 500;
/** How soon who goes off duty is out of a room that only those on duty may read. */
const ACCESS_LOOK_MS = 1_000;
/** How soon officers are told what they have to look at. */
const OVERSEE_LOOK_MS = 2_000;
/** How often the coming days' schedules are looked through for holes, and for people whom no page reaches. */
const ROSTERS_LOOK_MS = 3_600_000;

export interface LeadingParts {
  readonly lead: Lead;
  readonly url: Secret;
  readonly flow: TicketFlow;
  readonly matrix: Pick<RunningMatrix, 'ready' | 'readiness'>;
  readonly registry: ProcessRegistry;
  readonly dispatcher: Dispatcher;
  readonly poster: MessagePoster;
  readonly reports: ReportDelivery;
  readonly heartbeats: Heartbeats;
  readonly push: WctpPush;
  readonly rosterWatch: RosterWatch;
  readonly access: DutyAccess;
  /** Takes up what happened and tells officers what they have to do. */
  readonly oversee: () => Promise<void>;
  /** What is accepted from now on is done by this process. */
  readonly takeUpJobs: () => void;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly failed: Failed;
}

export interface Leading {
  /** Whether this process leads and does its work. */
  readonly done: boolean;
  stop(): Promise<void>;
}

/** What one process of a database does, the one that leads, as soon as this one does. */
export function leadWhenOurs(parts: LeadingParts): Leading {
  let endWork: () => Promise<unknown> = async () => undefined;
  const ending = Promise.withResolvers<'ending'>();
  const working = keepTrying(
    async () => {
      if ((await Promise.race([parts.lead.gained, ending.promise])) !== 'ending') endWork = await startWork(parts);
      return null;
    },
    (code) => parts.failed('work', { code }),
    errorCode,
  );
  return {
    get done() {
      return working.done;
    },
    async stop() {
      ending.resolve('ending');
      working.stop();
      // What is just being started is ended as well; nobody would end it later.
      await working.finished;
      await endWork();
    },
  };
}

/** Resolves, once everything runs, to what ends it. */
async function startWork(parts: LeadingParts): Promise<() => Promise<unknown>> {
  const { url, flow, matrix, registry, dispatcher, poster, reports, heartbeats, push, rosterWatch, failed } = parts;
  const jobs = await startJobs({
    url: url.reveal(),
    concurrency: LATER_JOBS_AT_ONCE,
    handlers: { post: (id) => poster.post(id), report: (id) => reports.deliver(id) },
    onFailure: (task, error) => failed(`job.${task}`, error),
    onOwner: (names) => registry.saveWorkers(names),
  });
  parts.takeUpJobs();
  matrix.ready.then(() => retryMessages(flow, dispatcher)).catch((error: unknown) => failed('sweep', error));
  const sweeping = startSweeping(parts);
  const beating = repeatEvery(
    HEARTBEAT_LOOK_MS,
    (error) => failed('heartbeat', error),
    () => heartbeats.tick(),
  );
  const pushing = repeatEvery(
    WCTP_LOOK_MS,
    (error) => failed('wctp', error),
    () => push.look(),
  );
  const watching = repeatEvery(
    ROSTERS_LOOK_MS,
    (error) => failed('rosters', error),
    () => rosterWatch.look(),
  );
  const guarding = repeatEvery(
    ACCESS_LOOK_MS,
    (error) => failed('access', error),
    () => parts.access.look(),
  );
  const overseeing = repeatEvery(
    OVERSEE_LOOK_MS,
    (error) => failed('oversight', error),
    () => parts.oversee(),
  );
  return () =>
    Promise.all([
      sweeping.stop(),
      overseeing.stop(),
      guarding.stop(),
      beating.stop(),
      pushing.stop().then(() => push.stop()),
      watching.stop(),
      jobs.stop(),
    ]);
}

/** Looks for what processes that died left behind. */
function startSweeping({ flow, matrix, registry, dispatcher, metrics, log, failed }: LeadingParts) {
  let swept = false;
  return repeatEvery(
    SWEEP_EVERY_MS,
    (error) => failed('sweep', error),
    async () => {
      // A voice that has not heard anything yet has not since the start.
      const lags = (await matrix.readiness()).voices.map((voice) => voice.syncLagMs ?? performance.now());
      metrics.syncLag(Math.max(0, ...lags));
      const dead = await registry.unlockDead();
      if (dead > 0) log.info({ code: 'process.dead_unlocked', dead }, 'gave back the jobs of processes that died');
      // At the start everything that is owed, later only what nobody has dealt with for a while.
      await sweepMessages(flow, dispatcher, swept ? STALE_AFTER_MS : 0);
      swept = true;
    },
  );
}
