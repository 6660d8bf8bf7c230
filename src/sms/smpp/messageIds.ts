import type { CarrierTextId } from '../../flows/texting/carrierPort.ts';

/** Longer ones are no numbers. */
const MOST_DIGITS = 32;
/** As some SMSCs pad hexadecimal and decimal ids. */
const PADDED = { hexadecimal: 8, decimal: 10 };

/**
 * Other ways to write a message id: SMSCs give it in hexadecimal in the answer and in decimal in the receipt, or the other way round, with
 * and without leading zeros.
 */
export function otherSpellings(id: string): readonly CarrierTextId[] {
  const spellings = new Set<string>();
  const add = (text: string, padded: number): void => {
    for (const one of [text, text.padStart(padded, '0')]) {
      spellings.add(one);
      spellings.add(one.toUpperCase());
    }
  };
  if (id.length <= MOST_DIGITS && /^[0-9a-f]+$/i.test(id)) {
    add(id.toLowerCase().replace(/^0+(?=.)/, ''), 0);
    add(BigInt(`0x${id}`).toString(10), PADDED.decimal);
    if (/^\d+$/.test(id)) add(BigInt(id).toString(16), PADDED.hexadecimal);
  }
  spellings.delete(id);
  return [...spellings] as CarrierTextId[];
}
