import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/server/config/index.ts';
import type { Finding, Patient } from '../../../src/server/doctor/finding.ts';
import { texting } from '../../../src/server/doctor/texting.ts';
import { PUBLIC_KEY } from '../../sms/telnyx/words.ts';
import { SID, TOKEN } from '../../sms/twilio/words.ts';

type Texting = Config['texting'];
const DAY_MS = 86_400_000;
const day = (fromNow: number): string => new Date(Date.now() + fromNow * DAY_MS).toISOString().slice(0, 10);
const inForce = { contract: 'BAA-1', from: day(-100), until: day(100) };

describe('doctor about texts', () => {
  let dir: string;
  let server: Server;
  let base: string;
  let status: number;
  let asked: string[];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'wardroom-doctor-'));
    writeFileSync(join(dir, 'token'), TOKEN, { mode: 0o600 });
    writeFileSync(join(dir, 'open'), TOKEN, { mode: 0o644 });
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(status).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    status = 200;
    asked = [];
  });
  afterAll(() => {
    server.close();
    rmSync(dir, { recursive: true });
  });

  const examine = (settings: Partial<Texting>): Promise<readonly Finding[]> =>
    texting({
      config: { texting: { carriers: {}, lines: {}, ...settings } },
      place: (path: string) => `w.yaml:1 ${path}`,
    } as unknown as Patient);
  const twilio = (more: object = {}) =>
    ({
      kind: 'twilio',
      account_sid: SID,
      auth_token_file: join(dir, 'token'),
      base_url: base,
      public_url: base,
      agreement: inForce,
      ...more,
    }) as Texting['carriers'][string];
  const line = (campaign?: object) =>
    ({
      number: '+12125550100',
      carrier: 'us',
      campaign,
      accounts: [],
      team: [],
    }) as unknown as Texting['lines'][string];
  const codesOf = (findings: readonly Finding[]) => findings.map(({ code, severity }) => `${code} ${severity}`);

  it('says nothing where nobody texts', async () => {
    expect(await examine({})).toEqual([]);
  });

  it('says that all is well, having asked both vendors for what only the account may see', async () => {
    const telnyx = {
      kind: 'telnyx',
      api_key_file: join(dir, 'token'),
      public_key: PUBLIC_KEY,
      base_url: base,
      public_url: base,
      agreement: inForce,
    } as Texting['carriers'][string];
    const findings = await examine({
      carriers: { us: twilio(), ca: telnyx, page: { kind: 'local' } },
      lines: { lark: line({ id: 'C1', status: 'ACTIVE' }), page: { ...line(), carrier: 'page' } },
    });
    expect(codesOf(findings)).toEqual(['texting ok']);
    expect(asked).toEqual([
      `GET /2010-04-01/Accounts/${SID}.json Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`,
      `GET /v2/messaging_profiles?page[size]=1 Bearer ${TOKEN}`,
    ]);
  });

  it.each([
    ['is missing', undefined, 'error'],
    ['ended', { ...inForce, until: day(-2) }, 'error'],
    ['ends soon', { ...inForce, until: day(20) }, 'warning'],
    ['has not begun', { ...inForce, from: day(3) }, 'warning'],
  ])('tells that an agreement %s', async (_, agreement, severity) => {
    const findings = await examine({ carriers: { us: twilio({ agreement }) } });
    expect(codesOf(findings)).toEqual([`texting-agreement ${severity}`]);
    if (severity === 'error') expect(findings[0]?.remedy).toContain('w.yaml:1 texting.carriers.us.agreement');
  });

  it.each([
    ['no campaign', undefined, 'names no campaign'],
    ['one that is suspended', { id: 'C1', status: 'SUSPENDED' }, 'has a campaign that is SUSPENDED'],
  ])('tells of a line with %s', async (_, campaign, what) => {
    const findings = await examine({ carriers: { us: twilio() }, lines: { lark: line(campaign) } });
    expect(codesOf(findings)).toEqual(['texting-campaign error']);
    expect(findings[0]?.what).toContain(what);
    expect(JSON.stringify(findings)).not.toContain('2125550100');
  });

  it('tells that the carrier does not let us in, or cannot be reached', async () => {
    status = 401;
    expect(codesOf(await examine({ carriers: { us: twilio() } }))).toEqual(['texting-carrier error']);
    status = 500;
    expect(codesOf(await examine({ carriers: { us: twilio() } }))).toEqual(['texting-carrier warning']);
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const away = twilio({ base_url: `http://127.0.0.1:${port}` });
    expect((await examine({ carriers: { us: away } }))[0]?.what).toContain('ECONNREFUSED');
    const smpp = {
      kind: 'smpp',
      host: '127.0.0.1',
      port: 1,
      tls: false,
      password_file: join(dir, 'token'),
      agreement: inForce,
    };
    expect(codesOf(await examine({ carriers: { us: smpp as Texting['carriers'][string] } }))).toEqual([
      'texting-carrier warning',
    ]);
  });

  it('tells of a secret that is missing or open to others, and never what it is', async () => {
    for (const [file, remedy] of [
      ['open', 'chmod 600'],
      ['gone', 'mode 0600'],
    ]) {
      const findings = await examine({ carriers: { us: twilio({ auth_token_file: join(dir, file!) }) } });
      expect(codesOf(findings)).toEqual(['texting-secrets error']);
      expect(findings[0]?.remedy).toContain(remedy);
      expect(JSON.stringify(findings)).not.toContain(TOKEN);
    }
    expect(asked).toEqual([]);
  });
});
