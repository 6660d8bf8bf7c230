import { type Reader, uint16 } from './octets.ts';

/** Optional parameters by tag (SMPP 3.4, section 5.3). Whatever is not asked for is ignored, as section 3.3 demands. */
export type Tlvs = ReadonlyMap<number, Buffer>;

export const TAG = {
  receiptedMessageId: 0x001e,
  referenceNumber: 0x020c,
  totalSegments: 0x020e,
  segmentNumber: 0x020f,
  networkErrorCode: 0x0423,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const;

/** Far more than any message has. */
const MOST_TLVS = 64;

/** To the end of the octets. Of a tag that is there twice the first counts; after `MOST_TLVS` nothing is kept. */
export function readTlvs(reader: Reader): Tlvs {
  const tlvs = new Map<number, Buffer>();
  while (reader.left > 0) {
    const tag = reader.uint16('tag');
    const value = reader.take(reader.uint16('length'), 'optional parameter');
    if (!tlvs.has(tag) && tlvs.size < MOST_TLVS) tlvs.set(tag, value);
  }
  return tlvs;
}

export const writeTlvs = (tlvs: Tlvs): Buffer =>
  Buffer.concat([...tlvs].flatMap(([tag, value]) => [uint16(tag), uint16(value.length), value]));

/** An unsigned number of exactly that many octets; null: not there, or of another length. */
export function numberIn(tlvs: Tlvs, tag: number, octets: 1 | 2): number | null {
  const value = tlvs.get(tag);
  return value?.length === octets ? value.readUIntBE(0, octets) : null;
}

/** A C-octet string, with or without its NUL; null: not there, or empty. */
export function textIn(tlvs: Tlvs, tag: number): string | null {
  const [text = ''] = (tlvs.get(tag)?.toString('latin1') ?? '').split('\0');
  return text === '' ? null : text;
}
