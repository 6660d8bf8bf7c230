import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * `count` different TCP ports that are free on 127.0.0.1 at this moment. Below the range from which systems take the
 * local end of outgoing connections, so that a port stays free while its owner is down.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(18_000, 32_000);
    if (!ports.has(port) && !(await portTaken(port))) ports.add(port);
  }
  return [...ports];
}

/** Whether something else holds `port` on 127.0.0.1 at this moment. */
export const portTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(false)));
  });
