import type { CarrierMedia, CarrierTextId, InboundText } from '../../flows/texting/carrierPort.ts';
import { phoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { isAddress, isCarrierId } from '../rest/values.ts';
import { type Fields, firstValue } from './fields.ts';

/** An MMS brings ten files at most. */
const MOST_FILES = 10;
/** With Advanced Opt-Out, Twilio says that it took the text for a keyword and answered it. */
const OPT_OUTS: Readonly<Record<string, InboundText['optOut']>> = { STOP: 'stop', START: 'start', HELP: 'help' };

/** A text in the words of Twilio's webhook; null: it says not which one, of whom or to whom. */
export function readInbound(form: Fields): InboundText | null {
  const id = firstValue(form, 'MessageSid', 'SmsMessageSid', 'SmsSid');
  const from = firstValue(form, 'From');
  const to = firstValue(form, 'To');
  if (!isCarrierId(id) || !isAddress(from) || !isAddress(to)) return null;
  return {
    carrierId: id as string as CarrierTextId,
    from: phoneNumber(from),
    to: phoneNumber(to),
    body: new Phi(firstValue(form, 'Body') ?? ''),
    media: filesOf(form),
    optOut: OPT_OUTS[(firstValue(form, 'OptOutType') ?? '').toUpperCase()] ?? null,
    sentAt: null,
  };
}

function filesOf(form: Fields): CarrierMedia[] {
  const said = Number(firstValue(form, 'NumMedia') ?? 0);
  const many = Math.min(Number.isSafeInteger(said) ? said : 0, MOST_FILES);
  return Array.from({ length: Math.max(many, 0) }, (_, index) => ({
    reference: firstValue(form, `MediaUrl${index}`),
    contentType: firstValue(form, `MediaContentType${index}`),
  })).filter((file): file is CarrierMedia => file.reference !== null);
}
