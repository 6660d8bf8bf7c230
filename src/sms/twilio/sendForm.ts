import type { OutboundText } from '../../flows/texting/carrierPort.ts';

/**
 * A text as Twilio takes it (twilio.com/docs/messaging/api/message-resource). `ContentRetention` and `AddressRetention`: the carrier does not
 * keep the words, and blanks the end of the number. `SmartEncoded`: it does not change a sign of what was judged and counted here.
 */
export const sendForm =
  ({ statusUrl, validitySeconds }: { readonly statusUrl: string; readonly validitySeconds: number }) =>
  ({ from, to, body }: OutboundText): string =>
    new URLSearchParams({
      From: from,
      To: to,
      Body: body.reveal(),
      StatusCallback: statusUrl,
      ContentRetention: 'discard',
      AddressRetention: 'obfuscate',
      SmartEncoded: 'false',
      ValidityPeriod: String(validitySeconds),
    }).toString();
