import type { Clock } from '../kernel/clock.ts';
import type { ServiceId, TicketId } from '../kernel/ids.ts';
import type { AuditEntry, Store } from './ports.ts';
import type { TicketFlow } from './ticketFlow.ts';
import type { WctpResponse, WctpSender } from './wctpPort.ts';

export interface PushFlow extends Pick<TicketFlow, 'alarms' | 'crash'> {
  readonly store: Store;
  /** The machine's: tries are made in its time. */
  readonly machineClock: Clock;
  readonly sender: WctpSender;
  /** The services that take what is pushed to them. */
  readonly services: readonly ServiceId[];
}

const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 10 * 60_000;
const AT_ONCE_PER_SERVICE = 4;
const LOOK_LIMIT = 200;
/** How often it is looked for what nobody fetches. */
const PARK_EVERY_MS = 10 * 60_000;

/**
 * Pushes statuses and replies to the services' WCTP addresses: at least once, in order per ticket, with growing pauses for
 * `giveUpAfterMs`; then, or when the service says that it never will take one, parked with an alarm. A service that is slow holds up
 * no other. What is owed is a row: whoever runs this next goes on with it.
 */
export class WctpPush {
  readonly #flow: PushFlow;
  readonly #giveUpAfterMs: number;
  readonly #running = new Map<TicketId, { readonly service: ServiceId; readonly done: Promise<void> }>();
  readonly #onFailure: (error: unknown) => void;
  #isStopping = false;
  #parkedAt = Number.NEGATIVE_INFINITY;

  constructor(flow: PushFlow, giveUpAfterMs: number, onFailure: (error: unknown) => void) {
    this.#flow = flow;
    this.#giveUpAfterMs = giveUpAfterMs;
    this.#onFailure = onFailure;
  }

  /** Begins what is due. Resolves when it is begun. */
  async look(): Promise<void> {
    const { store, services, machineClock } = this.#flow;
    if (machineClock.now() - this.#parkedAt >= PARK_EVERY_MS) {
      this.#parkedAt = machineClock.now();
      await this.#parkUnfetched();
    }
    if (services.length === 0) return;
    for (const response of await store.read.wctp.dueFor(services, LOOK_LIMIT)) this.#begin(response);
  }

  /** What a service that is to poll has not fetched for so long, nobody will: parked with an alarm. */
  async #parkUnfetched(): Promise<void> {
    const { store, alarms, services } = this.#flow;
    const parked = await store.change(async (tx) => {
      const counts = await tx.wctp.parkUnfetched(services, this.#giveUpAfterMs);
      const [first, ...rest] = counts.map(
        ({ service, count }): AuditEntry => ({
          action: 'wctp.parked',
          outcome: 'failed',
          actor: 'wardroom',
          code: 'not-fetched',
          detail: { service, count },
        }),
      );
      return first ? { value: counts, audit: [first, ...rest] } : null;
    });
    if (parked) alarms.raise('wctp-response-parked', {});
  }

  /** Resolves when what runs has ended; nothing more is begun meanwhile. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    this.#isStopping = false;
  }

  #begin(response: WctpResponse): void {
    const { ticketId, service } = response;
    if (this.#running.has(ticketId)) return;
    if ([...this.#running.values()].filter((one) => one.service === service).length >= AT_ONCE_PER_SERVICE) return;
    const done = this.#push(response)
      .catch((error: unknown) => {
        this.#onFailure(error);
        return false;
      })
      .then((isSent) => {
        this.#running.delete(ticketId);
        // The next one of the ticket need not wait for the next look.
        if (isSent && !this.#isStopping) void this.look().catch(this.#onFailure);
      });
    this.#running.set(ticketId, { service, done });
  }

  /** Whether it was taken. */
  async #push(response: WctpResponse): Promise<boolean> {
    const { store, sender, alarms, crash, machineClock } = this.#flow;
    const { ticketId, account, sequenceNo, attempts, firstTriedAt } = response;
    const result = await sender.send(response);
    crash.reach('report.sent');
    const isTooOld = firstTriedAt !== null && machineClock.now() - firstTriedAt > this.#giveUpAfterMs;
    const outcome = result.ok ? 'sent' : result.error.kind === 'permanent' || isTooOld ? 'parked' : 'retry';
    const pauseMs = outcome === 'retry' ? Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 12)) : 0;
    const entry: AuditEntry = {
      action: `wctp.${outcome}`,
      outcome: result.ok ? 'ok' : 'failed',
      actor: 'wardroom',
      ticket: ticketId,
      account,
      ...(result.ok ? {} : { code: result.error.code }),
      detail: { content: response.content.kind, sequenceNo },
    };
    await store.change(async (tx) => {
      await tx.wctp.saveTried(sequenceNo, outcome, pauseMs);
      return { value: null, audit: [entry] };
    });
    if (outcome === 'parked') alarms.raise('wctp-response-parked', { ticket: ticketId, account });
    return outcome === 'sent';
  }
}
