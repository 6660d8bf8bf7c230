import type { CarrierTextId, DeliveryReport } from '../../flows/texting/carrierPort.ts';
import { BoundedMap } from '../../kernel/boundedMap.ts';
import { otherSpellings } from './messageIds.ts';
import type { Receipt } from './receipt.ts';

/** Segments whose receipts may still come. */
const MOST_REMEMBERED = 20_000;

/** A text whose segments are being handed over, or were. */
export class HandedText {
  /** What the flows know it by; null until the last segment is taken. */
  id: CarrierTextId | null = null;
  readonly segments: string[] = [];
  readonly delivered = new Set<string>();
  /** The first receipt that said that a segment will not be delivered. */
  failure: Receipt | null = null;
}

/**
 * Which segments make up a text: the SMSC names and reports each, the flows know one text. A text is delivered when all of it is, and has
 * failed when any of it has. Receipts of the first segments may come before the last one is taken: they count, and are told with the next
 * one. Memory only: after a restart the last segment, whose id the text has, stands for it.
 */
export class HandedSegments {
  readonly #texts = new BoundedMap<HandedText>(MOST_REMEMBERED);

  /** One more segment was taken, under this id. */
  taken(text: HandedText, segment: string): void {
    text.segments.push(segment);
    this.#texts.put(segment, text);
  }

  /** All of it was. Returns the id of the text. */
  finished(text: HandedText): CarrierTextId {
    text.id = (text.segments.at(-1) ?? '') as CarrierTextId;
    return text.id;
  }

  /** What to tell of the text; null: nothing yet. The same receipt again tells the same. */
  reportOf(receipt: Receipt): DeliveryReport | null {
    const spellings = [receipt.messageId, ...otherSpellings(receipt.messageId)];
    const known = spellings.find((id) => this.#texts.get(id) !== undefined);
    const text = known === undefined ? undefined : this.#texts.get(known);
    if (text === undefined || known === undefined) {
      const [id = '', ...others] = spellings;
      return told(id as CarrierTextId, others as CarrierTextId[], receipt);
    }
    if (receipt.state === 'delivered') text.delivered.add(known);
    if (receipt.state === 'failed') text.failure ??= receipt;
    if (text.id === null) return null;
    if (text.failure !== null) return told(text.id, [], text.failure);
    if (receipt.state === 'delivered' && !text.segments.every((one) => text.delivered.has(one))) return null;
    return told(text.id, [], receipt);
  }
}

const told = (carrierId: CarrierTextId, alsoKnownAs: readonly CarrierTextId[], receipt: Receipt): DeliveryReport => ({
  carrierId,
  alsoKnownAs,
  state: receipt.state,
  carrierCode: receipt.errorCode,
  refusal: receipt.isRejected ? 'rejected' : null,
});
