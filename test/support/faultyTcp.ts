import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * `pass`: a plain relay. `stall`: connections are accepted and stay open, nothing is answered (a network that is half open).
 * `refuse`: nobody listens.
 */
type Way = 'pass' | 'stall' | 'refuse';

/** A TCP relay in front of a real server, with a switch for faults of the network between the two. */
export class FaultyTcp {
  readonly port: number;
  /** Where new connections go; may be another server later. */
  target: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #way: Way = 'pass';

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.target = target;
  }

  static async open(target: number): Promise<FaultyTcp> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = new FaultyTcp(server, target);
    server.on('connection', (client) => relay.#relay(client));
    return relay;
  }

  /** From now on nothing that arrives from either side is passed on; connections look open to both. */
  stall(): void {
    this.#way = 'stall';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Cuts every connection, and new ones at once. */
  refuse(): void {
    this.#way = 'refuse';
    this.cut();
  }

  /** Cuts every connection; new ones are as before. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** All is well for new connections. What was stalled stays lost, as after a router forgot its connections: it is cut. */
  pass(): void {
    this.#way = 'pass';
    this.cut();
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #relay(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#way === 'refuse') {
      client.destroy();
      return;
    }
    const server = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    server.on('error', () => server.destroy());
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      // Not `pipe`: it would resume what is stalled.
      from.on('data', (chunk: Buffer) => {
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => this.#way === 'pass' && from.resume());
        }
      });
      from.on('end', () => to.end());
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
      if (this.#way === 'stall') from.pause();
    }
  }
}
