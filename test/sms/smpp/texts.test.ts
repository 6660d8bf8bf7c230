import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { decodeText } from '../../../src/sms/smpp/dataCoding.ts';
import { textOf } from '../../../src/sms/smpp/partContent.ts';
import { type Concatenating, segmentsOf } from '../../../src/sms/smpp/segments.ts';
import { readUserData } from '../../../src/sms/smpp/userDataHeader.ts';
import { smppPackage } from '../../support/smppPackage.ts';

const cut = (text: string, concatenating: Concatenating = 'udh8', reference = 0x1234) =>
  segmentsOf(text, { alphabet: 'gsm', concatenating, reference }) ?? [];

/** Of one segment, alone: only whole characters can be read so. */
const readAlone = ({ dataCoding, esmClass, userData }: ReturnType<typeof cut>[number]): string =>
  decodeText(dataCoding, esmClass & 0x40 ? readUserData(userData).content : userData, 'gsm');

const GSM = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà\f^{}\\[~]|€';
const gsmText = fc.array(fc.constantFrom(...GSM), { maxLength: 700 }).map((characters) => characters.join(''));
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...GSM), fc.constantFrom('🙂', '診', 'é́', '’', '👩‍⚕️', 'ñ', '\u{10ffff}')), {
    maxLength: 500,
  })
  .map((characters) => characters.join(''));

describe('texts for the network', () => {
  it.each([
    ['160 letters', 'a'.repeat(160), 1],
    ['161 letters', 'a'.repeat(161), 2],
    ['306 letters', 'a'.repeat(306), 2],
    ['307 letters', 'a'.repeat(307), 3],
    ['80 euros', '€'.repeat(80), 1],
    ['81 euros', '€'.repeat(81), 2],
    ['152 letters and 2 euros', `${'a'.repeat(152)}€€`, 1],
    ['35 emoji', '🙂'.repeat(35), 1],
    ['36 emoji', '🙂'.repeat(36), 2],
    ['70 Chinese characters', '診'.repeat(70), 1],
    ['71 Chinese characters', '診'.repeat(71), 2],
    ['nothing', '', 1],
  ])('cuts %s as every calculator counts', (_, text, segments) => {
    expect(cut(text)).toHaveLength(segments);
  });

  it('needs as many segments as the calculator says', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText, anyText), (text) => {
        // The calculator counts what one handset shows as one character together; the network does not.
        const counted = new SegmentedMessage(text.replaceAll('\r', ''));
        expect(cut(text.replaceAll('\r', '')).length).toBe(Math.max(1, counted.segmentsCount));
      }),
      { numRuns: 400 },
    );
  });

  it.each(['udh8', 'udh16', 'sar'] as const)('never cuts inside a character, and loses none (%s)', (concatenating) => {
    fc.assert(
      fc.property(fc.oneof(gsmText, anyText), (text) => {
        const segments = cut(text, concatenating);
        expect(segments.map(readAlone).join('')).toBe(text);
        for (const { userData, dataCoding } of segments)
          expect(userData.length).toBeLessThanOrEqual(dataCoding === 8 ? 140 : 160);
      }),
      { numRuns: 300 },
    );
  });

  it('does not cut the escape from its character where the first segment has one septet left', () => {
    const [first, second] = cut(`${'a'.repeat(152)}€${'b'.repeat(20)}`);
    expect([first && readAlone(first), second && readAlone(second)]).toEqual(['a'.repeat(152), `€${'b'.repeat(20)}`]);
    const [one, two] = cut(`${'診'.repeat(66)}🙂${'b'.repeat(20)}`);
    expect([one && readAlone(one), two && readAlone(two)]).toEqual(['診'.repeat(66), `🙂${'b'.repeat(20)}`]);
  });

  it('numbers the parts, each way the same', () => {
    const text = 'a'.repeat(400);
    const numbers = (concatenating: Concatenating) =>
      cut(text, concatenating).map(({ userData }) => readUserData(userData).concatenation);
    expect(numbers('udh8')).toEqual([1, 2, 3].map((number) => ({ reference: '8:52', total: 3, number })));
    expect(numbers('udh16')).toEqual([1, 2, 3].map((number) => ({ reference: '16:4660', total: 3, number })));
    expect(cut(text, 'sar').map(({ tlvs }) => [...tlvs].map(([tag, value]) => [tag, value.toString('hex')]))).toEqual(
      ['01', '02', '03'].map((number) => [
        [0x20c, '1234'],
        [0x20e, '03'],
        [0x20f, number],
      ]),
    );
    const [payload, ...none] = cut(text, 'payload');
    expect([payload?.userData.length, payload?.tlvs.get(0x424)?.length, none.length]).toEqual([0, 400, 0]);
  });

  it('says that a text is too long rather than numbering beyond one octet', () => {
    expect(segmentsOf('a'.repeat(153 * 255), { alphabet: 'gsm', concatenating: 'udh8', reference: 1 })).toHaveLength(
      255,
    );
    expect(segmentsOf('a'.repeat(153 * 255 + 1), { alphabet: 'gsm', concatenating: 'udh8', reference: 1 })).toBeNull();
  });

  it('writes what the npm package reads in the GSM alphabet and in UTF-16', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText, anyText), (text) => {
        const short = [...text].slice(0, 60).join('');
        const [segment] = cut(short);
        if (!segment) throw new Error('no segment');
        const pdu = new smppPackage.PDU('submit_sm', {
          data_coding: segment.dataCoding,
          short_message: segment.userData,
        });
        const read = new smppPackage.PDU(pdu.toBuffer());
        expect(read.short_message.message).toBe(short);
      }),
      { numRuns: 200 },
    );
  });

  it('sends Latin-1 to a carrier whose default alphabet it is', () => {
    const [segment] = segmentsOf('Señor Ángel {ok}', { alphabet: 'latin1', concatenating: 'udh8', reference: 1 }) ?? [];
    expect([segment?.dataCoding, segment?.userData.toString('latin1')]).toEqual([0, 'Señor Ángel {ok}']);
    expect(segmentsOf('€', { alphabet: 'latin1', concatenating: 'udh8', reference: 1 })?.[0]?.dataCoding).toBe(8);
  });

  it('replaces half a surrogate pair rather than sending what is no text', () => {
    expect(cut('a\ud83d').map(readAlone)).toEqual(['a\ufffd']);
  });
});

describe('texts from the network', () => {
  it.each([
    ['the default alphabet', 0, Buffer.from([0x1b, 0x65, 0x20, 0x7f, 0x09]), '€ àÇ'],
    ['an extension it lacks', 0, Buffer.from([0x1b, 0x41]), 'A'],
    ['an escape at the end', 0, Buffer.from([0x41, 0x1b]), 'A'],
    ['Latin-1', 3, Buffer.from('Ángel ñ', 'latin1'), 'Ángel ñ'],
    ['C1 controls, not what Windows makes of them', 3, Buffer.from([0x80]), '\u0080'],
    ['Cyrillic', 6, Buffer.from([0xb4, 0xd0]), 'Да'],
    ['Hebrew', 7, Buffer.from([0xf9, 0xec]), 'של'],
    ['UTF-16 with a surrogate pair', 8, Buffer.from('d83dde42', 'hex'), '🙂'],
    ['a flash message', 0xf0, Buffer.from('ok'), 'ok'],
    ['UCS-2 of a general GSM coding', 0x18, Buffer.from('0041', 'hex'), 'A'],
    ['binary', 4, Buffer.alloc(12), '[binary message of 12 octets]'],
    ['binary of a class', 0xf5, Buffer.alloc(3), '[binary message of 3 octets]'],
  ])('reads %s', (_, dataCoding, octets, text) => {
    expect(decodeText(dataCoding, octets, 'gsm')).toBe(text);
  });

  it('joins parts that were cut inside a character, and names those that are missing', () => {
    const octets = Buffer.from('a🙂b', 'utf16le').swap16();
    const part = (from: number, to: number) => ({ dataCoding: 8, octets: octets.subarray(from, to) });
    expect(textOf([part(0, 4), part(4, 8)], 'gsm')).toBe('a🙂b');
    expect(textOf([part(0, 2), null, part(6, 8)], 'gsm')).toBe('a [part 2 of 3 did not arrive] b');
    expect(textOf([{ dataCoding: 0, octets: Buffer.from('x') }, part(6, 8)], 'gsm')).toBe('xb');
  });

  it.each([
    ['longer than the data', Buffer.from([200, 0, 3])],
    ['elements beyond its end', Buffer.from([3, 0, 200, 1, 0x41])],
    ['a number beyond the total', Buffer.from([5, 0, 3, 1, 2, 3, 0x41])],
    ['no total', Buffer.from([5, 0, 3, 1, 0, 0, 0x41])],
    ['nothing at all', Buffer.alloc(0)],
  ])('takes a text whose header has %s for one of its own', (_, userData) => {
    expect(readUserData(userData).concatenation).toBeNull();
  });

  it('passes over other elements of a header', () => {
    const header = Buffer.from([11, 5, 4, 0x0b, 0x84, 0, 0, 0, 3, 9, 2, 1, 0x68, 0x69]);
    expect(readUserData(header)).toEqual({
      content: Buffer.from('hi'),
      concatenation: { reference: '8:9', total: 2, number: 1 },
    });
  });
});
