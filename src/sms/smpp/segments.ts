import { type CodedText, codeText, type DefaultAlphabet } from './dataCoding.ts';
import { TAG, type Tlvs } from './tlvs.ts';
import { longReferenceHeader, shortReferenceHeader } from './userDataHeader.ts';

/**
 * How the parts of a long text say that they belong together: a header with a reference of 8 or 16 bits, optional parameters (sar), or not
 * at all: the whole in message_payload, which the SMSC cuts.
 */
export type Concatenating = 'udh8' | 'udh16' | 'sar' | 'payload';

export interface Segment {
  readonly dataCoding: number;
  readonly esmClass: number;
  readonly userData: Buffer;
  readonly tlvs: Tlvs;
}

/** Segments are counted in one octet. */
export const MOST_SEGMENTS = 255;
/** Octets of message_payload that leave room for the rest of the PDU. */
const MOST_PAYLOAD = 64_000;
/** esm_class: store and forward (SMPP 3.4, section 5.2.12), and with a user data header. */
const STORE_AND_FORWARD = 0x03;
const WITH_HEADER = 0x40;

export interface Cutting {
  readonly alphabet: DefaultAlphabet;
  readonly concatenating: Concatenating;
  /** 0 to 65535, another one for each text to the same phone. */
  readonly reference: number;
}

/** Cuts a text for the network, never inside a character. Null: it is too long. */
export function segmentsOf(text: string, { alphabet, concatenating, reference }: Cutting): readonly Segment[] | null {
  const coded = codeText(text, alphabet);
  const whole = Buffer.concat(coded.units);
  const plain = { dataCoding: coded.dataCoding, esmClass: STORE_AND_FORWARD, tlvs: new Map() };
  if (whole.length <= coded.room) return [{ ...plain, userData: whole }];
  if (concatenating === 'payload')
    return whole.length <= MOST_PAYLOAD
      ? [{ ...plain, userData: Buffer.alloc(0), tlvs: new Map([[TAG.messagePayload, whole]]) }]
      : null;
  const headerOctets = concatenating === 'udh16' ? 7 : 6;
  const parts = fill(coded, coded.room - coded.headerRoom(headerOctets));
  const total = parts.length;
  if (total > MOST_SEGMENTS) return null;
  return parts.map((part, index) => {
    const number = index + 1;
    if (concatenating === 'sar') return { ...plain, userData: part, tlvs: sarTlvs(reference, total, number) };
    const header = concatenating === 'udh16' ? longReferenceHeader : shortReferenceHeader;
    const userData = Buffer.concat([header(reference, total, number), part]);
    return { ...plain, esmClass: STORE_AND_FORWARD | WITH_HEADER, userData };
  });
}

function fill({ units }: CodedText, room: number): Buffer[] {
  const parts: Buffer[] = [];
  let part: Buffer[] = [];
  let length = 0;
  for (const unit of units) {
    if (length + unit.length > room) {
      parts.push(Buffer.concat(part));
      part = [];
      length = 0;
    }
    part.push(unit);
    length += unit.length;
  }
  return [...parts, Buffer.concat(part)];
}

const sarTlvs = (reference: number, total: number, number: number): Tlvs =>
  new Map([
    [TAG.referenceNumber, Buffer.from([(reference >> 8) & 0xff, reference & 0xff])],
    [TAG.totalSegments, Buffer.from([total])],
    [TAG.segmentNumber, Buffer.from([number])],
  ]);
