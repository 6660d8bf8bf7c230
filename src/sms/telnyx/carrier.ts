import type { CarrierEvents, OutboundText } from '../../flows/texting/carrierPort.ts';
import { type Clock, realClock } from '../../kernel/clock.ts';
import type { Secret } from '../../kernel/phi.ts';
import { createRestCarrier, type RestCarrier, type RestOptions } from '../rest/carrier.ts';
import { type Asked, ask } from '../rest/probe.ts';
import { telnyxAnswers } from './answers.ts';
import { readEvent } from './event.ts';
import { telnyxSignatures } from './signature.ts';

export interface TelnyxOptions extends RestOptions {
  readonly apiKey: Secret;
  /** 32 bytes, base64. */
  readonly publicKey: string;
  /** Null: the profile of the number that sends. */
  readonly messagingProfileId: string | null;
  /** The machine's, by which a signature's time is judged. */
  readonly machineClock?: Clock;
}

/** An account at Telnyx. What becomes of a text is told to our address, whatever the profile says. */
export function createTelnyxCarrier(options: TelnyxOptions, events: CarrierEvents): RestCarrier {
  const { name, baseUrl, webhookUrl, apiKey, messagingProfileId } = options;
  const base = new URL(baseUrl);
  const isSigned = telnyxSignatures(options.publicKey, options.machineClock ?? realClock);
  const document = ({ from, to, body }: OutboundText) => ({
    from,
    to,
    text: body.reveal(),
    type: 'SMS',
    encoding: 'auto',
    webhook_url: `${webhookUrl}/status`,
    use_profile_webhooks: false,
    ...(messagingProfileId !== null && { messaging_profile_id: messagingProfileId }),
  });
  return createRestCarrier(options, {
    vendor: telnyxAnswers,
    callFor: (text) => ({
      url: `${baseUrl}/v2/messages`,
      headers: {
        authorization: `Bearer ${apiKey.reveal()}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: JSON.stringify(document(text)),
    }),
    webhooks: {
      types: new Set(['application/json']),
      answer: { type: 'application/json', body: '{}' },
      isSigned,
      async take({ bytes }) {
        // One address takes both: which it is stands in the document.
        const event = readEvent(bytes);
        if (event.kind === 'received') await events.received(name, event.text);
        if (event.kind === 'report') await events.reported(name, event.report);
        return event.kind !== 'unreadable';
      },
    },
    mediaHeaders(url) {
      if (url.origin === base.origin) return { authorization: `Bearer ${apiKey.reveal()}` };
      const isTheirs = url.hostname.endsWith('.telnyx.com') && url.port === '' && url.protocol === 'https:';
      return isTheirs && base.hostname.endsWith('.telnyx.com') ? {} : null;
    },
  });
}

/** Whether the account may be used, asked without sending anything. */
export const askTelnyx = ({ baseUrl, apiKey }: Pick<TelnyxOptions, 'baseUrl' | 'apiKey'>): Promise<Asked> =>
  ask(`${baseUrl}/v2/messaging_profiles?page[size]=1`, { authorization: `Bearer ${apiKey.reveal()}` });
