/** command_length, command_id, command_status, sequence_number: four octets each (SMPP 3.4, section 5.1). */
export const HEADER_LENGTH = 16;
/** A short message with every optional parameter; message_payload may have 64 kB (section 5.3.2.32). */
export const MOST_PDU_OCTETS = 68_000;

export interface Frame {
  readonly command: number;
  readonly status: number;
  readonly sequence: number;
  readonly body: Buffer;
}

/**
 * Cuts a stream into PDUs. What says that it is shorter than its header or longer than `MOST_PDU_OCTETS` ends it for good: where the next
 * PDU begins cannot be known any more. Holds at most one PDU that is not whole yet.
 */
export class Frames {
  #chunks: Buffer[] = [];
  #held = 0;
  #broken = false;

  /** The PDUs that became whole. `broken`: the connection is to be closed after them. */
  push(chunk: Buffer): { readonly frames: readonly Frame[]; readonly broken: boolean } {
    if (this.#broken) return { frames: [], broken: true };
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const needed = this.#needed();
    if (needed !== null && this.#held < needed) return { frames: [], broken: false };
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= 4) {
      const length = all.readUInt32BE(at);
      if (length < HEADER_LENGTH || length > MOST_PDU_OCTETS) {
        this.#broken = true;
        break;
      }
      if (all.length - at < length) break;
      frames.push({
        command: all.readUInt32BE(at + 4),
        status: all.readUInt32BE(at + 8),
        sequence: all.readUInt32BE(at + 12),
        body: all.subarray(at + HEADER_LENGTH, at + length),
      });
      at += length;
    }
    // A copy, so that what is left of a chunk does not keep the whole of it.
    const rest = this.#broken ? Buffer.alloc(0) : Buffer.from(all.subarray(at));
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    return { frames, broken: this.#broken };
  }

  /** How many octets the first PDU has, once its length is there in one piece and makes sense. */
  #needed(): number | null {
    const [first] = this.#chunks;
    if (first === undefined || first.length < 4) return null;
    const length = first.readUInt32BE(0);
    return length <= MOST_PDU_OCTETS ? length : null;
  }
}

/** One PDU as it goes over the wire. */
export function frame(command: number, status: number, sequence: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const octets = Buffer.allocUnsafe(HEADER_LENGTH + body.length);
  octets.writeUInt32BE(octets.length, 0);
  octets.writeUInt32BE(command, 4);
  octets.writeUInt32BE(status, 8);
  octets.writeUInt32BE(sequence, 12);
  body.copy(octets, HEADER_LENGTH);
  return octets;
}
