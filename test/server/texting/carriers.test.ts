import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGate, createHttpApi } from '../../../src/channels/http/index.ts';
import { carrierName, type InboundText } from '../../../src/flows/texting/carrierPort.ts';
import type { TicketApi } from '../../../src/flows/ticketApi.ts';
import type { Config } from '../../../src/server/config/index.ts';
import { type Listener, listen } from '../../../src/server/listeners.ts';
import { SecretFileError } from '../../../src/server/secretFile.ts';
import { createCarriers, type MadeCarrier, routersOf } from '../../../src/server/texting/carriers.ts';
import { outbound } from '../../sms/rest/heard.ts';
import { now, PUBLIC_KEY, received, signedJson } from '../../sms/telnyx/words.ts';
import { inboundParameters, SID, signedForm, TOKEN } from '../../sms/twilio/words.ts';

const PUBLIC = 'https://texts.hospital.example';

describe('carriers that are configured', () => {
  let dir: string;
  let listener: Listener;
  let carriers: ReadonlyMap<string, MadeCarrier>;
  let heard: [string, InboundText][];
  let faults: string[];
  const gate = createGate();

  const secret = (name: string, content: string, mode = 0o600): string => {
    const path = join(dir, name);
    writeFileSync(path, `${content}\n`, { mode });
    return path;
  };
  const configured = (tokenMode = 0o600): Pick<Config, 'texting'> => ({
    texting: {
      carriers: {
        us: {
          kind: 'twilio',
          account_sid: SID,
          auth_token_file: secret(`token-${tokenMode}`, TOKEN, tokenMode),
          base_url: 'http://127.0.0.1:1',
          public_url: PUBLIC,
        },
        ca: {
          kind: 'telnyx',
          api_key_file: secret('key', 'KEY1'),
          public_key: PUBLIC_KEY,
          base_url: 'http://127.0.0.1:1',
          public_url: PUBLIC,
        },
      },
      lines: {},
    },
  });
  const make = (config: Pick<Config, 'texting'>) =>
    createCarriers(config, {
      events: { received: async (carrier, text) => void heard.push([carrier, text]), reported: async () => undefined },
      parts: { save: async () => undefined, load: async () => [], forget: async () => undefined },
      onFailure: () => undefined,
      onFault: (carrier, fault) => faults.push(`${carrier}: ${fault}`),
    });

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'wardroom-carriers-'));
    heard = [];
    faults = [];
    carriers = make(configured());
    const app = createHttpApi({
      tickets: {} as TicketApi,
      tokens: new Map(),
      readiness: async () => [],
      gate,
      limits: { servicePerMinute: 1_000, badTokensPerMinute: 1_000 },
      trustProxy: 0,
      version: '0.0.0-test',
      onRequest: () => undefined,
      onFailure: () => undefined,
      carriers: routersOf(carriers as ReturnType<typeof createCarriers>),
    });
    listener = await listen(app, { host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    for (const carrier of carriers.values()) await carrier.stop();
    await listener.stop(1_000);
    rmSync(dir, { recursive: true });
  });
  const post = async ({
    url,
    headers,
    body,
  }: {
    url: string;
    headers: Readonly<Record<string, string>>;
    body: string;
  }) => (await fetch(url.replace(PUBLIC, listener.url), { method: 'POST', headers, body })).status;
  const text = { From: '+12125550142', To: '+12125550100', Body: 'hello' };
  const toTwilio = (id: string) =>
    signedForm(`${PUBLIC}/sms/us/inbound`, inboundParameters({ ...text, MessageSid: id }));
  const toTelnyx = signedJson(
    `${PUBLIC}/sms/ca/inbound`,
    received({ id: 'in-2', from: { phone_number: text.From }, to: [{ phone_number: text.To }], text: 'hello' }),
    now(),
  );

  it('are called under their names, on the listener of the API, signed over the public address', async () => {
    expect(await post(toTwilio('SM1'))).toBe(200);
    expect(await post(toTelnyx)).toBe(200);
    expect(heard.map(([carrier, { carrierId }]) => [carrier, carrierId])).toEqual([
      ['us', 'SM1'],
      ['ca', 'in-2'],
    ]);
    expect(await post({ ...toTelnyx, url: `${PUBLIC}/sms/nobody/inbound` })).toBe(404);
  });

  it('do not take for theirs what was signed for another of them, which is told once', async () => {
    for (let times = 0; times < 3; times += 1)
      expect(await post({ ...toTwilio('SM2'), url: `${PUBLIC}/sms/us/status` })).toBe(403);
    expect(faults).toEqual(['us: unsigned']);
  });

  it('are not made when others can read what opens the account', () => {
    expect(() => make(configured(0o644))).toThrow(SecretFileError);
  });

  it('by SMPP connect to nobody before this process leads, nor after it stopped', async () => {
    let connections = 0;
    const smsc = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const connected = once(smsc, 'connection');
    await new Promise<void>((resolve) => smsc.listen(0, '127.0.0.1', resolve));
    const config = {
      texting: {
        carriers: {
          smsc: {
            kind: 'smpp',
            host: '127.0.0.1',
            port: (smsc.address() as AddressInfo).port,
            tls: false,
            system_id: 'wardroom',
            password_file: secret('password', 'secret08'),
            system_type: '',
            per_second: 10,
            window: 10,
            default_alphabet: 'gsm',
            concatenating: 'udh8',
            refusals: { '0x00000410': 'opted-out' },
          },
        },
        lines: {},
      },
    } satisfies Pick<Config, 'texting'>;
    const carrier = make(config).get(carrierName('smsc'))!;
    expect(carrier.status()).toEqual({ state: 'connecting', code: 'waits-to-lead' });
    expect(await carrier.send(outbound('hello'))).toMatchObject({ outcome: 'retry' });
    expect(connections).toBe(0);
    carrier.begin?.();
    carrier.begin?.();
    await connected;
    await carrier.stop();
    const never = make(config).get(carrierName('smsc'))!;
    await never.stop();
    never.begin?.();
    expect(never.status().state).toBe('stopped');
    expect(connections).toBe(1);
    smsc.close();
    secret('password', 'longer than that');
    expect(() => make(config)).toThrow('more than 8 characters');
  });

  it('have names and are ready', () => {
    expect([...carriers.keys()]).toEqual(['us', 'ca'].map(carrierName));
    expect([...carriers.values()].map((carrier) => carrier.status().state)).toEqual(['ready', 'ready']);
  });

  it('take nothing more when Wardroom stops', async () => {
    gate.close();
    expect(await post(toTwilio('SM3'))).toBe(503);
    expect(heard).toHaveLength(2);
  });
});
