import { gsmText, gsmUnits } from './gsmAlphabet.ts';

/** What data_coding 0 means at a carrier: the GSM alphabet at nearly all, Latin-1 at some. */
export type DefaultAlphabet = 'gsm' | 'latin1';

/** data_coding of what we send (SMPP 3.4, section 5.2.19). */
const DEFAULT_CODING = 0;
const UCS2 = 8;

/** A text as indivisible pieces: a character with its escape, a surrogate pair, never a half of either. */
export interface CodedText {
  readonly dataCoding: number;
  readonly units: readonly Buffer[];
  /** Octets of one short message: 140 in the network, which packs septets 8 into 7. */
  readonly room: number;
  /** Octets of the user data header count so many times: a header of 6 takes the place of 7 septets. */
  readonly headerRoom: (headerOctets: number) => number;
}

/** The carrier's default alphabet where every character has a place in it, else UTF-16 (called UCS-2). Lone surrogates become U+FFFD. */
export function codeText(text: string, alphabet: DefaultAlphabet): CodedText {
  const units = alphabet === 'gsm' ? gsmUnits(text) : latin1Units(text);
  if (units !== null) {
    if (alphabet === 'latin1') return { dataCoding: DEFAULT_CODING, units, room: 140, headerRoom: (octets) => octets };
    return { dataCoding: DEFAULT_CODING, units, room: 160, headerRoom: (octets) => Math.ceil((octets * 8) / 7) };
  }
  return { dataCoding: UCS2, units: utf16Units(text), room: 140, headerRoom: (octets) => octets };
}

/** Whatever the coding, some text comes out; what has no text in it is named by its length. */
export function decodeText(dataCoding: number, octets: Uint8Array, alphabet: DefaultAlphabet): string {
  const coding = codingOf(dataCoding);
  if (coding === 'default') return alphabet === 'gsm' ? gsmText(octets) : latin1Text(octets);
  if (coding === 'latin1') return latin1Text(octets);
  if (coding === 'binary') return `[binary message of ${octets.length} octets]`;
  return new TextDecoder(coding).decode(octets);
}

/** Names of the Encoding standard, but for `default`, `latin1` (which that standard takes for Windows-1252) and `binary`. */
const CODINGS: Readonly<Record<number, string>> = {
  0: 'default',
  1: 'latin1',
  2: 'binary',
  3: 'latin1',
  4: 'binary',
  5: 'shift_jis',
  6: 'iso-8859-5',
  7: 'iso-8859-8',
  8: 'utf-16be',
  10: 'iso-2022-jp',
  14: 'euc-kr',
};

/** Beyond the table: as GSM codes it (3GPP TS 23.038, section 4), bits 3 and 2; of 0xFx only bit 2 has a meaning. */
function codingOf(dataCoding: number): string {
  const known = CODINGS[dataCoding];
  if (known !== undefined) return known;
  if (dataCoding >= 0xf0) return dataCoding & 0x04 ? 'binary' : 'default';
  return ['default', 'binary', 'utf-16be', 'default'][(dataCoding >> 2) & 0x03] as string;
}

const latin1Text = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1');

function latin1Units(text: string): readonly Buffer[] | null {
  return /^[\n\r\x20-\x7e\xa0-\xff]*$/.test(text)
    ? [...text].map((character) => Buffer.from(character, 'latin1'))
    : null;
}

const utf16Units = (text: string): readonly Buffer[] =>
  [...text.toWellFormed()].map((character) => Buffer.from(character, 'utf16le').swap16());
