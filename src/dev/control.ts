import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { readIfThere, writeAtomic } from './files.ts';

/** How to reach a supervisor: in a file only its owner can read. */
interface Address {
  readonly port: number;
  readonly token: string;
  readonly pid: number;
}

/** What the supervisor answered when it could not do it. */
export class ControlError extends Error {}

/** The supervisor's side: answers POST requests on 127.0.0.1 from whoever can read the file. */
export async function serveControl(
  file: string,
  handle: (command: string, body: Readonly<Record<string, unknown>>) => Promise<unknown>,
): Promise<Server> {
  const token = randomBytes(24).toString('hex');
  const expected = Buffer.from(`Bearer ${token}`);
  const server = createServer((incoming, response) => {
    const answer = (status: number, body: unknown): void => {
      response
        .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
        .end(JSON.stringify(body ?? null));
    };
    const shown = Buffer.from(incoming.headers.authorization ?? '');
    if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) return answer(401, { error: 'token' });
    readJson(incoming)
      .then((body) => handle((incoming.url ?? '/').slice(1), body))
      .then(
        (value) => answer(200, value),
        (error: unknown) => answer(500, { error: error instanceof Error ? error.message : String(error) }),
      );
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await writeAtomic(file, `${JSON.stringify({ port: address.port, token, pid: process.pid } satisfies Address)}\n`);
  return server;
}

/** Asks the supervisor of a directory; `null` when none answers there. */
export async function askControl<T>(file: string, command: string, body: object = {}): Promise<T | null> {
  const address = await controlAddress(file);
  if (address === null) return null;
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${address.port}/${command}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${address.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    return null;
  }
  if (response.status === 401) return null;
  const answer = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new ControlError(answer.error ?? String(response.status));
  return answer;
}

/** The address a supervisor has left, whether or not it still lives. */
export async function controlAddress(file: string): Promise<Address | null> {
  const text = await readIfThere(file);
  return text === null ? null : (JSON.parse(text) as Address);
}

async function readJson(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
