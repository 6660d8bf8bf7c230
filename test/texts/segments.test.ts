import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { segmentsOf } from '../../src/texts/index.ts';

/** What a text may hold: letters of GSM-7, its extension, accents and scripts outside it, emoji of one, two and many code points, line breaks. */
const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...'abcXYZ 019@.,\'"!?£ñüßÄÇé') },
  { weight: 2, arbitrary: fc.constantFrom(...'^{}\\[~]|€') },
  { weight: 1, arbitrary: fc.constantFrom('á', 'í', 'ç', '’', '–', 'Ж', '中', '\u00a0', '\u202f') },
  { weight: 1, arbitrary: fc.constantFrom('😀', '👍', '𝒜') },
  { weight: 1, arbitrary: fc.constantFrom('\r\n', '\n', '\r') },
);
const withoutUcs = fc.constantFrom(...'abc XYZ09@^{}\\[~]|€ñ\n');
const textOf = (part: fc.Arbitrary<string>) => fc.array(part, { maxLength: 500 }).map((parts) => parts.join(''));

describe('segments', () => {
  it.each([
    ['', 'GSM-7', 0, 1],
    ['a'.repeat(160), 'GSM-7', 160, 1],
    ['a'.repeat(161), 'GSM-7', 161, 2],
    ['a'.repeat(306), 'GSM-7', 306, 2],
    ['a'.repeat(307), 'GSM-7', 307, 3],
    ['€'.repeat(80), 'GSM-7', 160, 1],
    [`${'€'.repeat(80)}a`, 'GSM-7', 161, 2],
    ['á'.repeat(70), 'UCS-2', 70, 1],
    ['á'.repeat(71), 'UCS-2', 71, 2],
    ['😀'.repeat(35), 'UCS-2', 70, 1],
    ['😀'.repeat(36), 'UCS-2', 72, 2],
    ['[brackets cost two]', 'GSM-7', 21, 1],
  ])('of %j: %s, %i units, %i parts', (text, encoding, units, parts) => {
    const found = segmentsOf(text);
    expect([found.encoding, found.units, found.parts.length]).toEqual([encoding, units, parts]);
  });

  it('never tear an escape from its character: the 153rd septet stays empty instead', () => {
    const { parts } = segmentsOf(`${'a'.repeat(152)}€${'b'.repeat(20)}`);
    expect(parts).toEqual(['a'.repeat(152), `€${'b'.repeat(20)}`]);
  });

  it('never tear an emoji or a family of them', () => {
    const family = '👩‍👩‍👧‍👦';
    const { parts } = segmentsOf(`${'x'.repeat(60)}${family}${'y'.repeat(20)}`);
    expect(parts).toEqual(['x'.repeat(60), `${family}${'y'.repeat(20)}`]);
  });

  it('name each character that makes a text UCS-2', () => {
    expect(segmentsOf('It’s Día 2 – it’s').notGsm7).toEqual(['’', 'í', '–']);
  });

  it('are those that a carrier counts (sms-segments-calculator), and their parts are the text', () => {
    fc.assert(
      fc.property(fc.oneof(textOf(piece), textOf(withoutUcs)), (text) => {
        const ours = segmentsOf(text);
        const theirs = new SegmentedMessage(text);
        expect(ours.encoding).toBe(theirs.encodingName);
        expect(ours.parts.length).toBe(theirs.segmentsCount);
        expect(ours.units).toBe(theirs.messageSize / (ours.encoding === 'GSM-7' ? 7 : 16));
        expect(ours.parts.join('')).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('come to an end for a letter under a thousand accents', () => {
    const text = `a${'\u0301'.repeat(1000)}`;
    const { parts } = segmentsOf(text);
    expect(parts.join('')).toBe(text);
    expect(parts.every((part) => part.length <= 67)).toBe(true);
  });
});
