/** Twilio's side, signed by Twilio's own package. */
import { createRequire } from 'node:module';
import type { CarrierEvents } from '../../../src/flows/texting/carrierPort.ts';
import { carrierName } from '../../../src/flows/texting/carrierPort.ts';
import { Secret } from '../../../src/kernel/phi.ts';
import { createTwilioCarrier, type TwilioOptions } from '../../../src/sms/twilio/index.ts';
import { openRestRig, type Post, type RestRig, type Words } from '../rest/peer.ts';

type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** What is used of the package; its own declarations are many megabytes. */
interface TwilioWebhooks {
  getExpectedTwilioSignature(token: string, url: string, parameters: Parameters): string;
  getExpectedBodyHash(body: string): string;
  validateRequest(token: string, signature: string, url: string, parameters: Parameters): boolean;
  validateRequestWithBody(token: string, signature: string, url: string, body: string): boolean;
}

export const require = createRequire(import.meta.url);
export const twilio = require('twilio/lib/webhooks/webhooks.js') as TwilioWebhooks;

export const SID = `AC${'0123456789abcdef'.repeat(2)}`;
export const TOKEN = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

/** A form as Twilio posts it, signed. */
export function signedForm(url: string, parameters: Parameters, token = TOKEN): Post {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    for (const one of typeof value === 'string' ? [value] : value) body.append(name, one);
  return {
    url,
    body: body.toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(token, url, parameters),
    },
  };
}

const error = (code: number) => ({
  status: 400,
  body: JSON.stringify({ code, message: `To number: +12125550142`, more_info: 'https://...', status: 400 }),
});

export const twilioWords: Words = {
  handed({ body }) {
    const form = new URLSearchParams(body);
    return { from: form.get('From') ?? '', to: form.get('To') ?? '', body: form.get('Body') ?? '' };
  },
  taken: (id) => ({
    status: 201,
    body: JSON.stringify({ sid: id.replace('XX', 'SM'), status: 'queued', num_segments: '1', error_code: null }),
  }),
  badNumber: () => error(21211),
  optedOut: () => error(21610),
  inbound: (url, { id, from, to, body }) =>
    signedForm(url, inboundParameters({ MessageSid: id, From: from, To: to, Body: body })),
  report: (url, carrierId, state) =>
    signedForm(url, {
      MessageSid: carrierId,
      SmsSid: carrierId,
      MessageStatus: state === 'failed' ? 'undelivered' : 'delivered',
      ...(state === 'failed' && { ErrorCode: '30003' }),
      To: '+12125550142',
      From: '+12125550100',
      AccountSid: SID,
      ApiVersion: '2010-04-01',
    }),
};

/** What Twilio posts of a text beside what is given. */
export const inboundParameters = (given: Parameters): Parameters => ({
  ToCountry: 'US',
  ToState: 'NY',
  SmsMessageSid: String(given.MessageSid),
  NumMedia: '0',
  ToCity: 'NEW YORK',
  FromZip: '',
  SmsStatus: 'received',
  NumSegments: '1',
  AccountSid: SID,
  ApiVersion: '2010-04-01',
  ...given,
});

export const openTwilio = (
  name: string,
  events: CarrierEvents,
  options: Partial<TwilioOptions> = {},
): Promise<RestRig> =>
  openRestRig(twilioWords, (urls) =>
    createTwilioCarrier(
      {
        ...urls,
        name: carrierName(name),
        accountSid: SID,
        authToken: new Secret(TOKEN),
        timeoutMs: 800,
        onFailure: () => undefined,
        ...options,
      },
      events,
    ),
  );
