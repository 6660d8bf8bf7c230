import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstOf } from './firstOf.ts';

/** A status callback as it arrived (contract.md, "Status callbacks"). */
export interface Callback {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The whole body as text. */
  readonly raw: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: number;
  readonly isSigned: boolean;
}

/** An answering service as the demonstration, tests and benchmarks play it: posts tickets, receives signed callbacks. */
export class AnsweringService {
  readonly callbacks: Callback[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #server;
  #secret: string | null = null;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const { type, data } = JSON.parse(raw) as Pick<Callback, 'type' | 'data'>;
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        this.callbacks.push({
          type,
          data,
          raw,
          headers,
          at: performance.now(),
          isSigned: this.#isSigned(request.headers, raw),
        });
        response.writeHead(204).end();
        for (const listener of this.#listeners) listener();
      });
    });
  }

  /** Starts listening on loopback; the URL to configure as `callback_url`. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/status`;
  }

  /** The `whsec_` secret that callbacks are signed with. */
  trust(secret: string): void {
    this.#secret = secret;
  }

  /** The first callback, past or to come, that `accept` takes. */
  waitFor(what: string, accept: (callback: Callback) => boolean, timeoutMs = 60_000): Promise<Callback> {
    return firstOf(
      this.#listeners,
      () => this.callbacks.find(accept),
      (seconds) => `no callback in ${seconds} s: ${what}`,
      timeoutMs,
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. */
  #isSigned(headers: NodeJS.Dict<string | string[]>, raw: string): boolean {
    if (!this.#secret) return false;
    const key = Buffer.from(this.#secret.replace(/^whsec_/, ''), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${raw}`;
    const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    return String(headers['webhook-signature'])
      .split(' ')
      .some((one) => one.length === expected.length && timingSafeEqual(Buffer.from(one), expected));
  }
}

export interface PostedTicket {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** `POST /api/v1/tickets`. */
export async function postTicket(apiUrl: string, token: string, ticket: unknown): Promise<PostedTicket> {
  const response = await fetch(`${apiUrl}/api/v1/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(ticket),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
