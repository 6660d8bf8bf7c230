import type { Response } from 'express';

/** Every code the API can answer with, its status, and a title that says nothing about what was sent. */
const PROBLEMS = {
  'not-authenticated': [401, 'A token is required'],
  'token-unknown': [401, 'The token is not known'],
  'account-refused': [403, 'The account is unknown, or not one of this service'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'This method is not allowed here'],
  'ticket-closed': [409, 'The ticket is closed'],
  'id-reused': [409, 'Another event of this ticket has the same id'],
  'reminder-id-reused': [409, 'Another reminder has the same id'],
  'body-too-large': [413, 'The body is larger than is taken here'],
  'media-type': [415, 'The body must be of the type that the API describes, in UTF-8, without content encoding'],
  'bad-request': [400, 'The request could not be read'],
  'not-utf8': [422, 'The body is not UTF-8'],
  'not-json': [422, 'The body is not JSON'],
  invalid: [422, 'The request is not valid'],
  'too-many-requests': [429, 'Too many requests'],
  unavailable: [503, 'Not now; nothing was kept'],
  'policy-unreadable': [503, 'No policy can be read; nothing was changed'],
  stopping: [503, 'This process is stopping; nothing was kept'],
  'not-ready': [503, 'A part is not ready'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

export interface ProblemDetails {
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly { readonly path: string; readonly code: string }[];
  readonly notReady?: readonly string[];
}

/** Answers with a problem document (RFC 9457). Nothing from the request ever goes into it. */
export function sendProblem(response: Response, code: ProblemCode, details: ProblemDetails = {}): void {
  if (response.headersSent) return;
  const [status, title] = PROBLEMS[code];
  if (details.retryAfterSeconds !== undefined)
    response.set('Retry-After', String(Math.ceil(details.retryAfterSeconds)));
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:wardroom:problem:${code}`,
        title,
        status,
        code,
        ...(details.errors && { errors: details.errors.map(({ path, code }) => ({ path, code })) }),
        ...(details.notReady && { not_ready: details.notReady }),
      }),
    );
}
