import type { TicketId } from '../kernel/ids.ts';
import { PRESSING } from '../tickets/draft.ts';
import { inBatches } from './batches.ts';
import { changeTicket } from './changeTicket.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** How often the database is asked, in real milliseconds: a ladder step is late by less than 5 s while the process is up. */
const SWEEP_MS = 500;

export interface DeadlineKeeper {
  /** The business clock moved, or a deadline was set: look at once. Resolves when everything due has been done. */
  poke(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps every ladder's time: looks for tickets whose next step is due and does it, and for pressing ones that could not be posted for
 * `delayedAfterMs` of business time, whatever held them up, and tells their services. Rows decide, so an outage that began before a
 * restart counts; their locks make each thing happen once, however many processes look, and die with whoever held them.
 */
export function keepDeadlines(
  flow: TicketFlow,
  delayedAfterMs: number,
  onFailure: (error: unknown) => void,
): DeadlineKeeper {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const isOver = () => stopped;
  const sweep = async () => {
    const { read } = flow.store;
    await inBatches(
      (limit) => read.dueTickets(flow.clock.now(), limit),
      (id) => doStep(flow, id),
      onFailure,
      isOver,
    );
    await inBatches(
      (limit) => read.dueSummaries(flow.clock.now(), limit),
      (id) =>
        changeTicket(flow, id, { actor: 'wardroom' }, ({ summary }) => (summary ? [{ type: 'summary_due' }] : [])),
      onFailure,
      isOver,
    );
    const before = () => flow.clock.now() - delayedAfterMs;
    await inBatches(
      (limit) => read.delayedTickets(before(), PRESSING, limit),
      (id) => tellDelay(flow, id),
      onFailure,
      isOver,
    );
  };
  const poke = () => {
    running = running.then(sweep).catch(onFailure);
    return running;
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void poke().finally(() => {
      busy = false;
    });
  }, SWEEP_MS);
  return {
    poke,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

async function doStep(flow: TicketFlow, id: TicketId): Promise<void> {
  const now = flow.clock.now();
  await changeTicket(flow, id, { actor: 'wardroom' }, (ticket) => {
    if (ticket.nextStepAt === null || ticket.nextStepAt > now) return [];
    flow.meter.deadlineLate(now - ticket.nextStepAt);
    return [{ type: 'deadline' }];
  });
}

async function tellDelay(flow: TicketFlow, id: TicketId): Promise<void> {
  await changeTicket(flow, id, { actor: 'wardroom' }, (ticket) =>
    ticket.rootEventId === null ? [{ type: 'delayed' }] : [],
  );
}
