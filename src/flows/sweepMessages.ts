import type { Dispatcher } from './dispatcher.ts';
import type { TicketFlow } from './ticketFlow.ts';

const BATCH = 500;
/** With this much waiting already, what is owed is either in hand or comes next time. */
const BUSY = 100;

/**
 * Looks for messages and reports that are owed and that nobody takes care of (their process died, or its jobs are held locked),
 * and hands them to this process: no page ever waits for a lock.
 */
export async function sweepMessages(flow: TicketFlow, dispatcher: Dispatcher, olderThanMs: number): Promise<void> {
  if (dispatcher.depth > BUSY) return;
  const now = flow.clock.now();
  const before = now - olderThanMs;
  const messages = await flow.store.read.staleMessages(before, now, BATCH);
  dispatcher.add(messages.map(({ id, urgency }) => ({ task: 'post', messageId: id, urgency })));
  const reports = await flow.store.read.staleReports(before, now, BATCH);
  dispatcher.add(reports.map(({ id, urgency }) => ({ task: 'report', ticketId: id, urgency })));
}

/**
 * Tries at once every message that is owed, also those put off until later: what they wait for has changed. Without it a message that
 * was tried before the voices could speak is put off for longer the older it is, and starves in a series of short lives.
 */
export async function retryMessages(flow: TicketFlow, dispatcher: Dispatcher): Promise<void> {
  const messages = await flow.store.read.unsentMessages(BATCH);
  dispatcher.add(messages.map(({ id, urgency }) => ({ task: 'post', messageId: id, urgency })));
}
