import type { ReportDelivery } from './deliverReports.ts';
import type { MessagePoster } from './postMessage.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/**
 * Looks for messages and reports that no living job takes care of, and does them itself: a job that a killed process held
 * locked never delays a page.
 */
export async function sweepMessages(
  flow: DeliveryFlow,
  poster: MessagePoster,
  reports: ReportDelivery,
  olderThanMs: number,
): Promise<void> {
  const before = flow.clock.now() - olderThanMs;
  for (const id of await flow.store.read.staleMessages(before, 50)) await poster.post(id);
  for (const id of await flow.store.read.staleReports(before, 50)) await reports.deliver(id);
}
