import fc from 'fast-check';
import { bindBody } from '../../../src/sms/smpp/bind.ts';
import { decodeText } from '../../../src/sms/smpp/dataCoding.ts';
import { Frames, frame, HEADER_LENGTH, MOST_PDU_OCTETS } from '../../../src/sms/smpp/frames.ts';
import {
  type Address,
  type Message,
  MOST_SHORT_MESSAGE,
  readDataMessage,
  readMessage,
  readMessageId,
  writeMessage,
} from '../../../src/sms/smpp/message.ts';
import { readReceipt } from '../../../src/sms/smpp/receipt.ts';
import { readUserData } from '../../../src/sms/smpp/userDataHeader.ts';
import { smppPackage } from '../../support/smppPackage.ts';

const octet = fc.integer({ min: 0, max: 255 });
const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const address: fc.Arbitrary<Address> = fc.record({
  ton: octet,
  npi: octet,
  digits: fc.stringMatching(/^[0-9A-Za-z+]{0,20}$/),
});
const message: fc.Arbitrary<Message> = fc.record({
  source: address,
  destination: address,
  esmClass: octet,
  registeredDelivery: octet,
  dataCoding: octet,
  userData: octets(MOST_SHORT_MESSAGE).filter(({ length }) => length > 0),
  tlvs: fc
    .array(fc.tuple(fc.integer({ min: 0x1400, max: 0x3fff }), octets(40)), { maxLength: 20 })
    .map((entries) => new Map(entries)),
});

const ADDRESS = { ton: 1, npi: 1, digits: '12125550142' };
const plain = (fields: Partial<Message>): Message => ({
  source: ADDRESS,
  destination: { ...ADDRESS, digits: '12125550100' },
  esmClass: 0,
  registeredDelivery: 0,
  dataCoding: 0,
  userData: Buffer.from('hello'),
  tlvs: new Map(),
  ...fields,
});

describe('the SMPP codec', () => {
  it('reads every message as it was written', () => {
    fc.assert(
      fc.property(message, (written) => {
        expect(readMessage(writeMessage(written))).toEqual({ ok: true, value: written });
      }),
    );
  });

  it('writes what the npm package reads, and reads what it writes', () => {
    const body = writeMessage(plain({ registeredDelivery: 1, esmClass: 3 }));
    const read = new smppPackage.PDU(frame(0x04, 0, 77, body));
    expect(read).toMatchObject({
      command: 'submit_sm',
      sequence_number: 77,
      source_addr: '12125550142',
      source_addr_ton: 1,
      destination_addr: '12125550100',
      esm_class: 3,
      registered_delivery: 1,
      short_message: { message: 'hello' },
    });
    const theirs = new smppPackage.PDU('deliver_sm', {
      sequence_number: 5,
      source_addr: '12125550142',
      destination_addr: '12125550100',
      esm_class: 4,
      short_message: 'word',
      receipted_message_id: 'abc',
      message_state: 2,
    }).toBuffer();
    const [got] = new Frames().push(theirs).frames;
    expect(got).toMatchObject({ command: 0x05, status: 0, sequence: 5 });
    const back = readMessage(got?.body ?? Buffer.alloc(0));
    if (!back.ok) throw new Error(back.error);
    expect(back.value.userData.toString()).toBe('word');
    expect(readReceipt(back.value)).toMatchObject({ messageId: 'abc', state: 'delivered' });
  });

  it('writes the bind that the npm package reads', () => {
    const body = bindBody({ systemId: 'wardroom', password: 'secret12', systemType: 'VMA' });
    expect(new smppPackage.PDU(frame(0x09, 0, 1, body))).toMatchObject({
      command: 'bind_transceiver',
      system_id: 'wardroom',
      password: 'secret12',
      system_type: 'VMA',
      interface_version: 0x34,
    });
  });

  it('takes neither a system id nor a password that does not fit', () => {
    const credentials = { systemId: 'wardroom', password: 'secret12', systemType: '' };
    expect(() => bindBody({ ...credentials, password: 'secret123' })).toThrow(RangeError);
    expect(() => bindBody({ ...credentials, systemId: 'x'.repeat(16) })).toThrow(RangeError);
    expect(() => bindBody({ ...credentials, password: 'a\0b' })).toThrow(RangeError);
  });

  it('cuts a stream into its PDUs wherever it is torn', () => {
    const pdu = fc.record({ command: fc.nat(0x7fff_ffff), sequence: fc.nat(0x7fff_ffff), body: octets(300) });
    fc.assert(
      fc.property(
        fc.array(pdu, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (pdus, cuts) => {
          const stream = Buffer.concat(pdus.map(({ command, sequence, body }) => frame(command, 0, sequence, body)));
          const frames = new Frames();
          const got: unknown[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const length = cuts[turn % cuts.length] ?? 1;
            const { frames: whole, broken } = frames.push(stream.subarray(at, at + length));
            expect(broken).toBe(false);
            got.push(...whole);
            at += length;
          }
          expect(got).toEqual(pdus.map((one) => ({ ...one, status: 0 })));
        },
      ),
    );
  });

  it.each([
    ['shorter than its header', HEADER_LENGTH - 1],
    ['longer than any PDU', MOST_PDU_OCTETS + 1],
    ['as long as there are numbers', 0xffff_ffff],
  ])('ends a stream whose PDU says that it is %s, after what was whole', (_, length) => {
    const bad = Buffer.alloc(16);
    bad.writeUInt32BE(length);
    const frames = new Frames();
    const { frames: whole, broken } = frames.push(Buffer.concat([frame(0x15, 0, 1), bad]));
    expect([whole.length, broken]).toEqual([1, true]);
    expect(frames.push(frame(0x15, 0, 2))).toEqual({ frames: [], broken: true });
  });

  it('reads the longest PDU there may be', () => {
    const longest = frame(0x05, 0, 1, Buffer.alloc(MOST_PDU_OCTETS - HEADER_LENGTH));
    expect(new Frames().push(longest).frames).toHaveLength(1);
  });

  it('never throws on what arrives, and reads nothing beyond it', () => {
    fc.assert(
      fc.property(octets(600), octet, (body, dataCoding) => {
        for (const read of [readMessage(body), readDataMessage(body)]) {
          if (!read.ok) continue;
          readReceipt(read.value);
          expect(read.value.userData.length).toBeLessThanOrEqual(body.length);
        }
        readMessageId(body);
        readUserData(body);
        for (const alphabet of ['gsm', 'latin1'] as const)
          expect(typeof decodeText(dataCoding, body, alphabet)).toBe('string');
        const { frames } = new Frames().push(body);
        for (const one of frames) expect(one.body.length).toBeLessThanOrEqual(body.length - HEADER_LENGTH);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws on a message that is wrong in one octet, or cut short', () => {
    const cut = fc.tuple(message, fc.nat(), octet, fc.boolean());
    fc.assert(
      fc.property(cut, ([written, where, value, isCut]) => {
        const body = writeMessage(written);
        const at = where % body.length;
        if (isCut) readMessage(body.subarray(0, at));
        else {
          body[at] = value;
          readMessage(body);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses fields that are longer than the protocol allows', () => {
    const long = Buffer.concat([Buffer.from('\0\x01\x01'), Buffer.alloc(21, '1'), Buffer.from('\0')]);
    expect(readMessage(long)).toEqual({ ok: false, error: 'source_addr is too long' });
    expect(readMessageId(Buffer.alloc(66, 'x'))).toEqual({ ok: false, error: 'message_id does not end' });
    expect(readMessageId(Buffer.concat([Buffer.alloc(65, 'x'), Buffer.from('\0')]))).toEqual({
      ok: false,
      error: 'message_id is too long',
    });
    const body = writeMessage(plain({}));
    expect(readMessage(body.subarray(0, -1))).toEqual({ ok: false, error: 'short_message is cut off' });
    expect(readMessage(Buffer.concat([body, Buffer.from([0x14, 0x01, 0x00, 0x05, 1])]))).toEqual({
      ok: false,
      error: 'optional parameter is cut off',
    });
  });

  it('ignores optional parameters that it does not know, and keeps only so many', () => {
    const tlvs = new Map(Array.from({ length: 3_000 }, (_, index) => [0x1400 + index, Buffer.from('x')]));
    const read = readMessage(writeMessage(plain({ tlvs })));
    if (!read.ok) throw new Error(read.error);
    expect(read.value.tlvs.size).toBe(64);
    expect(read.value.userData.toString()).toBe('hello');
  });

  it('takes the text from message_payload where there is no short_message', () => {
    const payload = Buffer.alloc(5_000, 'a');
    const read = readMessage(writeMessage(plain({ userData: Buffer.alloc(0), tlvs: new Map([[0x0424, payload]]) })));
    expect(read).toMatchObject({ ok: true, value: { userData: payload } });
  });
});
