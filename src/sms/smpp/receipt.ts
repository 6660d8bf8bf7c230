import type { DeliveryState } from '../../flows/texting/carrierPort.ts';
import type { Message } from './message.ts';
import { numberIn, TAG, textIn } from './tlvs.ts';

/** What a delivery receipt says of one submit_sm. */
export interface Receipt {
  readonly messageId: string;
  readonly state: DeliveryState;
  /** The network's error code; null: none, or zero. */
  readonly errorCode: string | null;
  readonly isRejected: boolean;
}

/** esm_class bits 5 to 2 (SMPP 3.4, section 5.2.12). */
const MESSAGE_TYPE = 0x3c;
const DELIVERY_RECEIPT = 0x04;
const INTERMEDIATE = 0x20;

/** message_state (section 5.2.28), by the number in the optional parameter and by the word in the text (appendix B). */
const STATES: readonly { readonly number: number; readonly word: string; readonly state: DeliveryState }[] = [
  { number: 1, word: 'ENROUTE', state: 'sent' },
  { number: 2, word: 'DELIVRD', state: 'delivered' },
  { number: 3, word: 'EXPIRED', state: 'failed' },
  { number: 4, word: 'DELETED', state: 'failed' },
  { number: 5, word: 'UNDELIV', state: 'failed' },
  { number: 6, word: 'ACCEPTD', state: 'sent' },
  { number: 7, word: 'UNKNOWN', state: 'unknown' },
  { number: 8, word: 'REJECTD', state: 'failed' },
  { number: 9, word: 'SKIPPED', state: 'failed' },
];
const REJECTED = 8;

export function isReceipt({ esmClass }: Message): boolean {
  const type = esmClass & MESSAGE_TYPE;
  return type === DELIVERY_RECEIPT || type === INTERMEDIATE;
}

/** By the optional parameters where they are, by the text otherwise. Null: it does not say of what it is, or what became of it. */
export function readReceipt({ tlvs, userData }: Message): Receipt | null {
  const text = userData.toString('latin1');
  const messageId = textIn(tlvs, TAG.receiptedMessageId) ?? field(text, 'id');
  const number = numberIn(tlvs, TAG.messageState, 1);
  const word = field(text, 'stat')?.toUpperCase().slice(0, 7);
  const found = STATES.find((one) => (number === null ? one.word === word : one.number === number));
  if (messageId === null || !found) return null;
  const network = tlvs.get(TAG.networkErrorCode);
  const errorCode = network?.length === 3 ? String(network.readUInt16BE(1)) : field(text, 'err');
  return {
    messageId,
    state: found.state,
    errorCode: errorCode !== null && /^[0-9a-z]{1,10}$/i.test(errorCode) && !/^0+$/.test(errorCode) ? errorCode : null,
    isRejected: found.number === REJECTED,
  };
}

/** `name:value` of the text; the longest message id has 64 octets. */
function field(text: string, name: string): string | null {
  return new RegExp(`(?:^|\\s)${name}:\\s?([\\x21-\\x7e]{1,64})(?=\\s|$)`, 'i').exec(text)?.[1] ?? null;
}
