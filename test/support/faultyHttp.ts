import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request meets instead of the server, or on its way back from it. */
export type HttpFault =
  /** Never reaches the server; this is the answer. */
  | { readonly answer: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The server does it and answers; the answer is lost and the connection with it. */
  | 'lose-answer'
  /** The server does it and answers; the connection stays open and nothing ever comes. */
  | 'swallow-answer';

export interface ProxiedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** Decides about one request; null: it passes. */
export type FaultRule = (request: ProxiedRequest) => HttpFault | null;

/** An HTTP proxy in front of a real server, with a switch for faults of single requests. */
export class FaultyHttp {
  readonly url: string;
  /** May be exchanged at any time. */
  rule: FaultRule = () => null;
  readonly #target: number;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (from, to) => this.#serve(from, to));
  }

  static async open(target: number): Promise<FaultyHttp> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyHttp(server, target);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#agent.destroy();
  }

  #serve(from: IncomingMessage, to: ServerResponse): void {
    const method = from.method ?? 'GET';
    const fault = this.rule({ method, path: (from.url ?? '').split('?')[0] ?? '' });
    if (fault !== null && typeof fault === 'object') {
      from.resume();
      to.writeHead(fault.answer, fault.headers).end(fault.body ?? '');
      return;
    }
    const onward = request(
      { port: this.#target, host: '127.0.0.1', method, path: from.url, headers: from.headers, agent: this.#agent },
      (answer) => {
        if (fault === null) {
          to.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(to);
          return;
        }
        answer.resume();
        if (fault === 'lose-answer') answer.on('end', () => to.destroy());
      },
    );
    onward.on('error', () => to.destroy());
    to.on('close', () => {
      if (!to.writableFinished && fault === null) onward.destroy();
    });
    from.pipe(onward);
  }
}
