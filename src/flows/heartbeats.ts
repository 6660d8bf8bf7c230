import { randomUUID } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceId } from '../kernel/ids.ts';
import type { Heartbeat, StatusSender, Store } from './ports.ts';

export interface HeartbeatFlow {
  readonly store: Store;
  readonly sender: StatusSender;
  /** Business time: what is owed was queued by it. */
  readonly clock: Clock;
  /** A sign of life is about now, whatever business time it is. */
  readonly machineClock: Clock;
  /** The services that have a callback. */
  readonly services: readonly ServiceId[];
  readonly parts: () => Promise<Heartbeat['parts']>;
  readonly onOutcome: (outcome: 'delivered' | 'failed') => void;
}

/**
 * Tells every answering service at regular times that Wardroom lives and which of the parts it needs do, and at once when that
 * changes. A sign of life that cannot be delivered is not tried again: the next one says more. A service that is slow to answer
 * gets the next one when it has answered, and holds up no other.
 */
export class Heartbeats {
  readonly #flow: HeartbeatFlow;
  readonly #everyMs: number;
  readonly #busy = new Set<ServiceId>();
  /** Who is still to be told, because it was busy. */
  readonly #untold = new Set<ServiceId>();
  #sequence = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #lastParts = '';

  constructor(flow: HeartbeatFlow, everyMs: number) {
    this.#flow = flow;
    this.#everyMs = everyMs;
  }

  /** Call it every second or so. Resolves when what has to be said is on its way. */
  async tick(): Promise<void> {
    const { machineClock, services } = this.#flow;
    if (services.length === 0) return;
    const parts = await this.#flow.parts();
    const now = machineClock.now();
    const shown = JSON.stringify(parts);
    const isDue = now - this.#lastAt >= this.#everyMs || now < this.#lastAt;
    if (shown !== this.#lastParts || isDue) for (const service of services) this.#untold.add(service);
    if (isDue) this.#lastAt = now;
    this.#lastParts = shown;
    const tell = services.filter((service) => this.#untold.has(service) && !this.#busy.has(service));
    if (tell.length === 0) return;
    this.#sequence += 1;
    const heartbeat: Heartbeat = {
      eventId: `hb_${randomUUID()}`,
      sequence: this.#sequence,
      at: now,
      parts,
      oldestUnsentMs: await longestWait(this.#flow).catch(() => null),
    };
    for (const service of tell) void this.#tell(service, heartbeat);
  }

  async #tell(service: ServiceId, heartbeat: Heartbeat): Promise<void> {
    this.#busy.add(service);
    this.#untold.delete(service);
    const isDelivered = await this.#flow.sender.beat(service, heartbeat).then(
      ({ ok }) => ok,
      () => false,
    );
    this.#busy.delete(service);
    this.#flow.onOutcome(isDelivered ? 'delivered' : 'failed');
  }
}

/** How long the message that is owed its room longest has waited, in milliseconds of business time; null when none is owed. */
export async function longestWait({ store, clock }: Pick<HeartbeatFlow, 'store' | 'clock'>): Promise<number | null> {
  const since = await store.read.oldestUnsent();
  return since === null ? null : Math.max(0, clock.now() - since);
}
