/** Redirects from one allowed address to another. */
const MOST_HOPS = 3;

export interface FileFetch {
  readonly reference: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** With which headers an address may be asked; null: it is none of the carrier's, and nothing is sent there. */
  readonly headersFor: (url: URL) => Readonly<Record<string, string>> | null;
}

/**
 * A file that came with a text. Null: gone, larger than allowed, or, at the first or after a redirect, not at an address of the carrier's.
 * @throws when it may be there another time: no answer, 429, 5xx.
 */
export async function fetchFile({
  reference,
  maxBytes,
  timeoutMs,
  headersFor,
}: FileFetch): Promise<{ readonly contentType: string; readonly bytes: Uint8Array } | null> {
  const signal = AbortSignal.timeout(timeoutMs);
  let url = URL.parse(reference);
  for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
    const headers = url === null || url.username !== '' || url.password !== '' ? null : headersFor(url);
    if (url === null || headers === null) return null;
    const response = await fetch(url, {
      headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'wardroom' },
      redirect: 'manual',
      signal,
    });
    const { status } = response;
    if (status === 200) return readFile(response, maxBytes);
    await response.body?.cancel();
    if (status === 429 || status >= 500) throw new Error(`the carrier answered ${status}`);
    const location = status >= 300 && status < 400 ? response.headers.get('location') : null;
    url = location === null ? null : URL.parse(location, url.href);
  }
  return null;
}

async function readFile(response: Response, maxBytes: number) {
  const contentType = (response.headers.get('content-type') ?? 'application/octet-stream').split(';')[0]!.trim();
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes || response.body === null) {
    await response.body?.cancel();
    return null;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return { contentType, bytes: Buffer.concat(chunks) };
}
