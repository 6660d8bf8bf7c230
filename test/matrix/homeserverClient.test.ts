import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { userId } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/phi.ts';
import { failureOf, failureOfError } from '../../src/matrix/failures.ts';
import { HomeserverClient } from '../../src/matrix/homeserverClient.ts';
import { RequestFailed } from '../../src/matrix/matrixRequest.ts';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let server: http.Server;
let url: string;
let client: HomeserverClient;
let answer: Handler;
const sockets = new Set<Socket>();

beforeEach(async () => {
  server = http.createServer((request, response) => answer(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new HomeserverClient({ url, asToken: new Secret('as-token') });
});
afterEach(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

const me = userId('@wardroom_x:hospital.example');
const json = (response: http.ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};
const failure = async (work: Promise<unknown>): Promise<RequestFailed> => {
  const error: unknown = await work.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(RequestFailed);
  return error as RequestFailed;
};

describe('a request', () => {
  it('speaks as its user, with the token in the header and nowhere else', async () => {
    let seen: http.IncomingMessage | null = null;
    answer = (request, response) => {
      seen = request;
      json(response, 200, { ok: true });
    };
    const response = await client.requestAs(me)('GET', '/_matrix/client/v3/x', {
      query: { device_id: 'DEV', no: undefined },
    });
    expect(response).toEqual({ status: 200, body: { ok: true } });
    expect(seen!.url).toBe('/_matrix/client/v3/x?device_id=DEV&user_id=%40wardroom_x%3Ahospital.example');
    expect(seen!.headers.authorization).toBe('Bearer as-token');
  });

  it('uses one connection again and again', async () => {
    let connections = 0;
    server.on('connection', () => (connections += 1));
    answer = (_request, response) => json(response, 200, {});
    for (let i = 0; i < 20; i += 1) await client.requestAs(me)('PUT', '/x', { body: { i } });
    expect(connections).toBe(1);
  });

  it('is repeated once, unnoticed, when an idle connection was just closed by the homeserver', async () => {
    let requests = 0;
    answer = (request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else json(response, 200, { requests });
    };
    await client.requestAs(me)('PUT', '/x', { body: {} });
    expect(await client.requestAs(me)('PUT', '/x', { body: {} })).toEqual({ status: 200, body: { requests: 3 } });
  });

  it('that is not idempotent is not repeated by itself', async () => {
    let requests = 0;
    answer = (request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else json(response, 200, {});
    };
    await client.requestAs(me)('GET', '/x');
    const failed = await failure(client.requestAs(me)('POST', '/x', { body: {} }));
    expect([requests, failed.written]).toEqual([2, true]);
  });

  it('gives up after its time', async () => {
    answer = () => undefined;
    const failed = await failure(client.requestAs(me)('GET', '/x', { timeoutMs: 20 }));
    expect([failed.code, failed.written]).toEqual(['timeout', true]);
  });

  it('ends when its signal says so, also before it began', async () => {
    const stop = new AbortController();
    answer = () => stop.abort();
    expect((await failure(client.requestAs(me)('GET', '/x', { signal: stop.signal }))).code).toBe('aborted');
    expect((await failure(client.requestAs(me)('GET', '/x', { signal: stop.signal }))).code).toBe('aborted');
  });

  it('fails when the answer breaks off', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"a":', () => response.destroy());
    };
    expect((await failure(client.requestAs(me)('POST', '/x', { body: {} }))).written).toBe(true);
  });

  it('knows that nothing was written when nobody listens', async () => {
    server.close();
    server.closeAllConnections();
    const failed = await failure(client.requestAs(me)('POST', '/x', { body: {} }));
    expect([failed.code, failed.written]).toEqual(['connection', false]);
  });

  it('takes a proxy’s error page for what its status says', async () => {
    answer = (_request, response) => {
      response.writeHead(502);
      response.end('<html>');
    };
    expect(await client.requestAs(me)('GET', '/x')).toEqual({ status: 502, body: null });
  });
});

describe('what a failure means', () => {
  it.each([
    [403, 'M_FORBIDDEN', 'permanent', 'forbidden'],
    [404, 'M_NOT_FOUND', 'permanent', 'not-found'],
    [413, 'M_TOO_LARGE', 'permanent', 'too-large'],
    [400, 'M_UNKNOWN', 'permanent', 'homeserver-refused'],
    [400, 'M_UNKNOWN_DEVICE', 'retry', 'device-gone'],
    [429, 'M_LIMIT_EXCEEDED', 'retry', 'rate-limited'],
    [401, 'M_UNKNOWN_TOKEN', 'retry', 'token-refused'],
    [500, 'M_UNKNOWN', 'retry', 'homeserver-error'],
    [502, null, 'retry', 'homeserver-error'],
    [404, null, 'retry', 'homeserver-unclear'],
  ])('%s %s is %s (%s)', (status, errcode, kind, code) => {
    const body = errcode === null ? null : { errcode, error: 'Mrs Ash, room 4' };
    expect(failureOf({ status, body })).toEqual({ kind, code });
  });

  it.each([
    ['timeout', true, false, 'unknown'],
    ['timeout', true, true, 'retry'],
    ['timeout', false, false, 'retry'],
    ['connection', true, false, 'unknown'],
    ['connection', false, false, 'retry'],
    ['connection', true, true, 'retry'],
  ] as const)('no answer (%s), written %s, idempotent %s, is %s', (code, written, idempotent, kind) => {
    expect(failureOfError(new RequestFailed(code, written), idempotent).kind).toBe(kind);
  });

  it('a bug is not taken for one', () => {
    expect(() => failureOfError(new TypeError('x'), true)).toThrow(TypeError);
  });
});
