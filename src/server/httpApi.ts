import type { Express } from 'express';
import { createHttpApi, type Gate, type HttpApiOptions, type Readiness } from '../channels/http/index.ts';
import { type AdmissionFlow, admitTestPage, admitTicket } from '../flows/admitTicket.ts';
import { takeOperatorEvent } from '../flows/operatorEvents.ts';
import { listTickets, showTicket } from '../flows/showTicket.ts';
import type { Config } from './config/index.ts';
import type { Failed, Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { packageVersion } from './packageVersion.ts';
import type { Secrets } from './secrets.ts';
import type { Service } from './services.ts';
import { wctpRoutes } from './wctp.ts';

export interface HttpApiParts {
  /** For the identity system; undefined: off. */
  readonly roles: HttpApiOptions['roles'];
  /** For the scheduling system; undefined: off. */
  readonly reminders: HttpApiOptions['reminders'];
  readonly config: Config;
  readonly services: readonly Service[];
  readonly secrets: Pick<Secrets, 'serviceToken'>;
  readonly flow: AdmissionFlow;
  /** What carriers of texts call. */
  readonly carriers: HttpApiOptions['carriers'];
  /** Closed when Wardroom stops: what still comes in is refused. */
  readonly gate: Gate;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly failed: Failed;
}

/** What answering services and an identity system talk to: tickets as JSON, WCTP, roles, health. */
export function httpApi(parts: HttpApiParts): Express {
  const { config, services, secrets, flow, roles, gate, readiness, metrics, log, failed } = parts;
  return createHttpApi({
    wctp: wctpRoutes(parts),
    carriers: parts.carriers,
    tickets: {
      admit: (service, document) => admitTicket(flow, service, document),
      test: (service, account) => admitTestPage(flow, service, account),
      tell: (service, id, document) => takeOperatorEvent(flow, service, id, document),
      show: (service, id) => showTicket(flow.store, service, id),
      list: (service, query) => listTickets(flow.store, service, query),
    },
    tokens: new Map(services.map((service) => [service.id, secrets.serviceToken(service.id)])),
    roles,
    reminders: parts.reminders,
    readiness,
    gate,
    limits: {
      servicePerMinute: config.http.rate_limits.service_per_minute,
      badTokensPerMinute: config.http.rate_limits.bad_tokens_per_minute,
    },
    trustProxy: config.http.trust_proxy,
    ...(config.http.public_url === undefined ? {} : { publicUrl: config.http.public_url }),
    version: packageVersion(),
    onRequest: (request) => {
      metrics.request(request);
      log.debug({ code: 'http.request', ...request }, 'request');
    },
    onFailure: (error) => failed('http', error),
  });
}
