import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchFile } from '../../../src/sms/rest/fetchFile.ts';
import { openTelnyx } from '../telnyx/words.ts';
import { openTwilio, SID, TOKEN } from '../twilio/words.ts';
import { Heard } from './heard.ts';
import type { RestRig } from './peer.ts';

const FILE = Buffer.from('89504e470d0a1a0a', 'hex');
const PATH = `/2010-04-01/Accounts/${SID}/Messages/MM1/Media/ME1`;
const file = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'image/png; x=1' }).end(FILE);

describe('a file that came with a text', () => {
  let rig: RestRig;
  let asked: IncomingMessage[];
  let stranger: Server;
  let strangerUrl: string;
  let strangerAsked: number;

  beforeEach(async () => {
    rig = await openTwilio('contract', new Heard(), { mediaTimeoutMs: 400 });
    asked = [];
    strangerAsked = 0;
    stranger = createServer((_request, response) => {
      strangerAsked += 1;
      file(response);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await rig.close();
    stranger.close();
    stranger.closeAllConnections();
  });
  const answering = (script: (response: ServerResponse) => void) => {
    rig.script = (response, request) => {
      asked.push(request);
      script(response);
    };
  };
  const get = (reference: string, most = 1_000) => rig.carrier.fetchMedia({ reference, contentType: null }, most);

  it('is fetched from the carrier, with what opens its API', async () => {
    answering(file);
    expect(await get(`${rig.baseUrl}${PATH}`)).toEqual({ contentType: 'image/png', bytes: FILE });
    const authorization = `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`;
    expect(asked.map(({ method, headers }) => [method, headers.authorization])).toEqual([['GET', authorization]]);
  });

  it('is not fetched from anywhere else, nor from another account', async () => {
    answering(file);
    const { port } = new URL(rig.baseUrl);
    const references = [
      `${strangerUrl}${PATH}`,
      `http://localhost:${port}${PATH}`,
      `https://127.0.0.1:${port}${PATH}`,
      `http://user:word@127.0.0.1:${port}${PATH}`,
      `http://127.0.0.1:${port}/2010-04-01/Accounts/AC${'f'.repeat(32)}/Messages/MM1/Media/ME1`,
      `http://127.0.0.1:${port}${PATH.replace('Messages', '../../..')}`,
      'https://mms.twiliocdn.com/x',
      '//127.0.0.1/x',
      'data:text/plain,x',
    ];
    for (const reference of references) expect(await get(reference)).toBeNull();
    expect([asked, strangerAsked]).toEqual([[], 0]);
  });

  it('is not fetched from where a redirect leads, unless that is the carrier', async () => {
    answering((response) => response.writeHead(302, { location: `${strangerUrl}/x` }).end());
    expect(await get(`${rig.baseUrl}${PATH}`)).toBeNull();
    expect(strangerAsked).toBe(0);
    answering((response) =>
      asked.length === 2 ? response.writeHead(302, { location: `${PATH}2` }).end() : file(response),
    );
    expect(await get(`${rig.baseUrl}${PATH}`)).toMatchObject({ bytes: FILE });
    answering((response) => response.writeHead(302, { location: PATH }).end());
    expect(await get(`${rig.baseUrl}${PATH}`)).toBeNull();
  });

  it('goes without what opens the API to a host that only keeps files', async () => {
    let authorization: string | undefined = 'none was asked';
    stranger.removeAllListeners('request').on('request', (request, response) => {
      authorization = request.headers.authorization;
      file(response);
    });
    answering((response) => response.writeHead(307, { location: `${strangerUrl}/signed` }).end());
    const headersFor = ({ origin }: URL) => (origin === rig.baseUrl ? { authorization: 'Basic secret' } : {});
    const reference = `${rig.baseUrl}/file`;
    expect(await fetchFile({ reference, maxBytes: 100, timeoutMs: 1_000, headersFor })).toMatchObject({ bytes: FILE });
    expect(authorization).toBeUndefined();
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'says that it is too large',
      (response) => response.writeHead(200, { 'content-length': '1001' }).end('x'.repeat(1001)),
    ],
    ['turns out to be too large', (response) => response.writeHead(200).end('x'.repeat(1_001))],
    ['does not end', (response) => void setInterval(() => response.write('x'.repeat(500)), 5).unref()],
    ['is gone', (response) => response.writeHead(404).end()],
    ['is not for us', (response) => response.writeHead(403).end()],
  ])('is none when it %s', async (_, script) => {
    answering(script);
    expect(await get(`${rig.baseUrl}${PATH}`)).toBeNull();
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['answers 503', (response) => response.writeHead(503).end()],
    ['wants it slower', (response) => response.writeHead(429).end()],
    ['says nothing', () => undefined],
    ['stops in the middle', (response) => response.writeHead(200, { 'content-length': '8' }).write('1234')],
    ['breaks off', (response) => response.destroy()],
  ])('may be there another time when the carrier %s', async (_, script) => {
    answering(script);
    await expect(get(`${rig.baseUrl}${PATH}`)).rejects.toThrow();
  });

  it('of Telnyx is fetched from the API’s own host only, while that is no host of Telnyx', async () => {
    const telnyx = await openTelnyx('contract', new Heard());
    telnyx.script = (response) => file(response);
    const of = (reference: string) => telnyx.carrier.fetchMedia({ reference, contentType: null }, 1_000);
    expect(await of(`${telnyx.baseUrl}/media/1`)).toMatchObject({ bytes: FILE });
    for (const reference of [`${strangerUrl}/x`, 'https://media.telnyx.com/x', 'https://eviltelnyx.com/x'])
      expect(await of(reference)).toBeNull();
    await telnyx.close();
  });
});
