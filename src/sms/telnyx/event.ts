import type {
  CarrierMedia,
  CarrierTextId,
  DeliveryReport,
  DeliveryState,
  InboundText,
} from '../../flows/texting/carrierPort.ts';
import { phoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { isAddress, isCarrierId, isRecord } from '../rest/values.ts';
import { firstError, TELNYX_REFUSALS } from './answers.ts';

export type TelnyxEvent =
  | { readonly kind: 'received'; readonly text: InboundText }
  | { readonly kind: 'report'; readonly report: DeliveryReport }
  /** Something that Wardroom has no word for. */
  | { readonly kind: 'nothing-new' }
  | { readonly kind: 'unreadable' };

const MOST_FILES = 10;
const STATES: Readonly<Record<string, DeliveryState>> = {
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  sending_failed: 'failed',
  delivery_failed: 'failed',
  delivery_unconfirmed: 'unknown',
};

/** What a webhook of Telnyx tells. */
export function readEvent(bytes: Buffer): TelnyxEvent {
  const data = dataOf(bytes);
  const payload = data?.payload;
  if (!isRecord(data) || typeof data.event_type !== 'string') return { kind: 'unreadable' };
  switch (data.event_type) {
    case 'message.received': {
      const text = isRecord(payload) ? readText(payload) : null;
      return text === null ? { kind: 'unreadable' } : { kind: 'received', text };
    }
    case 'message.sent':
    case 'message.finalized': {
      if (!isRecord(payload) || !isCarrierId(payload.id)) return { kind: 'unreadable' };
      const report = readReport(payload.id as string as CarrierTextId, payload);
      return report === null ? { kind: 'nothing-new' } : { kind: 'report', report };
    }
    default:
      return { kind: 'nothing-new' };
  }
}

function dataOf(bytes: Buffer): Record<string, unknown> | null {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    return isRecord(document) && isRecord(document.data) ? document.data : null;
  } catch {
    // The parser's message quotes the body: it is not kept.
    return null;
  }
}

function readText(payload: Record<string, unknown>): InboundText | null {
  const from = isRecord(payload.from) ? payload.from.phone_number : null;
  const to = firstOf(payload.to)?.phone_number;
  if (!isCarrierId(payload.id) || !isAddress(from) || !isAddress(to)) return null;
  const received = typeof payload.received_at === 'string' ? Date.parse(payload.received_at) : Number.NaN;
  return {
    carrierId: payload.id as string as CarrierTextId,
    from: phoneNumber(from),
    to: phoneNumber(to),
    body: new Phi(typeof payload.text === 'string' ? payload.text : ''),
    media: (Array.isArray(payload.media) ? payload.media : []).slice(0, MOST_FILES).flatMap(readFile),
    optOut: null,
    sentAt: Number.isNaN(received) ? null : received,
  };
}

function readFile(file: unknown): CarrierMedia[] {
  if (!isRecord(file) || typeof file.url !== 'string') return [];
  return [{ reference: file.url, contentType: typeof file.content_type === 'string' ? file.content_type : null }];
}

/** Texts go to one telephone each: what is said of the first is said of the text. */
function readReport(carrierId: CarrierTextId, payload: Record<string, unknown>): DeliveryReport | null {
  const status = firstOf(payload.to)?.status;
  if (typeof status !== 'string' || !Object.hasOwn(STATES, status)) return null;
  const state = STATES[status]!;
  const carrierCode = firstError(payload);
  const refusal = state === 'failed' && carrierCode !== null ? (TELNYX_REFUSALS.get(carrierCode) ?? null) : null;
  return { carrierId, alsoKnownAs: [], state, carrierCode, refusal };
}

const firstOf = (value: unknown): Record<string, unknown> | null => {
  const [first]: unknown[] = Array.isArray(value) ? value : [];
  return isRecord(first) ? first : null;
};
