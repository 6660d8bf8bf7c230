import { type DefaultAlphabet, decodeText } from './dataCoding.ts';

/** What one part says: its data_coding and its octets without a header. */
export interface PartContent {
  readonly dataCoding: number;
  readonly octets: Buffer;
}

/** As it is kept: the coding, then the octets. */
export const packContent = ({ dataCoding, octets }: PartContent): Buffer =>
  Buffer.concat([Buffer.from([dataCoding]), octets]);

/** What `packContent` made; of nothing: an empty part. */
export const unpackContent = (packed: Uint8Array): PartContent => ({
  dataCoding: packed[0] ?? 0,
  octets: Buffer.from(packed.subarray(1)),
});

/**
 * The text of parts in order; null stands for one that never came, and is said in its place. Neighbours of one coding are read as one, for
 * phones cut inside characters.
 */
export function textOf(parts: readonly (PartContent | null)[], alphabet: DefaultAlphabet): string {
  const pieces: string[] = [];
  for (let at = 0; at < parts.length; ) {
    const part = parts[at];
    if (!part) {
      at += 1;
      pieces.push(`[part ${at} of ${parts.length} did not arrive]`);
      continue;
    }
    const run: Buffer[] = [];
    for (let next = parts[at]; next?.dataCoding === part.dataCoding; next = parts[at]) {
      run.push(next.octets);
      at += 1;
    }
    pieces.push(decodeText(part.dataCoding, Buffer.concat(run), alphabet));
  }
  return pieces.join(parts.includes(null) ? ' ' : '');
}
