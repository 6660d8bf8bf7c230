/**
 * An SMS carrier as the flows see it: texts out, texts and delivery reports in. One folder per carrier under `src/sms/` implements it, and
 * one contract suite (test/contracts/carrier.ts) holds for all.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { Id, PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';

/** A configured connection to a carrier: its key under `texting.carriers` of wardroom.yaml. */
export type CarrierName = Id<'CarrierName'>;
export const carrierName = (text: string) => text as CarrierName;
/** One newText text, `txt_` and 26 characters: what the carrier is given as its own reference where it takes one. */
export type TextId = Id<'TextId'>;
export const textId = (text: string) => text as TextId;
/** The carrier's own name of a text, unique per carrier (Twilio MessageSid, Telnyx id, SMPP message_id). Opaque. */
export type CarrierTextId = Id<'CarrierTextId'>;
export const carrierTextId = (text: string) => text as CarrierTextId;

export interface OutboundText {
  readonly id: TextId;
  /** The line's number. */
  readonly from: PhoneNumber;
  readonly to: PhoneNumber;
  readonly body: Phi<string>;
}

/**
 * What became of handing a text over. `unknown`: maybe the carrier took it (no answer, connection lost after the request was written): it is
 * never sent again by itself, but shown to a person. `retry`: it was certainly not taken (throttled, queue full, not connected).
 */
export type HandOver =
  | { readonly outcome: 'taken'; readonly carrierId: CarrierTextId; readonly segments: number | null }
  | { readonly outcome: 'retry'; readonly code: string; readonly afterMs: number | null }
  | { readonly outcome: 'refused'; readonly code: RefusalCode; readonly carrierCode: string | null }
  | { readonly outcome: 'unknown'; readonly code: string };

/**
 * Why a carrier will never take it. `opted-out`: the carrier's own list says that the phone's holder wrote STOP (Twilio 21610, Telnyx 40300):
 * becomes a suppression of ours. `unregistered`: the sender has no campaign (10DLC).
 */
export type RefusalCode = 'opted-out' | 'bad-number' | 'unregistered' | 'not-allowed' | 'rejected';

/** `sent`: to the network; `delivered`: on the phone; `failed`: it will not be. `unknown`: the carrier gave up asking. */
export type DeliveryState = 'queued' | 'sent' | 'delivered' | 'failed' | 'unknown';

export interface DeliveryReport {
  readonly carrierId: CarrierTextId;
  /** Other spellings of the id in which it may be on record (SMPP: decimal and hexadecimal). */
  readonly alsoKnownAs: readonly CarrierTextId[];
  readonly state: DeliveryState;
  /** The carrier's error code, digits or a short word; null: none. */
  readonly carrierCode: string | null;
  readonly refusal: RefusalCode | null;
}

/** A file that came with a text, fetched later by `CarrierPort.fetchMedia`. */
export interface CarrierMedia {
  /** What the carrier fetches it by (a URL of the carrier's own host). */
  readonly reference: string;
  readonly contentType: string | null;
}

export interface InboundText {
  /** What makes it the same text when it comes again. */
  readonly carrierId: CarrierTextId;
  readonly from: PhoneNumber;
  readonly to: PhoneNumber;
  readonly body: Phi<string>;
  readonly media: readonly CarrierMedia[];
  /** The carrier itself acted on a keyword (Twilio OptOutType); null: it did not say so. */
  readonly optOut: 'stop' | 'start' | 'help' | null;
  /** When the carrier says it was sent; the machine's time; null: it does not say. */
  readonly sentAt: Instant | null;
}

/** What a carrier tells. Each resolves only when it is durable: only then the carrier may be told "taken" (2xx, deliver_sm_resp 0). */
export interface CarrierEvents {
  /** Resolves as well for a text that was taken before. */
  received(carrier: CarrierName, text: InboundText): Promise<void>;
  reported(carrier: CarrierName, report: DeliveryReport): Promise<void>;
}

export interface CarrierPort {
  readonly name: CarrierName;
  send(text: OutboundText): Promise<HandOver>;
  /** At most `maxBytes`; null: gone, too large, or not the carrier's. */
  fetchMedia(
    media: CarrierMedia,
    maxBytes: number,
  ): Promise<{ readonly contentType: string; readonly bytes: Uint8Array } | null>;
  /** Whether it can send now: bound (SMPP), credentials accepted at the last try (REST). Shown by doctor and `sms line list`. */
  status(): CarrierStatus;
  stop(): Promise<void>;
}

export interface CarrierStatus {
  readonly state: 'ready' | 'connecting' | 'refused' | 'stopped';
  /** A code of ours: why it is not ready; null when it is. */
  readonly code: string | null;
}
