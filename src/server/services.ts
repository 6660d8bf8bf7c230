import { createStatusSender } from '../channels/http/index.ts';
import type { StatusSender } from '../flows/ports.ts';
import type { ServicePolicy } from '../flows/ticketFlow.ts';
import { realClock } from '../kernel/clock.ts';
import { type ServiceId, serviceId } from '../kernel/ids.ts';
import type { Dispatch } from '../tickets/dispatchSchema.ts';
import type { Config } from './config/index.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Secrets } from './secrets.ts';

/** An answering service as dispatch.yaml has it. */
export type Service = Dispatch['services'][string] & { readonly id: ServiceId };

export const servicesOf = ({ dispatch }: Config): readonly Service[] =>
  Object.entries(dispatch.services).map(([id, service]) => ({ id: serviceId(id), ...service }));

/** What the flows ask about the services. */
export function servicePolicy({ dispatch }: Config): ServicePolicy {
  return {
    hasCallback: (service) => dispatch.services[service]?.callback_url !== undefined,
    repliesWithText: (service) => dispatch.services[service]?.replies === 'text',
    speaksWctp: (service) => (dispatch.services[service]?.senders.length ?? 0) > 0,
  };
}

/** The way to the services' callbacks; it says in the log when one cannot be reached, and when it can again. */
export function statusSender(config: Config, secrets: Secrets, metrics: Metrics, log: Log): StatusSender {
  return createStatusSender({
    targetOf: (service) => {
      const target = config.dispatch.services[service]?.callback_url;
      return target === undefined ? null : { url: target, secret: secrets.serviceCallbackSecret(service) };
    },
    timeoutMs: config.delivery.callback_timeout,
    machineClock: realClock,
    onOutcome: metrics.callback,
    onReach: (service, cause) =>
      cause === null
        ? log.info({ code: 'callback.reached', service }, 'status callbacks arrive again')
        : log.warn(
            { code: 'callback.not_reached', service, cause },
            'status callbacks do not arrive, will be tried again',
          ),
  });
}
