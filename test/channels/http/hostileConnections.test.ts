import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { aTicket, type Rig, startRig, TOKENS } from './rig.ts';

let rig: Rig;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await rig?.stop();
});

async function open(): Promise<Socket> {
  const socket = connect(rig.listener.port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the server closes the connection. */
function untilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1'))));
}

/** A STAT from somebody else goes through as if nothing were. */
async function expectService(id: string): Promise<void> {
  const from = performance.now();
  expect((await rig.post(aTicket({ id, urgency: 'STAT' }))).status).toBe(202);
  expect(performance.now() - from).toBeLessThan(5_000);
}

const head = (...lines: string[]) =>
  [
    'POST /api/v1/tickets HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${TOKENS.nightjar}`,
    'Content-Type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');

describe('the HTTP edge under connections that do harm', () => {
  it('serves everybody else while 1,000 connections say nothing, and closes those', async () => {
    rig = await startRig({}, { headersTimeoutMs: 2_000, requestTimeoutMs: 2_000 });
    const idle: Socket[] = [];
    for (let index = 0; index < 1_000; index += 1) idle.push(await open());
    await expectService('beside idle ones');
    // What was begun and not gone on with ends by the time-out.
    for (const socket of idle) socket.write('GET /health HTTP/1.1\r\n');
    await Promise.all(idle.map((socket) => untilClosed(socket)));
    await expectService('after them');
  });

  it('ends a body that never ends as soon as it is too long, and keeps nothing of it', async () => {
    rig = await startRig();
    const socket = await open();
    const answer = untilClosed(socket);
    socket.write(head('Transfer-Encoding: chunked'));
    const kilobytes = 'a'.repeat(16 * 1024);
    const from = performance.now();
    const more = setInterval(() => {
      socket.write(`${kilobytes.length.toString(16)}\r\n${kilobytes}\r\n`);
    }, 1);
    try {
      expect(await answer).toMatch(/^HTTP\/1\.1 413 .*body-too-large/s);
    } finally {
      clearInterval(more);
    }
    // Long before the time-out for a whole request, which would end it as well.
    expect(performance.now() - from).toBeLessThan(20_000);
    await expectService('after an endless body');
    expect(rig.tickets.tickets.size).toBe(1);
  });

  it('leaves the connection of a request that was refused to the next one, when the rest of its body comes after all', async () => {
    rig = await startRig();
    const socket = await open();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const heard = () => Buffer.concat(chunks).toString('latin1');
    const until = async (what: RegExp) => {
      while (!what.test(heard()))
        await Promise.race([
          once(socket, 'data'),
          once(socket, 'close').then(() => Promise.reject(new Error('closed'))),
        ]);
    };
    socket.write(head('Content-Length: 4').replace('application/json', 'text/plain'));
    await until(/^HTTP\/1\.1 415 /);
    socket.write('late');
    const stat = JSON.stringify(aTicket({ id: 'behind a refused one', urgency: 'STAT' }));
    socket.write(head(`Content-Length: ${Buffer.byteLength(stat)}`) + stat.slice(0, 10));
    // Longer than a client whose request was refused is given.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    socket.write(stat.slice(10));
    await until(/HTTP\/1\.1 202 /);
  });

  it('refuses a flood of headers before anybody looks at them', async () => {
    rig = await startRig();
    const big = await open();
    const tooLarge = untilClosed(big);
    big.write(head(...Array.from({ length: 64 }, (_, index) => `X-Flood-${index}: ${'f'.repeat(1024)}`)));
    expect(await tooLarge).toMatch(/^HTTP\/1\.1 431 /);
    const many = await open();
    const answer = untilClosed(many);
    many.write(
      head(
        'Connection: close',
        'Content-Length: 2',
        ...Array.from({ length: 900 }, (_, index) => `X${index}: 1`),
      ).concat('{}'),
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 422 /);
    await expectService('after a flood');
  });

  it('answers what is no HTTP with 400 and not a word of it', async () => {
    rig = await startRig();
    for (const garbage of [
      '\x16\x03\x01\x02\x00\x01\x00CNRY-TLS',
      'CNRY / HTTP/9.9\r\n\r\n',
      'GET /\0CNRY HTTP/1.1\r\n\r\n',
    ]) {
      const socket = await open();
      const answer = untilClosed(socket);
      socket.write(garbage, 'latin1');
      const text = await answer;
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text).not.toContain('CNRY');
    }
    // Two lengths are how requests are smuggled past a proxy.
    const smuggler = await open();
    const answer = untilClosed(smuggler);
    smuggler.write(head('Content-Length: 2', 'Transfer-Encoding: chunked').concat('0\r\n\r\n'));
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    await expectService('after garbage');
    expect(rig.failures).toEqual([]);
  });

  it('answers a thousand requests that come in one piece, each, in their order', async () => {
    rig = await startRig();
    const socket = await open();
    const answer = untilClosed(socket);
    const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
    socket.write(
      Array.from({ length: 999 }, (_, index) => request(index % 2 === 0 ? '/health' : '/nowhere')).join('') +
        request('/health', 'Connection: close\r\n'),
    );
    const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
    expect(statuses).toHaveLength(1_000);
    expect(statuses.slice(0, 4)).toEqual(['200', '404', '200', '404']);
    await expectService('after a pipeline');
  });

  it('takes no more connections than it has room for, and goes on when some are gone', async () => {
    rig = await startRig({}, { maxConnections: 20 });
    const first = await Promise.all(Array.from({ length: 20 }, open));
    const turnedAway = await open();
    await untilClosed(turnedAway);
    for (const socket of first.slice(0, 10)) socket.destroy();
    for (let tries = 0; ; tries += 1) {
      const status = await rig.call('/health').then(
        (answer) => answer.status,
        () => null,
      );
      if (status === 200) break;
      if (tries === 100) throw new Error('no room was made');
    }
    await expectService('after a crowd');
  });
});
