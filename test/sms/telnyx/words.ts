/** Telnyx's side: signed with a key of the test, as Telnyx's own package verifies it. */
import { generateKeyPairSync, sign } from 'node:crypto';
import type { CarrierEvents } from '../../../src/flows/texting/carrierPort.ts';
import { carrierName } from '../../../src/flows/texting/carrierPort.ts';
import { Secret } from '../../../src/kernel/phi.ts';
import { createTelnyxCarrier, type TelnyxOptions } from '../../../src/sms/telnyx/index.ts';
import { openRestRig, type Post, type RestRig, type Words } from '../rest/peer.ts';

const pair = generateKeyPairSync('ed25519');
export const PUBLIC_KEY = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');
export const API_KEY = 'KEY0123456789ABCDEF';
export const now = () => Math.floor(Date.now() / 1000);

export function signedJson(url: string, document: unknown, at = now(), key = pair.privateKey): Post {
  const body = typeof document === 'string' ? document : JSON.stringify(document);
  return {
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'telnyx-timestamp': String(at),
      'telnyx-signature-ed25519': sign(null, Buffer.from(`${at}|${body}`), key).toString('base64'),
    },
  };
}

const error = (code: string) => ({
  status: 400,
  body: JSON.stringify({ errors: [{ code, title: 'no', detail: 'of +12125550142', meta: { url: 'https://...' } }] }),
});

export const received = (payload: Record<string, unknown>) => ({
  data: {
    event_type: 'message.received',
    id: 'b301ed3f-1490-491f-995f-6e64e69674d4',
    occurred_at: '2026-11-28T20:16:07.588+00:00',
    record_type: 'event',
    payload: { direction: 'inbound', type: 'SMS', encoding: 'UTF-8', media: [], errors: [], parts: 1, ...payload },
  },
  meta: { attempt: 1, delivered_to: 'https://texts.larkmoor.example/sms/contract/inbound' },
});

export const finalized = (
  id: unknown,
  status: unknown,
  errors: readonly unknown[] = [],
  type = 'message.finalized',
) => ({
  data: {
    event_type: type,
    id: '4ee8c3a6-4995-4309-a3c6-38e3db9ea4be',
    record_type: 'event',
    payload: { id, direction: 'outbound', to: [{ phone_number: '+12125550142', status }], errors },
  },
});

export const telnyxWords: Words = {
  handed({ body }) {
    const { from, to, text } = JSON.parse(body) as Record<string, string>;
    return { from: from ?? '', to: to ?? '', body: text ?? '' };
  },
  taken: (id) => ({
    status: 200,
    body: JSON.stringify({ data: { id: id.replace('XX', '40385f64-'), record_type: 'message', parts: 1, errors: [] } }),
  }),
  badNumber: () => error('40310'),
  optedOut: () => error('40300'),
  inbound: (url, { id, from, to, body }) =>
    signedJson(
      url,
      received({
        id,
        from: { phone_number: from, carrier: 'Lark Mobile', line_type: 'Wireless' },
        to: [{ phone_number: to, status: 'webhook_delivered' }],
        text: body,
        received_at: '2026-11-28T20:16:07.503+00:00',
      }),
    ),
  report: (url, carrierId, state) =>
    signedJson(url, finalized(carrierId, state === 'failed' ? 'delivery_failed' : 'delivered')),
};

export const openTelnyx = (
  name: string,
  events: CarrierEvents,
  options: Partial<TelnyxOptions> = {},
): Promise<RestRig> =>
  openRestRig(telnyxWords, (urls) =>
    createTelnyxCarrier(
      {
        ...urls,
        name: carrierName(name),
        apiKey: new Secret(API_KEY),
        publicKey: PUBLIC_KEY,
        messagingProfileId: null,
        timeoutMs: 800,
        onFailure: () => undefined,
        ...options,
      },
      events,
    ),
  );
