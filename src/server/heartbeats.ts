import { Heartbeats } from '../flows/heartbeats.ts';
import type { DeliveryFlow } from '../flows/ticketFlow.ts';
import { realClock } from '../kernel/clock.ts';
import type { Config } from './config/index.ts';
import type { Metrics } from './metrics.ts';
import { askParts, type Parts } from './readiness.ts';
import type { Service } from './services.ts';

export interface HeartbeatsParts {
  readonly config: Config;
  readonly services: readonly Service[];
  readonly flow: DeliveryFlow;
  /** What nothing can be delivered without. */
  readonly vital: () => Parts<'database' | 'homeserver' | 'voices'>;
  readonly metrics: Pick<Metrics, 'heartbeat'>;
}

/** Signs of life to the services that have a callback. */
export function heartbeatsTo({ config, services, flow, vital, metrics }: HeartbeatsParts): Heartbeats {
  return new Heartbeats(
    {
      store: flow.store,
      sender: flow.sender,
      clock: flow.clock,
      machineClock: realClock,
      services: services.filter((service) => flow.services.hasCallback(service.id)).map((service) => service.id),
      parts: async () => {
        const parts = await askParts(vital());
        const isOk = (name: string) => parts.some(({ part, ok }) => part === name && ok);
        return { database: isOk('database'), homeserver: isOk('homeserver'), voices: isOk('voices') };
      },
      onOutcome: metrics.heartbeat,
    },
    config.delivery.heartbeat_every,
  );
}
