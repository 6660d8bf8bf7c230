/** contract.md, "Status callbacks", checked with the Standard Webhooks reference library. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { createStatusSender } from '../../src/channels/http/index.ts';
import { statusCallback } from '../../src/channels/http/schemas.ts';
import type { Report, StatusSender } from '../../src/flows/ports.ts';
import { realClock } from '../../src/kernel/clock.ts';
import { accountId, serviceId, ticketId, userId } from '../../src/kernel/ids.ts';
import { Phi, Secret } from '../../src/kernel/phi.ts';
import type { Ticket } from '../../src/tickets/ticket.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NIGHTJAR = serviceId('nightjar');

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly remotePort: number | undefined;
}

let server: Server;
let url: string;
let received: Received[];
let answer: (response: ServerResponse) => void;
beforeEach(async () => {
  received = [];
  answer = (response) => response.writeHead(204).end();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        remotePort: request.socket.remotePort,
      });
      answer(response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/status`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const sender = (options: { url?: string; timeoutMs?: number; clock?: typeof realClock } = {}): StatusSender =>
  createStatusSender({
    targetOf: (service) => (service === NIGHTJAR ? { url: options.url ?? url, secret: new Secret(SECRET) } : null),
    timeoutMs: options.timeoutMs ?? 5000,
    machineClock: options.clock ?? realClock,
  });

const report = (patch: Partial<Report> = {}): Report => ({
  ticketId: ticketId('tkt_00000000000000000000000001'),
  eventId: 'evt_0001',
  sequence: 3,
  status: 'seen',
  at: Date.parse('2026-11-27T07:04:11.000Z'),
  step: 0,
  by: '@suri:hospital.example',
  strength: null,
  text: null,
  attempts: 0,
  firstTriedAt: null,
  ...patch,
});

const ticket = {
  ticketId: ticketId('tkt_00000000000000000000000001'),
  service: NIGHTJAR,
  account: accountId('LARK-CARD'),
  externalId: 'NJ-260001',
  urgency: 'stat',
  state: 'delivered',
  due: [userId('@suri:hospital.example')],
} as unknown as Ticket; // the sender reads no more of it

const send = (patch: Partial<Report> = {}, from = sender()) => from.send(NIGHTJAR, report(patch), ticket);

describe('a status callback', () => {
  it('carries the contract body and a signature that the reference library accepts', async () => {
    expect(await send()).toEqual({ ok: true, value: undefined });
    const [{ headers, body }] = received as [Received];
    new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(headers['webhook-id']).toBe('evt_0001');
    expect(headers['content-type']).toBe('application/json');
    expect(statusCallback.parse(JSON.parse(body))).toEqual({
      type: 'ticket.seen',
      timestamp: '2026-11-27T07:04:11.000Z',
      data: {
        event_id: 'evt_0001',
        sequence: 3,
        ticket_id: 'tkt_00000000000000000000000001',
        external_id: 'NJ-260001',
        account: 'LARK-CARD',
        urgency: 'stat',
        state: 'seen',
        step: 0,
        by: '@suri:hospital.example',
      },
    });
  });

  it('fails verification when a character of the body or the secret is another', async () => {
    await send();
    const [{ headers, body }] = received as [Received];
    const verify = (secret: string, text: string) => () =>
      new Webhook(secret).verify(text, headers as Record<string, string>);
    expect(verify(SECRET, body.replace('seen', 'sent'))).toThrow();
    expect(verify(`whsec_${Buffer.alloc(32, 8).toString('base64')}`, body)).toThrow();
  });

  it('keeps its id and body when it is sent again, under a new signature time', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const turning = sender({ clock: { now: () => (now += 60_000) } });
    await send({}, turning);
    await send({ attempts: 1 }, turning);
    const [first, second] = received as [Received, Received];
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.body).toBe(first.body);
    expect(second.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp']);
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
  });

  it('is signed with the time of the machine, whatever the business clock said', async () => {
    await send({ at: Date.parse('2031-01-01T00:00:00Z') });
    const [{ headers, body }] = received as [Received];
    expect(() => new Webhook(SECRET).verify(body, headers as Record<string, string>)).not.toThrow();
    expect(JSON.parse(body).timestamp).toBe('2031-01-01T00:00:00.000Z');
  });

  it('says the state a report is about, or the one the ticket is in', async () => {
    await send({ status: 'escalated' });
    await send({ status: 'acknowledged', strength: 'device' });
    expect(received.map(({ body }) => JSON.parse(body).data.state)).toEqual(['delivered', 'acknowledged']);
  });

  it('carries text only when the report has one, in whatever script', async () => {
    await send({ status: 'replied', text: new Phi('Rufe in 5 min zurück \u{1f44d}') });
    const [{ headers, body }] = received as [Received];
    expect(JSON.parse(body).data.text).toBe('Rufe in 5 min zurück \u{1f44d}');
    new Webhook(SECRET).verify(body, headers as Record<string, string>);
  });

  it('uses connections again', async () => {
    answer = (response) => response.writeHead(200).end('thank you');
    const one = sender();
    for (let sequence = 0; sequence < 8; sequence++) await send({ sequence }, one);
    expect(new Set(received.map(({ remotePort }) => remotePort)).size).toBeLessThan(4);
  });
});

describe('a callback that is not received', () => {
  it.each([300, 400, 401, 404, 408, 410, 413, 429, 500, 502, 503])('is tried again after %d', async (status) => {
    answer = (response) => response.writeHead(status).end('CNRY-from-their-side');
    const result = await send();
    expect(result).toEqual({ ok: false, error: { kind: 'retry', code: `callback-${Math.floor(status / 100)}xx` } });
  });

  it.each([200, 201, 202, 204])('is none after %d', async (status) => {
    answer = (response) => response.writeHead(status).end();
    expect((await send()).ok).toBe(true);
  });

  it('is tried again after a redirect, which is not followed', async () => {
    answer = (response) => response.writeHead(307, { location: url }).end();
    expect(await send()).toMatchObject({ ok: false, error: { kind: 'retry', code: 'callback-3xx' } });
    expect(received).toHaveLength(1);
  });

  it('is tried again when nobody answers in time, with the headers or with the body', async () => {
    answer = () => {};
    expect(await send({}, sender({ timeoutMs: 100 }))).toMatchObject({
      ok: false,
      error: { kind: 'retry', code: 'callback-timeout' },
    });
    answer = (response) => response.writeHead(500, { 'content-length': '100' }).write('slow');
    expect(await send({}, sender({ timeoutMs: 100 }))).toMatchObject({
      ok: false,
      error: { kind: 'retry', code: 'callback-timeout' },
    });
  });

  it('is tried again when nobody listens, or hangs up', async () => {
    const closed = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
    const unreachable = { ok: false, error: { kind: 'retry', code: 'callback-unreachable' } };
    expect(await send({}, sender({ url: address }))).toEqual(unreachable);
    closed.close();
    await once(closed, 'close');
    expect(await send({}, sender({ url: address }))).toEqual(unreachable);
  });

  it('does not read an endless answer to its end', async () => {
    answer = (response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(65536)));
        response.once('drain', more);
      };
      more();
    };
    expect((await send()).ok).toBe(true);
  });

  it('is dropped when the service has no callback', async () => {
    const result = await sender().send(serviceId('wren'), report(), ticket);
    expect(result).toEqual({ ok: false, error: { kind: 'permanent', code: 'callback-none' } });
  });
});
