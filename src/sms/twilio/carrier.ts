import type { CarrierEvents } from '../../flows/texting/carrierPort.ts';
import type { Secret } from '../../kernel/phi.ts';
import { createRestCarrier, type RestCarrier, type RestOptions } from '../rest/carrier.ts';
import { type Asked, ask } from '../rest/probe.ts';
import type { Incoming } from '../rest/webhooks.ts';
import { twilioAnswers } from './answers.ts';
import { readFields } from './fields.ts';
import { readInbound } from './inbound.ts';
import { readReport } from './report.ts';
import { sendForm } from './sendForm.ts';
import { isSignedByTwilio } from './signature.ts';

export interface TwilioOptions extends RestOptions {
  readonly accountSid: string;
  /** Opens the API, and signs webhooks. */
  readonly authToken: Secret;
  /** How long the carrier tries to hand a text to the network; 1 s to 10 h. */
  readonly validitySeconds?: number;
}

/** After so long a text says what is not so any more, and the sender has long asked what became of it. */
const VALIDITY_SECONDS = 4 * 3600;
/** Where its API sends whoever fetches a file. */
const FILE_HOSTS: ReadonlySet<string> = new Set(['mms.twiliocdn.com', 'media.twiliocdn.com']);
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

/**
 * An account at Twilio, or at a carrier that takes and tells texts in the same words. The carrier is asked not to keep the words and to blank the
 * number; it answers nothing to phones by what it is told here (empty TwiML).
 */
export function createTwilioCarrier(options: TwilioOptions, events: CarrierEvents): RestCarrier {
  const { name, baseUrl, webhookUrl, authToken } = options;
  const account = accountUrl(options);
  const base = new URL(baseUrl);
  const authorization = () => basic(options);
  const form = sendForm({
    statusUrl: `${webhookUrl}/status`,
    validitySeconds: options.validitySeconds ?? VALIDITY_SECONDS,
  });

  return createRestCarrier(options, {
    vendor: twilioAnswers,
    callFor: (text) => ({
      url: `${account}/Messages.json`,
      headers: {
        authorization: authorization(),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: form(text),
    }),
    webhooks: {
      types: new Set(['application/x-www-form-urlencoded', 'application/json']),
      answer: { type: 'text/xml', body: EMPTY_TWIML },
      isSigned: (incoming) =>
        isSignedByTwilio(authToken, {
          url: `${webhookUrl}/${incoming.webhook}${incoming.query}`,
          signature: headerOf(incoming, 'x-twilio-signature'),
          bytes: incoming.bytes,
          form: readFields(incoming),
        }),
      async take(incoming) {
        const fields = readFields(incoming);
        if (incoming.webhook === 'inbound') {
          const text = readInbound(fields);
          if (text !== null) await events.received(name, text);
          return text !== null;
        }
        const report = readReport(fields);
        if (report !== null && report !== 'nothing-new') await events.reported(name, report);
        return report !== null;
      },
    },
    mediaHeaders(url) {
      if (url.origin === base.origin)
        return url.pathname.startsWith(`${new URL(account).pathname}/`) ? { authorization: authorization() } : null;
      return base.protocol === 'https:' && url.protocol === 'https:' && url.port === '' && FILE_HOSTS.has(url.hostname)
        ? {}
        : null;
    },
  });
}

type Account = Pick<TwilioOptions, 'baseUrl' | 'accountSid' | 'authToken'>;
const accountUrl = ({ baseUrl, accountSid }: Account): string => `${baseUrl}/2010-04-01/Accounts/${accountSid}`;
const basic = ({ accountSid, authToken }: Account): string =>
  `Basic ${Buffer.from(`${accountSid}:${authToken.reveal()}`, 'utf8').toString('base64')}`;

/** Whether the account may be used, asked without sending anything. */
export const askTwilio = (account: Account): Promise<Asked> =>
  ask(`${accountUrl(account)}.json`, { authorization: basic(account) });

const headerOf = ({ headers }: Incoming, name: string): string | null => {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
};
