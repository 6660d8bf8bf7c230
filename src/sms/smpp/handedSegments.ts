import type { CarrierTextId, DeliveryReport } from '../../flows/texting/carrierPort.ts';
import { BoundedMap } from '../../kernel/boundedMap.ts';
import { otherSpellings } from './messageIds.ts';
import type { Receipt } from './receipt.ts';

/** Segments whose receipts may still come. */
const MOST_REMEMBERED = 20_000;

interface HandedText {
  readonly id: CarrierTextId;
  readonly undelivered: Set<string>;
}

/**
 * Which segments make up a text: the SMSC names and reports each, the flows know one text. A text is delivered when all of it is, and has
 * failed when any of it has. Memory only: after a restart the last segment stands for the text, whose id it gave.
 */
export class HandedSegments {
  readonly #texts = new BoundedMap<HandedText>(MOST_REMEMBERED);

  /** Returns the id of the text. */
  taken(segmentIds: readonly string[]): CarrierTextId {
    const text = { id: (segmentIds.at(-1) ?? '') as CarrierTextId, undelivered: new Set(segmentIds) };
    for (const id of segmentIds) this.#texts.put(id, text);
    return text.id;
  }

  /** What to tell of the text; null: nothing yet. The same receipt again tells the same. */
  reportOf(receipt: Receipt): DeliveryReport | null {
    const spellings = [receipt.messageId, ...otherSpellings(receipt.messageId)];
    const known = spellings.find((id) => this.#texts.get(id) !== undefined);
    const text = known === undefined ? undefined : this.#texts.get(known);
    const told = {
      state: receipt.state,
      carrierCode: receipt.errorCode,
      refusal: receipt.isRejected ? ('rejected' as const) : null,
    };
    if (text === undefined || known === undefined) {
      const [id = '', ...others] = spellings;
      return { carrierId: id as CarrierTextId, alsoKnownAs: others as CarrierTextId[], ...told };
    }
    if (receipt.state === 'delivered') {
      text.undelivered.delete(known);
      if (text.undelivered.size > 0) return null;
    }
    return { carrierId: text.id, alsoKnownAs: [], ...told };
  }
}
