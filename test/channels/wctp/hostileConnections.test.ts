/** Connections and documents that do harm, and what everybody else has of it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { sample, startWctpRig, type WctpRig } from './rig.ts';

let rig: WctpRig;
const sockets: Socket[] = [];
beforeAll(async () => {
  rig = await startWctpRig({ requestTimeoutMs: 1_500 });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await rig.clear();
});
afterAll(() => rig?.stop());

async function open(): Promise<{ socket: Socket; heard: () => string; closed: Promise<void> }> {
  const socket = connect(rig.listener.port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, heard: () => heard, closed };
}
const request = (body: string, length = Buffer.byteLength(body)) =>
  `POST /wctp HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: ${length}\r\n\r\n${body}`;
const page = (id: string) => sample('in-submit-stat-mcr').replace('NJ-260001-1', id);

describe('WCTP over connections that do harm', () => {
  it('answers pages that come one upon the other in their order, and one for each', async () => {
    const { socket, heard } = await open();
    const bad = page('P-2').replace('s3cr3tc0de16ch', 'guess');
    socket.write(request(page('P-1')) + request(bad) + request('<half') + request(page('P-4')));
    const codes = () => [...heard().matchAll(/(?:successCode|errorCode)="(\d+)"/g)].map((match) => match[1]);
    while (codes().length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(codes()).toEqual(['200', '402', '301', '200']);
    expect(await rig.tickets()).toHaveLength(2);
  });

  it('ends a page that does not get on, keeps nothing of it, and serves the others meanwhile', async () => {
    const slow = await Promise.all(Array.from({ length: 50 }, () => open()));
    const whole = page('S-1');
    const ticking = setInterval(() => {
      for (const { socket } of slow) if (!socket.destroyed) socket.write(' ');
    }, 50);
    for (const { socket } of slow) socket.write(request(whole.slice(0, 300), whole.length));
    try {
      expect((await rig.post(page('S-2'))).code).toBe(200);
      await Promise.all(slow.map(({ closed }) => closed));
    } finally {
      clearInterval(ticking);
    }
    expect((await rig.tickets()).map(({ ticket }) => ticket.externalId)).toEqual(['S-2']);
  });

  it('refuses hostile documents one after the other without growing, and takes a page at the end', async () => {
    const deep = `<wctp-Operation wctpVersion="wctp-dtd-v1r3">${'<wctp-Payload>'.repeat(20_000)}`;
    const wide = `<wctp-Operation wctpVersion="1.3" ${Array.from({ length: 50_000 }, (_, n) => `a${n}="x"`).join(' ')}/>`;
    const laughs = `<!DOCTYPE a [${Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')}]><a>&l9;</a>`;
    const documents = [deep, wide, laughs, `<a>${'<b/>'.repeat(100_000)}</a>`, `<a b="${'x'.repeat(900_000)}"/>`];
    for (const document of documents) await rig.post(document);
    const before = process.memoryUsage().rss;
    // The processor's time: other things run on the machine.
    const from = process.cpuUsage();
    for (let n = 0; n < 100; n += 1)
      expect([301, 302]).toContain((await rig.post(documents[n % documents.length]!)).code);
    expect(process.cpuUsage(from).user / 1000 / 100).toBeLessThan(100);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    expect((await rig.post(page('H-1'))).code).toBe(200);
    expect(rig.failures).toEqual([]);
  });
});
