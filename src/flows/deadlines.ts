import type { TicketId } from '../kernel/ids.ts';
import { changeTicket } from './changeTicket.ts';
import { tellDelays } from './delays.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** How often the database is asked, in real milliseconds: a ladder step is late by less than 5 s while the process is up. */
const SWEEP_MS = 500;
const BATCH = 100;

export interface DeadlineKeeper {
  /** The business clock moved, or a deadline was set: look at once. Resolves when everything due has been done. */
  poke(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps every ladder's time: looks for tickets whose next step is due and does it, and for those that cannot be posted. The row lock makes each step happen once,
 * however many processes look; nothing waits for a lock of a process that died, since the transaction died with it.
 */
export function keepDeadlines(
  flow: TicketFlow,
  delayedAfterMs: number,
  onFailure: (error: unknown) => void,
): DeadlineKeeper {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const sweep = async () => {
    for (;;) {
      if (stopped) return;
      const due = await flow.store.read.dueTickets(flow.clock.now(), BATCH);
      let done = 0;
      for (const id of due) {
        // One ticket that cannot be moved must not hold up the ladders of the others.
        try {
          await doStep(flow, id);
          done += 1;
        } catch (error) {
          onFailure(error);
        }
      }
      if (due.length < BATCH || done === 0) break;
    }
    await tellDelays(flow, delayedAfterMs, onFailure);
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
