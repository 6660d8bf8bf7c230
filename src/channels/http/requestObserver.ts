import type { RequestHandler } from 'express';

/** What may be known about a request afterwards. No address of a ticket, no query, header or body. */
export interface ObservedRequest {
  readonly method: string;
  /** A pattern of ours, or `other`. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The client went away before it had the answer. */
  readonly aborted: boolean;
}

export type RequestObserver = (request: ObservedRequest) => void;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const FIXED_ROUTES = new Set([
  '/health',
  '/ready',
  '/api/v1/openapi.json',
  '/api/v1/tickets',
  '/api/v1/roles',
  '/api/v1/roles/import',
  '/wctp',
]);

/** Tells the observer of every request when it is over. */
export function observeRequests(observer: RequestObserver): RequestHandler {
  return (request, response, next) => {
    const from = process.hrtime.bigint();
    const path = request.path;
    response.once('close', () => {
      observer({
        method: METHODS.has(request.method) ? request.method : 'other',
        route: routeOf(path),
        status: response.statusCode,
        milliseconds: Number((process.hrtime.bigint() - from) / 1_000_000n),
        aborted: !response.writableFinished,
      });
    });
    next();
  };
}

function routeOf(path: string): string {
  if (FIXED_ROUTES.has(path)) return path;
  if (/^\/api\/v1\/tickets\/[^/]+$/.test(path)) return '/api/v1/tickets/{ticket_id}';
  return /^\/api\/v1\/roles\/[^/]+$/.test(path) ? '/api/v1/roles/{user_id}' : 'other';
}
