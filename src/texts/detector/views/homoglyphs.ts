/**
 * Letters that look like Latin ones and are not folded by NFKC: Cyrillic, Greek, Armenian, small capitals, Cherokee, letters with strokes
 * and hooks, emoji letters. Pairs of what is written and what is read.
 */
const PAIRS = `
аa вb еe ёe ѐe зз кk мm нh оo рp сc тt уy хx ѕs іi їi јj ԛq ԝw һh ӏl ԁd ɡg ѵv ҽe ҫc ҝk ӓa ӧo ӱy ґr ьb
АA ВB ЕE ЁE ЗЗ КK МM НH ОO РP СC ТT УY ХX ЅS ІI ЇI ЈJ ԚQ ԜW ӀI ԀD ҺH ѴV
αa βb γy εe ζz ηn ικ ιi κk νv ορ οo ρp τt υu χx ωw σo
ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX
օo սu հh ոn ցg զq ԼL ՏS ՕO
ᴀA ʙB ᴄC ᴅD ᴇE ғF ɢG ʜH ɪI ᴊJ ᴋK ʟL ᴍM ɴN ᴏO ᴘP ǫQ ʀR ꜱS ᴛT ᴜU ᴠV ᴡW ʏY ᴢZ
ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᏆI ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ
ıi ȷj łl ŁL øo ØO đd ĐD ħh ĦH ŧt ŦT ɑa ɩi ƒf ɐa ɓb ɗd ɛe ƙk ɲn ŋn ƥp ƭt ƴy ʋv ǀl ꞁl
`;

const TABLE: ReadonlyMap<string, string> = new Map([
  ...PAIRS.trim()
    .split(/\s+/)
    .map((pair) => [...pair] as [string, string])
    .filter(([, read]) => /^[A-Za-z]$/.test(read)),
  ...rangeOf(0x1f1e6),
  ...rangeOf(0x1f130),
  ...rangeOf(0x1f150),
  ...rangeOf(0x1f170),
]);

/** 26 code points that stand for A to Z: flags' letters, letters in squares and circles. */
function rangeOf(first: number): [string, string][] {
  return Array.from({ length: 26 }, (_, i) => [String.fromCodePoint(first + i), String.fromCodePoint(65 + i)]);
}

/** Where the ten digits of a script begin (Unicode, general category Nd). */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
  0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1b50, 0x1bb0, 0x1c40, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xaa50, 0xabf0,
] as const;

/** Digits in circles and brackets that NFKC leaves alone. */
const ROUND_DIGITS: ReadonlyMap<string, string> = new Map([
  ...[...'❶❷❸❹❺❻❼❽❾'].map((digit, i) => [digit, String(i + 1)] as const),
  ...[...'➀➁➂➃➄➅➆➇➈'].map((digit, i) => [digit, String(i + 1)] as const),
  ...[...'➊➋➌➍➎➏➐➑➒'].map((digit, i) => [digit, String(i + 1)] as const),
  ['⓿', '0'],
  ['🄋', '0'],
  ['🄌', '0'],
]);

/** The Latin letter or digit that a character looks like; itself when there is none. */
export function looksLike(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100 && character !== 'ø' && character !== 'Ø') return character;
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  if (zero !== undefined) return String(code - zero);
  return TABLE.get(character) ?? ROUND_DIGITS.get(character) ?? character;
}
