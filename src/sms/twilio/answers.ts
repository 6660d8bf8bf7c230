import type { CarrierTextId, RefusalCode } from '../../flows/texting/carrierPort.ts';
import type { Vendor } from '../rest/outcome.ts';
import { count, errorCode, isCarrierId, isRecord } from '../rest/values.ts';

/** What Twilio's error codes mean for a text (twilio.com/docs/api/errors), in answers and in reports. Others are `rejected`. */
export const TWILIO_REFUSALS: ReadonlyMap<string, RefusalCode> = new Map([
  ['21610', 'opted-out'], // the holder wrote STOP to this sender
  // The number is none, or takes no texts.
  ...['21211', '21214', '21217', '21265', '21266', '21268', '21604', '21614', '21635', '30005', '30006'].map(
    (code) => [code, 'bad-number'] as const,
  ),
  // The sender has no campaign, or is not verified.
  ...['30032', '30034', '30035'].map((code) => [code, 'unregistered'] as const),
  // The sender is not the account's, takes no texts, or may not text there.
  ...['21212', '21408', '21603', '21606', '21607', '21608', '21612', '21659', '21660', '21661'].map(
    (code) => [code, 'not-allowed'] as const,
  ),
]);

/** Too many requests, or too many of the sender's texts wait. */
const LATER: ReadonlySet<string> = new Set(['14107', '20429', '21611']);

/** The Message resource, or an error: `{ "code": 21610, "message": ..., "status": 400 }`. */
export const twilioAnswers: Vendor = {
  name: 'twilio',
  taken: (answer) =>
    isRecord(answer) && isCarrierId(answer.sid)
      ? { id: answer.sid as CarrierTextId, segments: count(answer.num_segments) }
      : null,
  errorOf: (answer) => (isRecord(answer) ? errorCode(answer.code) : null),
  refusals: TWILIO_REFUSALS,
  later: LATER,
};
