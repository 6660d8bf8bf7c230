import type { RequestHandler } from 'express';
import type { Gate } from '../http/gate.ts';
import { hangUp, readBody } from '../http/readBody.ts';
import { type ErrorCode, failure } from './codes.ts';
import type { Gateway } from './gateway.ts';
import { answerFailure } from './writeOperation.ts';

/** A text of 65,535 characters, all of them escaped, in two bytes each, and what stands around it. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** So much of a longer one is read and thrown away before it is refused. */
const PATIENCE_BYTES = 4 * 1024 * 1024;

const TYPES: ReadonlySet<string> = new Set(['text/xml', 'application/xml']);

/** `POST /wctp`: failures are HTTP 200 with a wctp-Failure; only what is not WCTP at all has an HTTP status of its own. */
export function wctpRouter(gateway: Gateway, gate: Gate, responder: string): RequestHandler {
  return async (request, response) => {
    const [type = '', ...parameters] = (request.headers['content-type'] ?? '').split(';');
    const mediaType = type.trim().toLowerCase();
    const send = (xml: string) =>
      void response
        .status(200)
        .type(`${TYPES.has(mediaType) ? mediaType : 'text/xml'}; charset=utf-8`)
        .send(xml);
    const refuse = (code: ErrorCode, what: string) =>
      send(answerFailure(3, 'Confirmation', failure(code, what), responder));
    if (request.method !== 'POST') return void response.status(405).set('Allow', 'POST').end();
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (!TYPES.has(mediaType) || encoding !== 'identity') {
      response.status(415).set('Accept-Post', 'text/xml, application/xml').end();
      return request.complete ? undefined : hangUp(request);
    }
    const body = await readBody(request, MAX_BODY_BYTES, PATIENCE_BYTES);
    if (body.kind === 'broken') return void response.destroy();
    if (body.kind === 'too-large') {
      refuse(411, 'The document is larger than 1 MiB');
      return request.complete ? undefined : hangUp(request);
    }
    if (!gate.open) return refuse(606, 'Stopping, nothing was kept; try again later');
    send(await gateway(body.bytes, charsetOf(parameters), request.ip ?? ''));
  };
}

const charsetOf = (parameters: readonly string[]): string | null =>
  parameters.map((one) => /^\s*charset\s*=\s*"?([^"]+?)"?\s*$/i.exec(one)?.[1]).find((one) => one !== undefined) ??
  null;
