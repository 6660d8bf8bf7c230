import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ConnectionFault, isLoopback, type SmppOptions } from './options.ts';
import type { Timers } from './timers.ts';

type Where = Pick<SmppOptions, 'host' | 'port' | 'tls'>;

/** Resolves to a socket that is connected, its certificate checked, or to why there is none. Plain only to the machine itself. */
export function connectSocket(
  { host, port, tls }: Where,
  withinMs: number,
  timers: Timers,
): Promise<Socket | ConnectionFault> {
  if (tls === null && !isLoopback(host)) return Promise.resolve('smpp-tls-required');
  return new Promise((resolve) => {
    const socket: Socket =
      tls === null
        ? connectPlain({ host, port, noDelay: true })
        : connectTls({
            host,
            port,
            minVersion: 'TLSv1.2',
            ...(tls.ca === null ? {} : { ca: tls.ca }),
            ...(tls.serverName === null ? {} : { servername: tls.serverName }),
          });
    let isReached = false;
    const end = (outcome: Socket | ConnectionFault): void => {
      callOff();
      socket.removeListener('error', failed);
      socket.removeListener('close', failed);
      if (typeof outcome === 'string') {
        socket.on('error', () => undefined); // destroyed: whatever else it says is of no interest
        socket.destroy();
      }
      resolve(outcome);
    };
    const failed = (): void => end(tls !== null && isReached ? 'smpp-tls' : 'smpp-unreachable');
    const callOff = timers.after(withinMs, () => end('smpp-unreachable'));
    socket.once('error', failed);
    socket.once('close', failed);
    socket.once('connect', () => {
      isReached = true;
    });
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      socket.setNoDelay(true);
      end(socket);
    });
  });
}
