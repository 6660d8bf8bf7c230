/**
 * Parts of texts that a network delivers one by one and answers for one by one (SMPP deliver_sm): each is told "taken" only when it is
 * durable, so that a kill between two parts loses nothing. A text of one part is kept the same way until the network is known to have
 * heard the answer: only so can a repetition after a crash be told from a second text with the same words, for SMPP names no text.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { CarrierName, CarrierTextId } from './carrierPort.ts';

export interface TextPart {
  readonly carrier: CarrierName;
  /** The text it belongs to, unique per carrier: `InboundText.carrierId` later. */
  readonly text: CarrierTextId;
  readonly from: PhoneNumber;
  readonly to: PhoneNumber;
  /** What the sender's phone calls the text; used again for another one before long. Null: of one part. */
  readonly reference: string | null;
  /** 1 to `total`. */
  readonly number: number;
  /** 1 to 255. */
  readonly total: number;
  /** Octets that only the carrier reads, at most 65,600: what a part says and how it is coded. To be kept sealed. */
  readonly content: Phi<Uint8Array>;
  readonly receivedAt: Instant;
}

export interface PartsPort {
  /** Resolves when it is durable. The same carrier, text and number again: stays what it was. */
  save(part: TextPart): Promise<void>;
  /** Everything of the carrier that was saved and not forgotten, in any order. Asked once at a start; at most a few thousand. */
  load(carrier: CarrierName): Promise<readonly TextPart[]>;
  /** All parts of these texts are not needed any more. Resolves for what is not there, too. */
  forget(carrier: CarrierName, texts: readonly CarrierTextId[]): Promise<void>;
}
