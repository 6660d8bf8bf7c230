import type { GatewayOptions } from '../channels/wctp/index.ts';
import { serviceId } from '../kernel/ids.ts';
import { Secret } from '../kernel/phi.ts';
import type { Config } from './config/index.ts';

/** What the configuration says about WCTP: who may submit with which code, to which accounts, roles and people. */
export function wctpSettings(config: Config): Pick<GatewayOptions, 'senders' | 'recipients' | 'responder' | 'limits'> {
  const { services, practices, people } = config.dispatch;
  return {
    senders: Object.entries(services).flatMap(([id, { senders }]) =>
      senders.map((sender) => ({
        service: serviceId(id),
        senderId: sender.id,
        code: sender.code === null ? null : new Secret(sender.code),
      })),
    ),
    recipients: {
      accountsOf: (service) => services[service]?.accounts ?? [],
      isTarget: (account, target) =>
        Object.hasOwn(practices[account]?.roles ?? {}, target) || Object.hasOwn(people, target),
    },
    responder: responderOf(config),
    limits: {
      servicePerMinute: config.http.rate_limits.service_per_minute,
      wrongCodesPerMinute: Math.min(WRONG_CODES_PER_MINUTE, config.http.rate_limits.bad_tokens_per_minute),
    },
  };
}

/** Codes are short: fewer guesses than at a token. */
const WRONG_CODES_PER_MINUTE = 60;

/** What Wardroom calls itself: the host services reach it at. */
export const responderOf = ({ http, homeserver }: Config): string =>
  http.public_url === undefined ? homeserver.server_name : new URL(http.public_url).hostname;
