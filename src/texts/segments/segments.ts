import { septets } from './gsm7.ts';

export type Encoding = 'GSM-7' | 'UCS-2';

/**
 * How much a text takes on the way. A part of a long text has a header of 6 octets (3GPP TS 23.040, 9.2.3.24.1): 153 septets or 67
 * code units are left of 160 or 70.
 */
export interface Segments {
  readonly encoding: Encoding;
  /** Septets (GSM-7) or UTF-16 code units (UCS-2). */
  readonly units: number;
  /** The text in parts, none of which ends inside a character, an emoji or an escape. An empty text is one part. */
  readonly parts: readonly string[];
  /** Why it is not GSM-7: each such character once, in the order of the text. */
  readonly notGsm7: readonly string[];
}

const LIMITS: Readonly<Record<Encoding, { readonly single: number; readonly part: number }>> = {
  'GSM-7': { single: 160, part: 153 },
  'UCS-2': { single: 70, part: 67 },
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Splits a text as carriers do: one character outside GSM-7 makes all of it UCS-2. */
export function segmentsOf(text: string): Segments {
  const pieces = piecesOf(text);
  const notGsm7 = [...new Set(pieces.filter((piece) => septets(piece) === null))];
  const encoding: Encoding = notGsm7.length === 0 ? 'GSM-7' : 'UCS-2';
  const sizeOf = encoding === 'GSM-7' ? (piece: string) => septets(piece) ?? 0 : (piece: string) => piece.length;
  const { single, part } = LIMITS[encoding];
  const units = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
  return { encoding, units, parts: units <= single ? [text] : partsOf(pieces, sizeOf, part), notGsm7 };
}

/** What is not torn: a grapheme; a line break of two characters is two; one that fits no part at all is torn between code points. */
function piecesOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment).flatMap((grapheme) =>
    grapheme === '\r\n' || grapheme.length > LIMITS['UCS-2'].part ? [...grapheme] : [grapheme],
  );
}

function partsOf(pieces: readonly string[], sizeOf: (piece: string) => number, room: number): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const piece of pieces) {
    const size = sizeOf(piece);
    if (used + size > room) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += piece;
    used += size;
  }
  return [...parts, part];
}
