import { looksLike } from './homoglyphs.ts';
import { type View, ViewBuilder } from './view.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|\p{Cf}|\p{M}/gu;
const SPACE = /^[\p{Z}\t\v\f\r]$/u;
const DASH = /^[\p{Pd}\u2212]$/u;
const APOSTROPHE = /^[’‘`´ʼ]$/u;

/**
 * The text as a reader sees it, in ASCII as far as that goes: compatibility forms (NFKC), invisible characters and accents gone, letters that look like
 * Latin ones turned into them, one kind of space, dash and apostrophe. Case is kept.
 */
export function plainView(text: string): View {
  const builder = new ViewBuilder();
  if (/^[\n\x20-\x7e]*$/.test(text)) {
    for (let i = 0; i < text.length; i += 1) builder.add(text[i] ?? '', i, i + 1);
    return builder.build();
  }
  for (const { segment, index } of graphemes.segment(text)) {
    const end = index + segment.length;
    // Compatibility forms first: some of them are letters with accents. Then apart again, so that the accents can go.
    const apart = segment.normalize('NFKC').normalize('NFD').replace(INVISIBLE, '');
    for (const character of apart) builder.add(simple(character), index, end);
  }
  return builder.build();
}

function simple(character: string): string {
  if (SPACE.test(character)) return ' ';
  if (DASH.test(character)) return '-';
  if (APOSTROPHE.test(character)) return "'";
  if (character === '“' || character === '”') return '"';
  return looksLike(character);
}
