/** What the descriptions of operations are made of. */
import { z } from 'zod';

export type Json = Record<string, unknown>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const json = (name: string): Json => ({ 'application/json': { schema: ref(name) } });
export const schema = (of: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(of, { io });
  return rest;
};

const RETRY_AFTER: Json = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 0 } } };
const REFUSALS: Record<number, readonly [string, Json?]> = {
  400: ['The request could not be read'],
  401: ['No token, or one nobody knows', { 'WWW-Authenticate': { schema: { type: 'string' } } }],
  403: ["An account that is unknown, or not this service's"],
  404: ["Nothing is here: no such ticket, or another service's"],
  409: ['Not any more: the ticket is closed; or another event of the ticket has this id'],
  405: ['Not this method', { Allow: { schema: { type: 'string' } } }],
  413: ['Larger than is taken: 256 KiB, of a list 8 MiB'],
  415: ['Not of the type that is named here, or not in UTF-8'],
  422: ['Not what is described here, or not possible (`errors` says what and where); nothing was kept'],
  429: ['Too many requests', RETRY_AFTER],
  503: [
    'Not now; nothing was kept. Among others when more waits for the homeserver than it can take soon: ROUTINE and FYI tickets are refused long before STAT and URGENT ones, and a repetition of what was accepted never is',
    RETRY_AFTER,
  ],
};
/** The problems that can come, by status. */
export const refusals = (...statuses: number[]): Json =>
  Object.fromEntries(
    statuses.map((status) => {
      const [description, headers] = REFUSALS[status]!;
      const content = { 'application/problem+json': { schema: ref('Problem') } };
      return [String(status), { description, ...(headers && { headers }), content }];
    }),
  );
