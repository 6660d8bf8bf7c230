/** Where statuses and replies go: to the service's own address, to the key that it is known by, and nowhere else. */
import { createServer as plainServer, type RequestListener } from 'node:http';
import { createServer as tlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as rawServer, type Server } from 'node:net';
import { createWctpSender, type PushOptions } from '../../../src/channels/wctp/index.ts';
import { confirmSuccess } from '../../../src/channels/wctp/writeOperation.ts';
import type { WctpResponse } from '../../../src/flows/wctpPort.ts';
import { accountId, serviceId, ticketId } from '../../../src/kernel/ids.ts';
import { selfSigned } from '../../support/certificate.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function portOf(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A console that takes everything, and what it was sent. */
function taking(): { readonly heard: string[]; readonly listener: RequestListener } {
  const heard: string[] = [];
  return {
    heard,
    listener: (request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push(body);
        response.end(confirmSuccess(3, 'Message accepted'));
      });
    },
  };
}
const response: WctpResponse = {
  sequenceNo: 7,
  ticketId: ticketId('tkt_x'),
  account: accountId('LARK-CARD'),
  service: serviceId('nightjar'),
  at: 0,
  attempts: 0,
  firstTriedAt: null,
  origin: {
    senderId: 'nightjar-ops',
    responsesTo: 'nightjar-ops',
    messageId: 'NJ-1',
    transactionId: null,
    recipientId: 'LARK-CARD.oncall',
    version: 3,
    trackingNumber: null,
  },
  content: { kind: 'notification', type: 'QUEUED' },
};
const send = (url: string, options: Partial<PushOptions> = {}) =>
  createWctpSender({ urlOf: () => url, timeoutMs: 3000, ...options }).send(response);
const failed = (code: string, kind = 'retry') => ({ ok: false, error: { kind, code } });

describe('what is pushed by WCTP', () => {
  it('goes to the service, over one connection however often', async () => {
    const { heard, listener } = taking();
    const { key, cert, pin } = selfSigned();
    const server = tlsServer({ key, cert }, listener);
    let connections = 0;
    server.on('secureConnection', () => {
      connections += 1;
    });
    const port = await portOf(server);
    const sender = createWctpSender({
      urlOf: () => `https://127.0.0.1:${port}/wctp`,
      pinsOf: () => [pin],
      timeoutMs: 3000,
    });
    for (let n = 0; n < 3; n += 1) expect(await sender.send(response)).toEqual({ ok: true, value: undefined });
    expect(heard).toHaveLength(3);
    expect(heard[0]).toContain('<wctp-Notification type="QUEUED"/>');
    expect(connections).toBe(1);
    server.closeAllConnections();
  });

  it('is not sent on, wherever the service points', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const other = taking();
      const elsewhere = await portOf(plainServer(other.listener));
      const pointing = plainServer((_request, answer) => {
        answer.writeHead(status, { location: `http://127.0.0.1:${elsewhere}/wctp` }).end(confirmSuccess(3, 'there'));
      });
      const url = `http://127.0.0.1:${await portOf(pointing)}/wctp`;
      expect(await send(url)).toEqual(failed('wctp-http-3xx'));
      expect(other.heard).toEqual([]);
    }
  });

  it('is sent to no server with another key, before which nothing is said', async () => {
    const wrong: string[] = [];
    const { heard, listener } = taking();
    const [theirs, other] = [selfSigned(), selfSigned()];
    const port = await portOf(tlsServer(theirs, listener));
    const to = (pins: readonly string[]) =>
      send(`https://127.0.0.1:${port}/wctp`, { pinsOf: () => pins, onWrongKey: (service) => wrong.push(service) });
    expect(await to([other.pin])).toEqual(failed('wctp-wrong-key'));
    expect(wrong).toEqual(['nightjar']);
    expect(heard).toEqual([]);
    // While a key is being changed there are two.
    expect(await to([other.pin, theirs.pin])).toMatchObject({ ok: true });
    expect(heard).toHaveLength(1);
  });

  it('is sent to a pinned key whatever its certificate says, and without a pin only to whom an authority vouches for', async () => {
    const expired = selfSigned('210101');
    const { heard, listener } = taking();
    const port = await portOf(tlsServer(expired, listener));
    const url = `https://127.0.0.1:${port}/wctp`;
    expect(await send(url)).toEqual(failed('wctp-unreachable'));
    expect(heard).toEqual([]);
    expect(await send(url, { pinsOf: () => [expired.pin] })).toMatchObject({ ok: true });
  });

  it('does not wait for ever: for a connection, for an answer, or for its end', async () => {
    const silent = await portOf(rawServer(() => undefined));
    const { pin } = selfSigned();
    expect(await send(`http://127.0.0.1:${silent}/`, { timeoutMs: 300 })).toEqual(failed('wctp-timeout'));
    expect(await send(`https://127.0.0.1:${silent}/`, { timeoutMs: 300, pinsOf: () => [pin] })).toEqual(
      failed('wctp-timeout'),
    );
    const endless = plainServer((_request, answer) => {
      answer.write('<wctp-Operation ');
    });
    expect(await send(`http://127.0.0.1:${await portOf(endless)}/`, { timeoutMs: 300 })).toEqual(
      failed('wctp-timeout'),
    );
    endless.closeAllConnections();
  });

  it('is answered with little: more is not read', async () => {
    const flood = plainServer((_request, answer) => {
      const more = () => {
        while (answer.write('x'.repeat(65_536)));
      };
      answer.on('drain', more);
      more();
    });
    expect(await send(`http://127.0.0.1:${await portOf(flood)}/`)).toEqual(failed('wctp-no-answer'));
    flood.closeAllConnections();
  });
});
