import type { Instant } from '../kernel/clock.ts';
import type { TicketId } from '../kernel/ids.ts';
import type { AuditEntry, Report } from './ports.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

const MAX_DELAY_MS = 10 * 60_000;

/**
 * Delivers the status reports of a ticket to its answering service: in order, at least once, with growing pauses for
 * `giveUpAfter` milliseconds, then parked with an alarm. A report never overtakes an earlier one of its ticket.
 */
export class ReportDelivery {
  readonly #flow: DeliveryFlow;
  readonly #giveUpAfter: number;
  readonly #running = new Map<TicketId, Promise<void>>();

  constructor(flow: DeliveryFlow, giveUpAfter: number) {
    this.#flow = flow;
    this.#giveUpAfter = giveUpAfter;
  }

  /** Runs for one ticket follow each other, so that a job that comes twice keeps the order. */
  deliver(id: TicketId): Promise<void> {
    const before = this.#running.get(id) ?? Promise.resolve();
    const run = before.catch(() => undefined).then(() => this.#deliver(id));
    this.#running.set(id, run);
    return run.finally(() => {
      if (this.#running.get(id) === run) this.#running.delete(id);
    });
  }

  async #deliver(id: TicketId): Promise<void> {
    const { store, sender, clock } = this.#flow;
    for (;;) {
      const report = await store.read.nextReport(id);
      const ticket = report && (await store.read.ticket(id));
      if (!report || !ticket) return;
      const result = await sender.send(ticket.service, report, ticket);
      this.#flow.crash.reach('report.sent');
      const now = clock.now();
      const outcome = result.ok
        ? 'sent'
        : result.error.kind === 'permanent'
          ? 'dropped'
          : this.#isTooOld(report, now)
            ? 'parked'
            : 'retry';
      if (outcome === 'parked' || outcome === 'dropped')
        this.#flow.alarms.raise(`callback-${outcome}`, { ticket: id, account: ticket.account });
      const delayMs = Math.min(MAX_DELAY_MS, 1000 * 2 ** Math.min(report.attempts, 12));
      await store.change(async (tx) => {
        await tx.saveReportTried(report, outcome, now);
        const entry: AuditEntry = {
          action: `callback.${outcome}`,
          outcome: result.ok ? 'ok' : 'failed',
          actor: 'wardroom',
          ticket: id,
          account: ticket.account,
          ...(result.ok ? {} : { code: result.error.code }),
          detail: { status: report.status, sequence: report.sequence },
        };
        return {
          value: null,
          audit: [entry],
          jobs: outcome === 'retry' ? [{ task: 'report', ticketId: id, urgency: ticket.urgency, delayMs }] : [],
        };
      });
      if (outcome === 'retry') return;
    }
  }

  #isTooOld(report: Report, now: Instant): boolean {
    return report.firstTriedAt !== null && now - report.firstTriedAt > this.#giveUpAfter;
  }
}
