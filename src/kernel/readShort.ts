import type { Readable } from 'node:stream';

/** All of a stream that should be short; null: it was longer than so many bytes, and was not read to its end. */
export async function readShort(stream: Readable, mostBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
