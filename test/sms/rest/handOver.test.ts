import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { readRetryAfter } from '../../../src/sms/rest/call.ts';
import { selfSigned } from '../../support/certificate.ts';
import { openTelnyx } from '../telnyx/words.ts';
import { openTwilio } from '../twilio/words.ts';
import { Heard, outbound } from './heard.ts';
import type { RestRig, Script } from './peer.ts';

const json =
  (status: number, document: unknown, headers: Record<string, string> = {}): Script =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document));
  };
/** Says how long the body is, sends half of it and ends the connection. */
const half =
  (status: number, body: string): Script =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(body.length) });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  };
const MESSAGE = JSON.stringify({ sid: `SM${'1'.repeat(32)}`, num_segments: '2', status: 'queued' });
const taken: Script = (response) => response.writeHead(201).end(MESSAGE);

describe('a text that is handed over by HTTP', () => {
  let rig: RestRig;

  beforeEach(async () => {
    rig = await openTwilio('contract', new Heard());
  });
  afterEach(async () => {
    await rig.close();
  });
  const send = async (script: Script) => {
    rig.script = script;
    return rig.carrier.send(outbound('hello'));
  };

  it('is taken by the name and the segments that the carrier says', async () => {
    expect(await send(taken)).toEqual({ outcome: 'taken', carrierId: `SM${'1'.repeat(32)}`, segments: 2 });
  });

  it.each<[string, Script]>([
    ['half a good answer', half(201, MESSAGE)],
    ['an answer without a name', json(201, { status: 'queued' })],
    ['a name that is none', json(201, { sid: 'SM\r\nwith words of a patient' })],
    ['an answer in a language that is none', (response) => response.socket?.end('HELO carrier\r\n\r\n')],
    ['an answer without end', (response) => response.writeHead(201).end(`"${'x'.repeat(100_000)}"`)],
    ['no content', (response) => response.writeHead(204).end()],
    ['a redirect, which is not followed', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['500', json(500, { code: 20500 })],
    ['500 with the code of a refusal', json(500, { code: 21610 })],
    ['502', (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')],
    ['504', (response) => response.writeHead(504).end()],
    ['a connection that is reset', (response) => response.socket?.resetAndDestroy()],
    ['headers that never end', (response) => response.socket?.write('HTTP/1.1 201 Created\r\ncontent-type: ')],
  ])('is unknown after %s, and asked of once only', async (_, script) => {
    const handOver = await send(script);
    expect(handOver.outcome).toBe('unknown');
    expect(rig.posted).toHaveLength(1);
  });

  it('is unknown when the answer comes late, and stays so', async () => {
    const late = Promise.withResolvers<void>();
    const first = await send((response) => {
      late.promise.then(() => response.writeHead(201).end(MESSAGE));
    });
    expect(first).toEqual({ outcome: 'unknown', code: 'twilio-no-answer' });
    late.resolve();
    expect(await send(taken)).toMatchObject({ outcome: 'taken' });
    expect(rig.posted).toHaveLength(2);
  });

  it.each<[string, Script, number | null]>([
    ['429 with seconds', json(429, { code: 20429 }, { 'retry-after': '7' }), 7_000],
    ['503 without a word', json(503, {}), null],
    ['503 and much patience', json(503, {}, { 'retry-after': '999999' }), 3_600_000],
    ["the sender's queue that is full", json(400, { code: 21611 }), null],
  ])('is tried again after %s', async (_, script, afterMs) => {
    expect(await send(script)).toMatchObject({ outcome: 'retry', afterMs });
    expect(rig.carrier.status()).toEqual({ state: 'ready', code: null });
  });

  it.each([
    [400, 21211, 'bad-number'],
    [400, 21614, 'bad-number'],
    [400, 21610, 'opted-out'],
    [403, 21408, 'not-allowed'],
    [400, 21606, 'not-allowed'],
    [400, 30034, 'unregistered'],
    [400, 21617, 'rejected'],
    [422, 99999, 'rejected'],
  ] as const)('is refused by %i with code %i as %s', async (status, code, refusal) => {
    expect(await send(json(status, { code, message: 'To +12125550142', status }))).toEqual({
      outcome: 'refused',
      code: refusal,
      carrierCode: String(code),
    });
    expect(rig.carrier.status().state).toBe('ready');
  });

  it('is refused by the status alone where the rest of the answer is lost', async () => {
    expect(await send(half(400, JSON.stringify({ code: 21610 })))).toEqual({
      outcome: 'refused',
      code: 'rejected',
      carrierCode: '400',
    });
  });

  it.each([
    [401, { code: 20003 }, 'twilio-20003'],
    [403, {}, 'twilio-403'],
    [404, '<h1>Not found</h1>', 'twilio-404'],
  ])('waits while the account itself is refused with %i, and the carrier says so', async (status, body, code) => {
    expect(await send(json(status, body))).toEqual({ outcome: 'retry', code, afterMs: 60_000 });
    expect(rig.carrier.status()).toEqual({ state: 'refused', code });
    expect(await send(taken)).toMatchObject({ outcome: 'taken' });
    expect(rig.carrier.status()).toEqual({ state: 'ready', code: null });
  });

  it('shows that nobody listens, and that somebody does again', async () => {
    await rig.mood('away');
    expect(await rig.carrier.send(outbound('hello'))).toEqual({
      outcome: 'retry',
      code: 'twilio-unreachable',
      afterMs: null,
    });
    expect(rig.carrier.status()).toEqual({ state: 'connecting', code: 'twilio-unreachable' });
    await rig.mood('take');
    expect(await send(taken)).toMatchObject({ outcome: 'taken' });
    expect(rig.carrier.status().state).toBe('ready');
  });

  it('never is said to be taken, whatever the carrier answers but a name', async () => {
    const status = fc.integer({ min: 200, max: 599 });
    const name = fc.constantFrom(undefined, null, 7, '', 'a b', 'é', 'x'.repeat(201));
    await fc.assert(
      fc.asyncProperty(status, fc.jsonValue(), name, async (code, noise, sid) => {
        const handOver = await send((response) => {
          response.writeHead(code).end(JSON.stringify(code % 2 ? noise : { sid, code: noise }));
        });
        expect(handOver.outcome).not.toBe('taken');
        // What is said to be not taken, was not: a 4xx or 503 said so.
        if (handOver.outcome !== 'unknown') expect(code === 503 || (code >= 400 && code < 500)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('goes out once each, a hundred at one time', async () => {
    rig.script = null;
    const sent = await Promise.all(Array.from({ length: 100 }, (_, n) => rig.carrier.send(outbound(`text ${n}`))));
    expect(sent.every(({ outcome }) => outcome === 'taken')).toBe(true);
    expect(new Set(rig.handed().map(({ body }) => body)).size).toBe(100);
    expect(rig.posted).toHaveLength(100);
  });

  it('is unknown when Wardroom stops before the answer', async () => {
    const patient = await openTwilio('contract', new Heard(), { timeoutMs: 60_000 });
    const begun = Promise.withResolvers<void>();
    patient.script = () => begun.resolve();
    const sending = patient.carrier.send(outbound('hello'));
    await begun.promise;
    await patient.carrier.stop();
    expect(await sending).toEqual({ outcome: 'unknown', code: 'twilio-stopped' });
    await patient.close();
  });
});

describe('a connection to the carrier that is never made', () => {
  let server: Server;
  const over = async (baseUrl: string) => {
    const rig = await openTwilio('contract', new Heard(), { baseUrl, timeoutMs: 500 });
    const handOver = await rig.carrier.send(outbound('private words'));
    await rig.close();
    return handOver;
  };
  const opened = (one: Server): Promise<number> =>
    new Promise((resolve) => {
      server = one;
      one.listen(0, '127.0.0.1', () => resolve((one.address() as AddressInfo).port));
    });
  afterEach(() => {
    server.close();
  });

  it('lets the text wait when the certificate is not believed: nothing was sent', async () => {
    let heard = '';
    const { key, cert } = selfSigned();
    const port = await opened(
      createTlsServer({ key, cert }, (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (data) => {
          heard += data.toString();
        });
      }),
    );
    expect(await over(`https://localhost:${port}`)).toEqual({
      outcome: 'retry',
      code: 'twilio-certificate',
      afterMs: null,
    });
    expect(heard).toBe('');
  });

  it('lets the text wait when nobody shakes hands: nothing was sent', async () => {
    let heard = '';
    const port = await opened(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (data) => {
          heard += data.toString('latin1');
        });
      }),
    );
    expect(await over(`https://localhost:${port}`)).toEqual({
      outcome: 'retry',
      code: 'twilio-no-connection-in-time',
      afterMs: null,
    });
    expect(heard).not.toContain('private');
    expect(heard).not.toContain('POST');
  });
});

describe('what Telnyx answers', () => {
  it.each([
    ['40300', 'opted-out'],
    ['40310', 'bad-number'],
    ['40330', 'unregistered'],
    ['40305', 'not-allowed'],
    ['40009', 'rejected'],
  ])('with code %s refuses as %s', async (code, refusal) => {
    const rig = await openTelnyx('contract', new Heard());
    rig.script = json(400, { errors: [{ code, title: 'no', detail: '+12125550142' }] });
    expect(await rig.carrier.send(outbound('hello'))).toEqual({ outcome: 'refused', code: refusal, carrierCode: code });
    rig.script = json(422, { errors: [{ code: '40318' }] });
    expect(await rig.carrier.send(outbound('hello'))).toMatchObject({ outcome: 'retry', code: 'telnyx-40318' });
    await rig.close();
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-28T20:00:00Z');
  it.each([
    [undefined, null],
    ['soon', null],
    ['0', 0],
    ['120', 120_000],
    ['Sat, 28 Nov 2026 20:00:30 GMT', 30_000],
    ['Sat, 28 Nov 2026 19:00:00 GMT', 0],
    ['Sun, 29 Nov 2026 20:00:00 GMT', 3_600_000],
  ])('%s is %s ms', (header, ms) => {
    expect(readRetryAfter(header, () => now)).toBe(ms);
  });
});
