import { type IncomingHttpHeaders, request } from 'node:http';
import type { Ward } from './ward.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  /** Added to, or (`undefined`) taken from, those of a good request. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer;
  readonly service?: string;
}

/** Any request to Wardroom's API, however wrong; unless said otherwise, a ticket posted by `nightjar` with its token. */
export function send(ward: Ward, sent: Sent): Promise<Answer> {
  const headers = Object.entries({
    authorization: `Bearer ${ward.service(sent.service ?? 'nightjar').token}`,
    'content-type': 'application/json',
    'content-length': sent.body === undefined ? undefined : String(Buffer.byteLength(sent.body)),
    ...sent.headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const url = `${ward.hospital.api_url}${sent.path ?? '/api/v1/tickets'}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: sent.method ?? 'POST', headers: Object.fromEntries(headers) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}

/** The answer's JSON document. */
export const document = (answer: Answer): Readonly<Record<string, unknown>> =>
  JSON.parse(answer.text) as Record<string, unknown>;
