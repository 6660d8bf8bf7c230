import type { CarrierTextId, RefusalCode } from '../../flows/texting/carrierPort.ts';
import type { Vendor } from '../rest/outcome.ts';
import { count, errorCode, isCarrierId, isRecord } from '../rest/values.ts';

/** What Telnyx's error codes mean for a text (developers.telnyx.com, "Messaging error codes"), in answers and in reports. Others are `rejected`. */
export const TELNYX_REFUSALS: ReadonlyMap<string, RefusalCode> = new Map([
  ['40300', 'opted-out'], // the holder wrote STOP to this sender
  // The number is none, or takes no texts.
  ...['10002', '10016', '40001', '40012', '40310'].map((code) => [code, 'bad-number'] as const),
  // The sender has no campaign, or is not verified.
  ...['40010', '40329', '40330'].map((code) => [code, 'unregistered'] as const),
  // The sender is not the account's or takes no texts, or may not text there.
  ...['10001', '40013', '40305', '40306', '40308', '40309', '40312', '40314'].map(
    (code) => [code, 'not-allowed'] as const,
  ),
]);

/** Too many requests, or too many of the sender's texts wait. */
const LATER: ReadonlySet<string> = new Set(['10011', '40318']);

/** The code of the first of its `errors`. */
export function firstError(document: unknown): string | null {
  const errors = isRecord(document) && Array.isArray(document.errors) ? document.errors : [];
  const [first]: unknown[] = errors;
  return isRecord(first) ? errorCode(first.code) : null;
}

/** `{ "data": { "id", "parts", ... } }`, or `{ "errors": [{ "code": "40300", ... }] }`. */
export const telnyxAnswers: Vendor = {
  name: 'telnyx',
  taken(answer) {
    const data = isRecord(answer) ? answer.data : null;
    return isRecord(data) && isCarrierId(data.id)
      ? { id: data.id as string as CarrierTextId, segments: count(data.parts) }
      : null;
  },
  errorOf: firstError,
  refusals: TELNYX_REFUSALS,
  later: LATER,
};
