import { hash } from 'node:crypto';
import { Agent } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';

/** `sha256/` and the base64 of the SHA-256 of a public key (RFC 7469, section 2.4: of its SubjectPublicKeyInfo). */
export type Pin = string;

/** The code of the error by which a server with another key is turned away. */
export const WRONG_KEY = 'wctp-wrong-key';

/** The pin of the key that the other side proved to have. Null: it showed none. */
export function pinOf(socket: TLSSocket): Pin | null {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined ? null : `sha256/${hash('sha256', key, 'base64')}`;
}

/**
 * Connections to a server that has one of these keys, whoever signed its certificate and until whenever it is valid: a key that was
 * told by hand is surer than any authority. Nothing is written before the key is known.
 */
export class PinnedAgent extends Agent {
  readonly #pins: readonly Pin[];
  readonly #timeoutMs: number;

  /** `timeoutMs`: for a connection to be made. */
  constructor(pins: readonly Pin[], timeoutMs: number) {
    super({ keepAlive: true });
    this.#pins = pins;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(
    options: { readonly host?: string; readonly port?: number },
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const host = options.host ?? '';
    const socket = connect({
      host,
      port: Number(options.port),
      servername: isIP(host) === 0 ? host : '',
      rejectUnauthorized: false,
    });
    let isDone = false;
    const end = (error: Error | null): void => {
      if (isDone) return;
      isDone = true;
      if (error) socket.destroy();
      done?.(error, socket);
    };
    socket.once('error', end);
    socket.once('secureConnect', () => {
      const pin = pinOf(socket);
      const isKnown = pin !== null && this.#pins.includes(pin);
      end(isKnown ? null : Object.assign(new Error(WRONG_KEY), { code: WRONG_KEY }));
    });
    // Whoever is no longer waited for is not kept.
    socket.once('close', () => end(new Error('closed')));
    socket.setTimeout(this.#timeoutMs, () => isDone || socket.destroy());
    return undefined;
  }
}
