/** Where a part belongs. `reference` as the sender's phone counts, with how it was said: an 8-bit 5 is not a 16-bit 5. */
export interface Concatenation {
  readonly reference: string;
  readonly total: number;
  /** 1 to `total`. */
  readonly number: number;
}

/** Information elements (3GPP TS 23.040, sections 9.2.3.24.1 and 9.2.3.24.8). */
const SHORT_REFERENCE = { id: 0x00, length: 3 };
const LONG_REFERENCE = { id: 0x08, length: 4 };

export function shortReferenceHeader(reference: number, total: number, number: number): Buffer {
  return Buffer.from([5, SHORT_REFERENCE.id, SHORT_REFERENCE.length, reference & 0xff, total, number]);
}

export function longReferenceHeader(reference: number, total: number, number: number): Buffer {
  const [high, low] = [(reference >> 8) & 0xff, reference & 0xff];
  return Buffer.from([6, LONG_REFERENCE.id, LONG_REFERENCE.length, high, low, total, number]);
}

/**
 * Takes the header off user data. Elements that say nothing of concatenation are passed over; a header that does not fit into the data is
 * none, and all of it is text.
 */
export function readUserData(userData: Buffer): {
  readonly content: Buffer;
  readonly concatenation: Concatenation | null;
} {
  const headerLength = userData[0];
  if (headerLength === undefined || headerLength + 1 > userData.length)
    return { content: userData, concatenation: null };
  const content = userData.subarray(headerLength + 1);
  const header = userData.subarray(1, headerLength + 1);
  let concatenation: Concatenation | null = null;
  for (let at = 0; at + 2 <= header.length; ) {
    const [id, length] = [header[at] as number, header[at + 1] as number];
    const element = header.subarray(at + 2, at + 2 + length);
    if (element.length < length) break;
    if (id === SHORT_REFERENCE.id && length === SHORT_REFERENCE.length)
      concatenation = partOf(`8:${element[0]}`, element[1], element[2]);
    if (id === LONG_REFERENCE.id && length === LONG_REFERENCE.length)
      concatenation = partOf(`16:${element.readUInt16BE(0)}`, element[2], element[3]);
    at += 2 + length;
  }
  return { content, concatenation };
}

/** Null: of one part only, or numbers that make no sense (to be ignored, 3GPP TS 23.040, section 9.2.3.24.1). */
export function partOf(reference: string, total = 0, number = 0): Concatenation | null {
  return total > 1 && number >= 1 && number <= total ? { reference, total, number } : null;
}
