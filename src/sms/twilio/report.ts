import type { CarrierTextId, DeliveryReport, DeliveryState } from '../../flows/texting/carrierPort.ts';
import { errorCode, isCarrierId } from '../rest/values.ts';
import { TWILIO_REFUSALS } from './answers.ts';
import { type Fields, firstValue } from './fields.ts';

const STATES: Readonly<Record<string, DeliveryState>> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  partially_delivered: 'unknown',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

/** A status callback; `nothing-new`: a status that Wardroom has no word for; null: it says not of which text. */
export function readReport(form: Fields): DeliveryReport | 'nothing-new' | null {
  const id = firstValue(form, 'MessageSid', 'SmsSid');
  const status = firstValue(form, 'MessageStatus', 'SmsStatus');
  if (!isCarrierId(id) || status === null) return null;
  if (!Object.hasOwn(STATES, status)) return 'nothing-new';
  const state = STATES[status]!;
  const said = errorCode(firstValue(form, 'ErrorCode'));
  const carrierCode = said === '0' ? null : said;
  const refusal = state === 'failed' && carrierCode !== null ? (TWILIO_REFUSALS.get(carrierCode) ?? null) : null;
  return { carrierId: id as string as CarrierTextId, alsoKnownAs: [], state, carrierCode, refusal };
}
