import type { IncomingHttpHeaders } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';

/** A text of 1,600 characters, each of four bytes and all of them escaped, and what stands around it. */
const MAX_BODY_BYTES = 64 * 1024;
const RETRY_SECONDS = 5;

/** Where the carrier posts what phones write, and what became of our texts. */
export const WEBHOOKS = ['inbound', 'status'] as const;
export type WebhookName = (typeof WEBHOOKS)[number];

export interface Incoming {
  readonly webhook: WebhookName;
  /** As it was sent: empty, or from the question mark on. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Exactly what was signed. */
  readonly bytes: Buffer;
}

/**
 * `unsigned`: not from the carrier, or not of now. `unreadable`: signed, and not what the carrier is known to send. `flood`: too much from
 * one address.
 */
export type WebhookFault = 'unsigned' | 'unreadable' | 'flood';

export interface WebhookParts {
  /** Requests of one client address; beyond this they are not even looked at. */
  readonly perMinute: number;
  readonly types: ReadonlySet<string>;
  isOpen(): boolean;
  isSigned(incoming: Incoming): boolean;
  /** Resolves when what it tells is durable; false: it cannot be read. */
  take(incoming: Incoming): Promise<boolean>;
  readonly answer: { readonly type: string; readonly body: string };
  onFault(fault: WebhookFault): void;
  /** Keeping it failed: the carrier is told 503. */
  onFailure(error: unknown): void;
}

/**
 * `POST inbound` and `POST status` of one carrier. The size and the number per address are looked at first, then the signature over the bytes
 * as they came, then what they say. 200 only after that is durable.
 */
export function webhookRoutes(parts: WebhookParts): Router {
  const router = express.Router();
  const flood = rateLimit({
    windowMs: 60_000,
    limit: parts.perMinute,
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? ''),
    standardHeaders: false,
    legacyHeaders: false,
    // Its checks of the set-up print requests' headers to the console.
    validate: false,
    handler: (_request, response) => {
      parts.onFault('flood');
      response.status(429).end();
    },
  });
  const raw = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });
  for (const webhook of WEBHOOKS) {
    router.post(`/${webhook}`, flood, expectType(parts.types), raw, receive(webhook, parts));
    router.all(`/${webhook}`, (_request, response) => void response.status(405).set('Allow', 'POST').end());
  }
  router.use(unread);
  return router;
}

const expectType =
  (types: ReadonlySet<string>): RequestHandler =>
  (request, response, next) => {
    const [type = ''] = (request.headers['content-type'] ?? '').split(';');
    if (types.has(type.trim().toLowerCase())) return next();
    response.status(415).set('Connection', 'close').end();
  };

function receive(webhook: WebhookName, parts: WebhookParts): RequestHandler {
  return async (request, response) => {
    const later = () => void response.status(503).set('Retry-After', String(RETRY_SECONDS)).end();
    if (!parts.isOpen()) return later();
    const { originalUrl, headers } = request;
    const mark = originalUrl.indexOf('?');
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const incoming: Incoming = { webhook, query: mark === -1 ? '' : originalUrl.slice(mark), headers, bytes };
    if (!parts.isSigned(incoming)) {
      parts.onFault('unsigned');
      return void response.status(403).end();
    }
    try {
      if (await parts.take(incoming)) return void response.status(200).type(parts.answer.type).send(parts.answer.body);
    } catch (error) {
      parts.onFailure(error);
      return later();
    }
    parts.onFault('unreadable');
    response.status(400).end();
  };
}

/** A body that is too large, compressed, or broken off: the status is the reader's, and what it says of it is not passed on. */
const unread: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status !== 'number' || status < 400 || status > 499) return next(error);
  response.status(status).set('Connection', 'close').end();
};
