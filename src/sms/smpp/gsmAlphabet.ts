/**
 * The default alphabet of GSM (3GPP TS 23.038, section 6.2.1) and its extension (6.2.1.1), one septet an octet as SMPP carries it.
 * The escape is not a character of its own.
 */
const ESCAPE = 0x1b;
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};

const septets = new Map<string, Buffer>([
  ...[...BASIC].flatMap((character, code) =>
    code === ESCAPE ? [] : [[character, Buffer.from([code])] as [string, Buffer]],
  ),
  ...Object.entries(EXTENSION).map(
    ([code, character]) => [character, Buffer.from([ESCAPE, Number(code)])] as [string, Buffer],
  ),
]);

/** One or two septets for each character; null: the alphabet lacks one of them. */
export function gsmUnits(text: string): readonly Buffer[] | null {
  const units: Buffer[] = [];
  for (const character of text) {
    const unit = septets.get(character);
    if (unit === undefined) return null;
    units.push(unit);
  }
  return units;
}

/** An unknown extension reads as the basic character (section 6.2.1.1); the top bit, which has no meaning, is ignored. */
export function gsmText(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += 1) {
    const code = (octets[at] as number) & 0x7f;
    if (code !== ESCAPE) {
      text += BASIC[code];
      continue;
    }
    at += 1;
    const second = octets[at];
    if (second === undefined) break;
    text += EXTENSION[second & 0x7f] ?? (second === ESCAPE ? ' ' : BASIC[second & 0x7f]);
  }
  return text;
}
