/** The HTTP API for answering services and, where it is on, an identity system: all routes on one screen, one mapping of errors at the edge. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { RolesApi } from '../../flows/rolesApi.ts';
import type { RemindersApi } from '../../flows/texting/remindersApi.ts';
import type { TicketApi } from '../../flows/ticketApi.ts';
import type { ServiceId } from '../../kernel/ids.ts';
import type { Secret } from '../../kernel/phi.ts';
import { authenticated } from './authenticated.ts';
import type { Gate } from './gate.ts';
import { healthRoutes, type Readiness } from './healthRoutes.ts';
import { openApiDocument } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { reminderRoutes } from './reminderRoutes.ts';
import { observeRequests, type RequestObserver } from './requestObserver.ts';
import { roleRoutes } from './roleRoutes.ts';
import { testPageRoutes } from './testPageRoutes.ts';
import { ticketRoutes } from './ticketRoutes.ts';

export interface HttpApiOptions {
  readonly tickets: TicketApi;
  readonly tokens: ReadonlyMap<ServiceId, Secret>;
  /** Roles for an identity system, with a token of its own; without it there is no such path. */
  readonly roles?: { readonly api: RolesApi; readonly token: Secret; readonly perMinute: number } | undefined;
  /** Reminders for a scheduling system, with a token of its own; without it there is no such path. */
  readonly reminders?: { readonly api: RemindersApi; readonly token: Secret; readonly perMinute: number } | undefined;
  readonly readiness: Readiness;
  readonly gate: Gate;
  readonly limits: { readonly servicePerMinute: number; readonly badTokensPerMinute: number };
  /** How many reverse proxies in front are believed about the client's address. */
  readonly trustProxy: number;
  readonly publicUrl?: string | undefined;
  readonly version: string;
  readonly onRequest: RequestObserver;
  /** `POST /wctp`, when a service speaks it. */
  readonly wctp?: RequestHandler | undefined;
  /** What carriers of texts call, under `/sms/NAME`. */
  readonly carriers?: ReadonlyMap<string, RequestHandler> | undefined;
  /** A port threw. The client is told 503 and nothing else. */
  readonly onFailure: (error: unknown) => void;
}

/** What a client waits before it tries again, when nobody knows better. */
const RETRY_SECONDS = 5;

/** The whole application: `/api/v1/...`, `/health`, `/ready`. Give it to an HTTP server. */
export function createHttpApi(options: HttpApiOptions): Express {
  const { gate, limits, reminders, roles } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('trust proxy', options.trustProxy);
  app.set('query parser', 'simple');

  app.use(observeRequests(options.onRequest));
  app.use(helmet());
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    if (!gate.open) response.set('Connection', 'close');
    next();
  });

  app.all(['/health', '/ready', '/api/v1/openapi.json', '/api/v1/tickets/:ticket_id'], only('GET', 'HEAD'));
  app.all('/api/v1/tickets', only('GET', 'HEAD', 'POST'));
  app.all(['/api/v1/tickets/:ticket_id/events', '/api/v1/accounts/:account/test'], only('POST'));

  app.use(healthRoutes(options.readiness, gate));
  app.get('/api/v1/openapi.json', (_request, response) => {
    response.json(
      openApiDocument(options.version, options.publicUrl, {
        roles: roles !== undefined,
        reminders: reminders !== undefined,
      }),
    );
  });
  const { badTokensPerMinute } = limits;
  const service = authenticated(options.tokens, { perMinute: limits.servicePerMinute, badTokensPerMinute });
  app.use(['/api/v1/tickets', '/api/v1/accounts'], whileOpen(gate), service);
  app.use('/api/v1/tickets', ticketRoutes(options.tickets));
  app.use('/api/v1/accounts', testPageRoutes(options.tickets));

  if (roles) {
    app.all('/api/v1/roles', only('GET', 'HEAD'));
    app.all('/api/v1/roles/import', only('POST'));
    app.all(/^\/api\/v1\/roles\/(?!import$)[^/]+$/, only('GET', 'HEAD', 'PUT'));
    const identitySystem = authenticated(new Map([['roles', roles.token]]), { ...roles, badTokensPerMinute });
    app.use('/api/v1/roles', whileOpen(gate), identitySystem, roleRoutes(roles.api));
  }

  if (reminders) {
    app.all('/api/v1/reminders', only('POST'));
    app.all('/api/v1/reminders/:id', only('GET', 'HEAD'));
    const scheduler = authenticated(new Map([['reminders', reminders.token]]), { ...reminders, badTokensPerMinute });
    app.use('/api/v1/reminders', whileOpen(gate), scheduler, reminderRoutes(reminders.api));
  }

  if (options.wctp) app.all('/wctp', options.wctp);
  for (const [name, router] of options.carriers ?? []) app.use(`/sms/${name}`, whileOpen(gate), router);
  app.use((_request, response) => sendProblem(response, 'not-found'));
  app.use(lastResort(options.onFailure));
  return app;
}

function only(...methods: string[]): RequestHandler {
  return (request, response, next) => {
    if (methods.includes(request.method)) return next();
    response.set('Allow', methods.join(', '));
    sendProblem(response, 'method-not-allowed');
  };
}

function whileOpen(gate: Gate): RequestHandler {
  return (_request, response, next) => {
    if (gate.open) return next();
    sendProblem(response, 'stopping', { retryAfterSeconds: RETRY_SECONDS });
  };
}

/** Whatever was thrown: the framework's own refusals of a request are the client's doing, all else is ours. */
function lastResort(onFailure: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const status = (error as { status?: unknown } | null)?.status;
    if (typeof status === 'number' && status >= 400 && status < 500) return sendProblem(response, 'bad-request');
    onFailure(error);
    if (response.headersSent) return void response.destroy();
    sendProblem(response, 'unavailable', { retryAfterSeconds: RETRY_SECONDS });
  };
}
