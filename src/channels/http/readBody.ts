import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** Longer than allowed: as it says of itself, or as it turned out. The rest of it is not kept. */
  | { readonly kind: 'too-large' }
  /** The client went away, or what it sent was no body. */
  | { readonly kind: 'broken' };

/**
 * The whole body, at most `limit` bytes of it in memory. A longer one is read on and thrown away as far as `patience` bytes, so that
 * a client that sends first and listens then hears the refusal; one that does not end is refused in the middle of it.
 */
export function readBody(request: IncomingMessage, limit: number, patience: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (body: Body): void => {
      request.off('data', take).off('end', end).off('error', broken).off('close', broken);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > patience) done({ kind: 'too-large' });
    };
    const end = (): void => done(size > limit ? { kind: 'too-large' } : { kind: 'read', bytes: Buffer.concat(chunks) });
    const broken = (): void => done({ kind: 'broken' });
    request.on('data', take).on('end', end).on('error', broken).on('close', broken);
  });
}

/** How long a client whose request was not read to its end may take to hear why. */
const LISTEN_MS = 1_000;

/**
 * Reads on and throws away until the client had its time, then ends the connection: cut at once, the answer would be lost with it.
 * A client that sent the rest of its body meanwhile keeps the connection, and may have begun its next request on it.
 */
export function hangUp(request: IncomingMessage): void {
  request.on('error', () => undefined);
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), LISTEN_MS).unref();
  request.once('end', () => clearTimeout(cut));
}
