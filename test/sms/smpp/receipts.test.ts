import { carrierTextId } from '../../../src/flows/texting/carrierPort.ts';
import { numberOf } from '../../../src/sms/smpp/address.ts';
import { HandedSegments, HandedText } from '../../../src/sms/smpp/handedSegments.ts';
import type { Message } from '../../../src/sms/smpp/message.ts';
import { otherSpellings } from '../../../src/sms/smpp/messageIds.ts';
import { isReceipt, readReceipt } from '../../../src/sms/smpp/receipt.ts';

const ADDRESS = { ton: 1, npi: 1, digits: '12125550142' };
const message = (text: string, tlvs: Message['tlvs'] = new Map(), esmClass = 4): Message => ({
  source: ADDRESS,
  destination: ADDRESS,
  esmClass,
  registeredDelivery: 0,
  dataCoding: 0,
  userData: Buffer.from(text),
  tlvs,
});
const standard = (id: string, stat: string, err = '000') =>
  `id:${id} sub:001 dlvrd:001 submit date:2611282240 done date:2611282241 stat:${stat} err:${err} text:See you`;
/** A text of which all segments were taken. */
const takenAs = (handed: HandedSegments, ids: readonly string[]) => {
  const text = new HandedText();
  for (const id of ids) handed.taken(text, id);
  return handed.finished(text);
};
const delivered = (messageId: string) => ({
  messageId,
  state: 'delivered' as const,
  errorCode: null,
  isRejected: false,
});

describe('delivery receipts', () => {
  it.each([
    ['DELIVRD', 'delivered'],
    ['EXPIRED', 'failed'],
    ['DELETED', 'failed'],
    ['UNDELIV', 'failed'],
    ['REJECTD', 'failed'],
    ['SKIPPED', 'failed'],
    ['ENROUTE', 'sent'],
    ['ACCEPTD', 'sent'],
    ['UNKNOWN', 'unknown'],
    ['delivrd', 'delivered'],
  ])('reads %s of a text as %s', (stat, state) => {
    expect(readReceipt(message(standard('77', stat)))).toMatchObject({ messageId: '77', state });
  });

  it('believes the optional parameters before the text', () => {
    const tlvs = new Map([
      [0x1e, Buffer.from('00ab\0')],
      [0x427, Buffer.from([5])],
      [0x423, Buffer.from([3, 0x01, 0x02])],
    ]);
    expect(readReceipt(message(standard('77', 'DELIVRD'), tlvs))).toEqual({
      messageId: '00ab',
      state: 'failed',
      errorCode: '258',
      isRejected: false,
    });
  });

  it("tells the network's error, and none for zero", () => {
    expect(readReceipt(message(standard('77', 'UNDELIV', '045')))?.errorCode).toBe('045');
    expect(readReceipt(message(standard('77', 'DELIVRD', '000')))?.errorCode).toBeNull();
  });

  it.each([
    ['no id', 'sub:001 stat:DELIVRD'],
    ['no state', 'id:77 sub:001'],
    ['a state that nobody knows', 'id:77 stat:LOST'],
    ['nothing', ''],
  ])('does not guess for a receipt with %s', (_, text) => {
    expect(readReceipt(message(text))).toBeNull();
  });

  it('takes a text for a receipt only when the SMSC says that it is one', () => {
    expect(isReceipt(message(standard('77', 'DELIVRD'), new Map(), 0))).toBe(false);
    expect(isReceipt(message('x', new Map(), 0x04))).toBe(true);
    expect(isReceipt(message('x', new Map(), 0x20))).toBe(true);
    expect(isReceipt(message('x', new Map(), 0x43))).toBe(false);
  });

  it('knows an id in hexadecimal and in decimal, padded or not', () => {
    expect(otherSpellings('1a2b')).toEqual(expect.arrayContaining(['1A2B', '6699', '0000006699']));
    expect(otherSpellings('6699')).toEqual(expect.arrayContaining(['1a2b', '1A2B', '00001a2b', '00001A2B']));
    expect(otherSpellings('0000001A2B')).toEqual(expect.arrayContaining(['1a2b', '6699']));
    expect(otherSpellings('a1b2-c3')).toEqual([]);
    expect(otherSpellings('f'.repeat(64))).toEqual([]);
  });

  it.each([
    ['1a2b', '6699'],
    ['6699', '1A2B'],
    ['6699', '00001a2b'],
    ['00001A2B', '6699'],
  ])('finds the text that was taken as %s by a receipt for %s', (answer, receipt) => {
    const handed = new HandedSegments();
    const id = takenAs(handed, [answer]);
    expect(handed.reportOf(delivered(receipt))).toMatchObject({ carrierId: id, alsoKnownAs: [], state: 'delivered' });
  });

  it('prefers the id as it is to another spelling of it', () => {
    const handed = new HandedSegments();
    takenAs(handed, ['16']);
    const ten = takenAs(handed, ['10']);
    expect(handed.reportOf(delivered('10'))?.carrierId).toBe(ten);
  });

  it('gives the flows all spellings of an id that it does not remember', () => {
    const report = new HandedSegments().reportOf(delivered('1a2b'));
    expect(report?.carrierId).toBe('1a2b');
    expect(report?.alsoKnownAs).toContain(carrierTextId('6699'));
  });

  it('calls a text delivered when all of its segments are, and failed when one is', () => {
    const handed = new HandedSegments();
    const id = takenAs(handed, ['s1', 's2', 's3']);
    expect(handed.reportOf(delivered('s3'))).toBeNull();
    expect(handed.reportOf(delivered('s1'))).toBeNull();
    expect(handed.reportOf(delivered('s1'))).toBeNull();
    expect(handed.reportOf(delivered('s2'))).toMatchObject({ carrierId: id, state: 'delivered' });
    expect(handed.reportOf(delivered('s2'))).toMatchObject({ carrierId: id, state: 'delivered' });
    const other = takenAs(handed, ['t1', 't2']);
    expect(handed.reportOf({ ...delivered('t1'), state: 'failed' })).toMatchObject({
      carrierId: other,
      state: 'failed',
    });
  });

  it('counts receipts that come before the last segment is taken, and tells them with the next one', () => {
    const handed = new HandedSegments();
    const text = new HandedText();
    handed.taken(text, 's1');
    expect(handed.reportOf(delivered('s1'))).toBeNull();
    handed.taken(text, 's2');
    const id = handed.finished(text);
    expect(handed.reportOf(delivered('s2'))).toMatchObject({ carrierId: id, state: 'delivered' });
    const other = new HandedText();
    handed.taken(other, 't1');
    expect(handed.reportOf({ ...delivered('t1'), state: 'failed', errorCode: '27' })).toBeNull();
    handed.taken(other, 't2');
    handed.finished(other);
    expect(handed.reportOf(delivered('t2'))).toMatchObject({ carrierId: 't2', state: 'failed', carrierCode: '27' });
  });
});

describe('addresses from the network', () => {
  it.each([
    [1, '12125550142', '+12125550142'],
    [0, '12125550142', '+12125550142'],
    [2, '2125550142', '+12125550142'],
    [0, '+442071838750', '+442071838750'],
    [1, '442071838750', '+442071838750'],
    [3, '89203', '89203'],
    [5, 'CARRIER', 'CARRIER'],
    [0, '442071838750', '442071838750'],
    [1, '', ''],
  ])('of type %s, %s, is %s', (ton, digits, number) => {
    expect(numberOf({ ton, npi: 1, digits })).toBe(number);
  });
});
