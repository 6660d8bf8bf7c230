import { request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { readShort } from '../../kernel/readShort.ts';
import type { PinnedAgent } from './pin.ts';

/** A Confirmation is short. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface PostedAnswer {
  readonly status: number;
  /** Null when it is longer than any answer. */
  readonly bytes: Uint8Array | null;
}

/**
 * Posts one document to a configured address, and to no other: redirects are not followed. Without an agent the machine's certificate
 * authorities are believed. Rejects with what the system says; a `TimeoutError` after `timeoutMs`, whatever it waited for.
 */
export function postDocument(
  url: string,
  xml: string,
  options: { readonly timeoutMs: number; readonly agent?: PinnedAgent | undefined },
): Promise<PostedAnswer> {
  const send = URL.parse(url)?.protocol === 'https:' ? tlsRequest : plainRequest;
  const body = Buffer.from(xml, 'utf8');
  const headers = {
    'content-type': 'text/xml; charset=utf-8',
    'content-length': body.length,
    'user-agent': 'wardroom',
  };
  const signal = AbortSignal.timeout(options.timeoutMs);
  const settings: RequestOptions = {
    method: 'POST',
    headers,
    signal,
    ...(options.agent && { agent: options.agent }),
  };
  return new Promise((resolve, reject) => {
    // What was waited for says of its end what it likes.
    const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error);
    const outgoing = send(url, settings, (response) => {
      readShort(response, MAX_ANSWER_BYTES).then((bytes) => resolve({ status: response.statusCode ?? 0, bytes }), fail);
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}
