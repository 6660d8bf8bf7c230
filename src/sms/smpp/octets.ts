/** What arrived is not what the protocol allows. The message names the field, never what it held. */
export class Malformed extends Error {}

/** Reads fields from octets in order; whatever is missing or too long is `Malformed`. */
export class Reader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get left(): number {
    return this.#octets.length - this.#at;
  }

  uint8(field: string): number {
    return this.take(1, field)[0] as number;
  }

  uint16(field: string): number {
    return this.take(2, field).readUInt16BE();
  }

  uint32(field: string): number {
    return this.take(4, field).readUInt32BE();
  }

  take(length: number, field: string): Buffer {
    if (length > this.left) throw new Malformed(`${field} is cut off`);
    this.#at += length;
    return this.#octets.subarray(this.#at - length, this.#at);
  }

  /** A C-octet string of at most `most` octets with its NUL (SMPP 3.4, section 3.1); octets as Latin-1. */
  cString(most: number, field: string): string {
    const end = this.#octets.indexOf(0, this.#at);
    if (end < 0) throw new Malformed(`${field} does not end`);
    if (end - this.#at >= most) throw new Malformed(`${field} is too long`);
    return this.take(end - this.#at + 1, field)
      .subarray(0, -1)
      .toString('latin1');
  }
}

export const uint8 = (value: number): Buffer => Buffer.from([value]);

export function uint16(value: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(value);
  return octets;
}

/** A C-octet string; a `RangeError` when it does not fit or holds what it cannot, which only a bug of ours can bring. */
export function cString(text: string, most: number, field: string): Buffer {
  if (text.length >= most) throw new RangeError(`${field}: at most ${most - 1} octets`);
  if (!/^[\x01-\xff]*$/.test(text)) throw new RangeError(`${field}: not in Latin-1`);
  return Buffer.from(`${text}\0`, 'latin1');
}
