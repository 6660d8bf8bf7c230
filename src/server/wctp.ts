import type { RequestHandler } from 'express';
import type { Gate } from '../channels/http/index.ts';
import { createGateway, createWctpSender, type GatewayOptions, wctpRouter } from '../channels/wctp/index.ts';
import type { AdmissionFlow } from '../flows/admitTicket.ts';
import { WctpPush } from '../flows/pushWctp.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import { wctpApi } from '../flows/wctp.ts';
import { realClock } from '../kernel/clock.ts';
import { serviceId } from '../kernel/ids.ts';
import { Secret } from '../kernel/phi.ts';
import type { Config } from './config/index.ts';
import type { Failed, Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Service } from './services.ts';

export interface WctpRoutesParts {
  readonly config: Config;
  readonly flow: AdmissionFlow;
  readonly gate: Gate;
  readonly log: Log;
  readonly failed: Failed;
}

/** `POST /wctp`: tickets, questions and polls of the services that speak it. */
export function wctpRoutes({ config, flow, gate, log, failed }: WctpRoutesParts): RequestHandler {
  const gateway = createGateway({
    ...wctpSettings(config),
    api: wctpApi(flow),
    clock: realClock,
    onNotes: (service, notes) => log.warn({ code: 'wctp.odd', service, notes }, 'read otherwise than it was written'),
    onFailure: (error) => failed('wctp', error),
  });
  return wctpRouter(gateway, gate, responderOf(config));
}

export interface WctpPushParts {
  readonly config: Config;
  readonly services: readonly Service[];
  readonly flow: Pick<TicketFlow, 'store' | 'alarms' | 'crash'>;
  readonly metrics: Pick<Metrics, 'callback'>;
  readonly failed: Failed;
}

/** Statuses and replies to the services that take WCTP at an address of their own. */
export function wctpPush({ config, services, flow, metrics, failed }: WctpPushParts): WctpPush {
  return new WctpPush(
    {
      store: flow.store,
      alarms: flow.alarms,
      crash: flow.crash,
      machineClock: realClock,
      sender: createWctpSender({
        urlOf: (service) => config.dispatch.services[service]?.wctp_url ?? null,
        pinsOf: (service) => config.dispatch.services[service]?.wctp_pin ?? [],
        onWrongKey: () => flow.alarms.raise('wctp-wrong-key', {}),
        timeoutMs: config.delivery.callback_timeout,
        onOutcome: metrics.callback,
      }),
      services: services.filter((service) => service.wctp_url !== undefined).map((service) => service.id),
    },
    config.delivery.callback_give_up,
    (error) => failed('wctp', error),
  );
}

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
const responderOf = ({ http, homeserver }: Config): string =>
  http.public_url === undefined ? homeserver.server_name : new URL(http.public_url).hostname;
