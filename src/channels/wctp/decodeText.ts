/** Bytes to text: the byte order mark wins, then the Content-Type's charset, then the XML declaration (RFC 7303, section 3.2). */

const UTF8_BOM = [0xef, 0xbb, 0xbf] as const;
const UTF16_LE = 'utf-16le';
const UTF16_BE = 'utf-16be';
/** More of the start than any XML declaration takes. */
const DECLARATION_BYTES = 200;
/** What consoles send; by the names TextDecoder knows (WHATWG Encoding). */
const KNOWN: ReadonlySet<string> = new Set(['utf-8', UTF16_LE, UTF16_BE, 'windows-1252', 'iso-8859-15']);

/** The text of a document; null when it is none in any encoding it claims to be in. */
export function decodeText(bytes: Uint8Array, charset: string | null): string | null {
  for (const encoding of encodings(bytes, charset)) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next claim may hold.
    }
  }
  return null;
}

function encodings(bytes: Uint8Array, charset: string | null): readonly string[] {
  if (startsWith(bytes, UTF8_BOM)) return ['utf-8'];
  if (startsWith(bytes, [0xff, 0xfe])) return [UTF16_LE];
  if (startsWith(bytes, [0xfe, 0xff])) return [UTF16_BE];
  // XML 1.0, appendix F: "<" in two bytes.
  if (startsWith(bytes, [0x3c, 0x00])) return [UTF16_LE];
  if (startsWith(bytes, [0x00, 0x3c])) return [UTF16_BE];
  const claims = [charset, declared(bytes)].filter((claim) => claim !== null).map(nameOf);
  // "utf-16" over bytes that are not is what string writers leave behind: then it is UTF-8.
  const believed = claims.filter((name) => name !== null && KNOWN.has(name) && !name.startsWith('utf-16')) as string[];
  return believed.length > 0 ? believed : ['utf-8'];
}

function declared(bytes: Uint8Array): string | null {
  const start = new TextDecoder('windows-1252').decode(bytes.subarray(0, DECLARATION_BYTES));
  return /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(start)?.[1] ?? null;
}

function nameOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);
