import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { failure } from '../../../src/channels/wctp/codes.ts';
import type { Operation, Submission } from '../../../src/channels/wctp/operation.ts';
import { parseXml, type XmlElement } from '../../../src/channels/wctp/parseXml.ts';
import { readRequest, readVersion } from '../../../src/channels/wctp/readOperation.ts';
import { readTimestamp, writeTimestamp } from '../../../src/channels/wctp/timestamp.ts';
import {
  answerFailure,
  clientSuccess,
  confirmSuccess,
  multiResponse,
  type OutgoingResponse,
  pollResponse,
  pushResponse,
  versionResponse,
} from '../../../src/channels/wctp/writeOperation.ts';
import { Phi } from '../../../src/kernel/phi.ts';

const data = new URL('../../fixtures/data/', import.meta.url);
const sample = (name: string): Buffer => readFileSync(fileURLToPath(new URL(`wctp/${name}.xml`, data)));

function read(bytes: Uint8Array | string, charset: string | null = null) {
  const result = readRequest(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, charset);
  if (!result.ok) throw new Error(`refused: ${result.error.failure.errorCode} ${result.error.failure.what}`);
  return result.value;
}
const codeOf = (bytes: Uint8Array | string): number | null => {
  const result = readRequest(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  return result.ok ? null : result.error.failure.errorCode;
};
function submissionOf(operation: Operation): Submission {
  if (!('submission' in operation)) throw new Error(`a ${operation.kind}`);
  return operation.submission;
}
const submitted = (name: string) => submissionOf(read(sample(name)).operation);
const submit = (text: string, attributes = '', root = 'wctpVersion="wctp-dtd-v1r3"') =>
  `<?xml version="1.0"?>\n<wctp-Operation ${root}><wctp-SubmitRequest><wctp-SubmitHeader submitTimestamp="2026-11-27T07:04:20">` +
  `<wctp-Originator senderID="nightjar-ops"/><wctp-MessageControl messageID="M-1" ${attributes}/><wctp-Recipient recipientID="LARK-CARD.oncall"/>` +
  `</wctp-SubmitHeader><wctp-Payload>${text}</wctp-Payload></wctp-SubmitRequest></wctp-Operation>`;
const alphanumeric = (text: string) => `<wctp-Alphanumeric>${text}</wctp-Alphanumeric>`;

describe('what arrives by WCTP', () => {
  it('is read with its choices and all that was asked for', () => {
    const { version, operation, notes } = read(sample('in-submit-stat-mcr'));
    const { control, originator, recipientIds, payload, submitTimestamp } = submissionOf(operation);
    expect({ version, kind: operation.kind, notes }).toEqual({ version: 3, kind: 'SubmitRequest', notes: [] });
    expect(originator).toEqual({ senderId: 'nightjar-ops', securityCode: 's3cr3tc0de16ch', miscInfo: null });
    expect(recipientIds).toEqual(['LARK-CARD.oncall']);
    expect(submitTimestamp).toBe(Date.parse('2026-11-27T07:04:20Z'));
    expect(control).toMatchObject({
      messageId: 'NJ-260001-1',
      transactionId: 'NJ-260001',
      allowResponse: true,
      notifyWhenQueued: true,
      notifyWhenDelivered: true,
      notifyWhenRead: true,
      deliveryPriority: 'HIGH',
      preformatted: true,
    });
    expect(payload.text.reveal()).toMatch(/^STAT LARK-CARD NJ-260001 .* Reply with 1$/);
    expect(payload.choices).toEqual([
      { send: 'Calling now', reply: null },
      { send: 'Send to backup', reply: null },
    ]);
  });

  it('is read with pairs of choices', () => {
    expect(submitted('in-submit-choice-pairs').payload.choices).toEqual([
      { send: 'Calling now', reply: 'ACK' },
      { send: 'Send to backup', reply: 'DECLINE' },
    ]);
  });

  it('is read from a client, whose password is in miscInfo and who names no message', () => {
    const { originator, control } = submitted('in-submit-client-message');
    expect(originator).toEqual({ senderId: 'orrin-frontdesk', securityCode: null, miscInfo: 'p4ss-orrin' });
    expect(control).toMatchObject({ messageId: null, notifyWhenRead: true, notifyWhenQueued: false });
  });

  it('is read for several recipients', () => {
    expect(submitted('in-send-msg-multi').recipientIds).toEqual(['LARK-CARD.oncall', 'LARK-CARD.nobody-such']);
  });

  it('is decoded from TransparentData, which is base64 but in version 1.0', () => {
    expect(submitted('in-transparent-data').payload.text.reveal()).toMatch(/^ROUTINE ORRIN-HOME .*CNRY-D1-robin$/);
    const encoded = Buffer.from('caf\u00e9').toString('base64');
    const text = (root: string, xml: string) =>
      submissionOf(read(submit(xml, '', root)).operation).payload.text.reveal();
    const bare = `<wctp-TransparentData>${encoded}</wctp-TransparentData>`;
    expect(text('wctpVersion="wctp-dtd-v1r1"', bare)).toBe('caf\u00e9');
    expect(text('wctpVersion="wctp-dtd-v1r0"', bare)).toBe(encoded);
    expect(text('wctpVersion="1.3"', '<wctp-TransparentData>call me!</wctp-TransparentData>')).toBe('call me!');
    const binary = Buffer.from([0, 1, 2, 3, 255]).toString('base64');
    expect(codeOf(submit(`<wctp-TransparentData>${binary}</wctp-TransparentData>`))).toBe(430);
  });

  it('is read from UTF-16, from windows-1252, and from what says it is UTF-16 and is not', () => {
    expect(submitted('in-utf16-bom').payload.text.reveal()).toContain('espa\u00f1ol');
    const xml = submit(alphanumeric('ni\u00f1a \u201cfebril\u201d')).replace('?>', ' encoding="windows-1252"?>');
    const bytes = Buffer.from(xml.replace(/\u201c/g, '\u0093').replace(/\u201d/g, '\u0094'), 'latin1');
    expect(submissionOf(read(bytes).operation).payload.text.reveal()).toBe('ni\u00f1a \u201cfebril\u201d');
    const wrong = xml.replace('windows-1252', 'utf-16');
    expect(submissionOf(read(wrong).operation).payload.text.reveal()).toBe('ni\u00f1a \u201cfebril\u201d');
    const headed = Buffer.from(submit(alphanumeric('caf\u00e9')), 'latin1');
    expect(submissionOf(read(headed, 'iso-8859-1').operation).payload.text.reveal()).toBe('caf\u00e9');
    expect(codeOf(headed)).toBe(301);
  });

  it('is read in spite of misspelt attributes and odd values, which are noted', () => {
    const { operation, notes } = read(sample('in-dirty-attributes'));
    const { control, originator, submitTimestamp } = submissionOf(operation);
    expect(originator.miscInfo).toBe('WORKFLOW');
    expect(submitTimestamp).toBe(Date.parse('2026-11-30T03:40:10Z'));
    expect(control).toMatchObject({ deliveryPriority: null, notifyWhenDelivered: true });
    expect(notes).toEqual(['odd-deliveryPriority']);
  });

  it('keeps ids as they were written', () => {
    const { control, originator } = submitted('in-dirty-ids');
    expect(originator).toEqual({
      senderId: 'https://console.nightjar.example:8737/Wctp',
      securityCode: null,
      miscInfo: null,
    });
    expect(control.messageId).toBe(
      'b7c0f1de-55aa-4f02-9c1e-0d2f4a6b8c1d: desk@nightjar~Exchange:Common Path~system.Common Path.Q7 part 2',
    );
    expect(control.transactionId).toBeNull();
  });

  it('is read whatever the order of its parts', () => {
    const turned = submit(alphanumeric('text')).replace(
      /(<wctp-Originator[^>]*>)(<wctp-MessageControl[^>]*>)(<wctp-Recipient[^>]*>)/,
      '$3$1$2<x-Unknown/>',
    );
    expect(submissionOf(read(turned).operation)).toMatchObject({ recipientIds: ['LARK-CARD.oncall'] });
  });

  it('loses its layout, and keeps it when it is preformatted', () => {
    const text = (attributes: string) =>
      submissionOf(read(submit(alphanumeric('\n   a\n   b\n  '), attributes)).operation).payload.text.reveal();
    expect(text('')).toBe('a\n   b');
    expect(text('preformatted="true"')).toBe('   a\n   b');
  });

  it('may ask, poll, look up, and answer', () => {
    expect(read(sample('in-client-query')).operation).toEqual({
      kind: 'ClientQuery',
      senderId: 'orrin-frontdesk',
      recipientId: 'ORRIN-HOME.oncall',
      trackingNumber: 'WR-000417',
    });
    expect(read(sample('in-poll-for-messages')).operation).toEqual({
      kind: 'PollForMessages',
      pollerId: 'wren-exchange',
      securityCode: 'wren-16-chars-ok',
      maxMessagesInBatch: 5,
      received: [
        { sequenceNo: '18', received: { ok: true } },
        { sequenceNo: '19', received: { ok: false, errorCode: 504 } },
      ],
    });
    expect(read(sample('in-version-query')).operation).toEqual({ kind: 'VersionQuery', inquirer: 'nightjar-ops' });
    expect(read(sample('in-lookup-subscriber')).operation).toMatchObject({ kind: 'LookupSubscriber' });
    expect(read(sample('in-confirmation-success')).operation).toEqual({ kind: 'Confirmation', received: { ok: true } });
    expect(read(sample('in-confirmation-failure-604')).operation).toEqual({
      kind: 'Confirmation',
      received: { ok: false, errorCode: 604 },
    });
    expect(read(sample('out-message-reply-mcr')).operation).toMatchObject({
      kind: 'MessageReply',
      response: { responseToMessageId: 'NJ-260001-1', messageId: 'mx-0006' },
    });
    expect(read(sample('out-status-read')).operation).toMatchObject({ kind: 'StatusInfo', notification: 'READ' });
    expect(read(sample('out-status-failure')).operation).toMatchObject({ kind: 'StatusInfo', errorCode: 500 });
  });

  it.each([
    ['wctp-dtd-v1r1', 1],
    ['wctp-dtd-v1r1.dtd', 1],
    ['WCTP-DTD-V1R3', 3],
    ['1.0', 0],
    ['1.3', 3],
    ['wctp-dtd-ihepcd-pcd06-v1r2', 2],
    ['2.0', null],
    ['', null],
  ])('tells the version from %j', (written, version) => {
    expect(readVersion(written)).toBe(version);
  });

  it.each([
    ['2026-11-29T00:20:10', '2026-11-29T00:20:10Z'],
    ['2026-11-29T00:20:10Z', '2026-11-29T00:20:10Z'],
    ['2026-11-29T00:20:10.000Z', '2026-11-29T00:20:10Z'],
    ['2026-11-28T19:20:10-05:00', '2026-11-29T00:20:10Z'],
    ['2026-02-30T00:00:00', null],
    ['2026-11-29T25:00:00', null],
    ['yesterday', null],
  ])('reads the time %j', (written, instant) => {
    expect(readTimestamp(written)).toBe(instant === null ? null : Date.parse(instant));
  });
});

describe('what is refused', () => {
  const limited = (xml: string) => {
    const from = performance.now();
    const code = codeOf(xml);
    return { code, ms: performance.now() - from };
  };

  it.each([
    ['nothing', '', 301],
    ['no XML', 'hello', 301],
    ['half a document', submit(alphanumeric('x')).slice(0, -20), 301],
    ['another document', '<html/>', 302],
    ['no operation', '<wctp-Operation wctpVersion="1.3"/>', 302],
    [
      'two operations',
      '<wctp-Operation wctpVersion="1.3"><wctp-ReturnToSvc/><wctp-ReturnToSvc/></wctp-Operation>',
      302,
    ],
    ['an unknown operation', '<wctp-Operation wctpVersion="1.3"><wctp-Dance/></wctp-Operation>', 300],
    ['another version', '<wctp-Operation wctpVersion="2.0"><wctp-ReturnToSvc/></wctp-Operation>', 303],
    ['no text', submit(alphanumeric('  ')), 302],
    ['no payload', submit(''), 302],
    ['an entity nobody declared', submit(alphanumeric('a &x; b')), 301],
  ])('%s', (_what, xml, code) => {
    expect(codeOf(xml)).toBe(code);
  });

  it('an internal subset, whatever is in it', () => {
    const typed = (doctype: string, text = 'x') => submit(alphanumeric(text)).replace('\n', `\n${doctype}\n`);
    expect(codeOf(typed('<!DOCTYPE wctp-Operation [<!ENTITY x SYSTEM "file:///etc/hostname">]>', '&x;'))).toBe(302);
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    expect(codeOf(typed(`<!DOCTYPE wctp-Operation [<!ENTITY l0 "lol">${laughs}]>`, '&l9;'))).toBe(302);
    expect(codeOf(typed('<!DOCTYPE wctp-Operation SYSTEM "http://dtd.example/x.dtd" [ ]>'))).toBe(302);
    expect(codeOf(typed('<!DOCTYPE wctp-Operation SYSTEM "http://[::1]/x.dtd">'))).toBeNull();
    expect(codeOf(typed('<!DOCTYPE wctp-Operation PUBLIC "-//WCTP//" "http://dtd.example/x.dtd">'))).toBeNull();
  });

  it('elements nested 20,000 deep, and 50,000 attributes, at once', () => {
    const deep = limited(`<wctp-Operation wctpVersion="wctp-dtd-v1r3">${'<wctp-Payload>'.repeat(20_000)}`);
    expect(deep).toEqual({ code: 302, ms: expect.any(Number) });
    expect(deep.ms).toBeLessThan(100);
    const many = Array.from({ length: 50_000 }, (_, n) => ` a${n}="x"`).join('');
    const wide = limited(submit(alphanumeric('x'), many));
    expect(wide.code).toBe(302);
    expect(wide.ms).toBeLessThan(100);
    expect(codeOf(submit('<x/>'.repeat(20_000)))).toBe(302);
    expect(codeOf(submit(alphanumeric('x'), `x="${'y'.repeat(10_000)}"`))).toBe(302);
  });

  it('a text of 65,536 characters, and not one of 65,535', () => {
    expect(codeOf(submit(alphanumeric('A'.repeat(65_535))))).toBeNull();
    expect(codeOf(submit(alphanumeric('A'.repeat(65_536))))).toBe(411);
    expect(codeOf(submit(alphanumeric('\u{1F9EA}'.repeat(65_535))))).toBeNull();
  });

  it('a failure in the answer that belongs to the operation', () => {
    const wrapped = (name: string) => {
      const result = readRequest(
        Buffer.from(`<wctp-Operation wctpVersion="wctp-dtd-v1r2"><wctp-${name}/></wctp-Operation>`),
      );
      return result.ok ? null : result.error.answerIn;
    };
    expect(wrapped('SubmitRequest')).toBe('Confirmation');
    expect(wrapped('SubmitClientMessage')).toBe('SubmitClientResponse');
    expect(wrapped('ClientQuery')).toBe('ClientQueryResponse');
    expect(wrapped('PollForMessages')).toBe('PollResponse');
    expect(wrapped('SendMsgMulti')).toBe('SendMsgMultiResponse');
  });

  it('never by an exception, whatever the bytes', () => {
    const whole = sample('in-submit-stat-mcr');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length), (bytes, at) => {
        readRequest(bytes);
        readRequest(Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)]));
      }),
      { numRuns: 300 },
    );
  });

  it('as the hostile inputs say', () => {
    const lines = readFileSync(new URL('hostile.jsonl', data), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"channel": "wctp"'))
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(13);
    const refused = lines.filter((line) =>
      line.checks.wctp_code?.every((code: number) => code === 301 || code === 302),
    );
    expect(refused).toHaveLength(3);
    for (const { input, checks } of refused) {
      const body = input.body_base64
        ? Buffer.from(input.body_base64, 'base64')
        : (input.body ?? input.prefix + input.unit.repeat(input.times) + input.suffix);
      expect(checks.wctp_code).toContain(codeOf(body));
    }
  });
});

describe('what Wardroom says in WCTP', () => {
  /** A document's structure without what differs from one run to the next. */
  const shape = (xml: Uint8Array | string): unknown => {
    const parsed = parseXml(typeof xml === 'string' ? Buffer.from(xml) : xml);
    if (!parsed.ok) throw new Error(parsed.error.what);
    const of = ({ name, attributes, children, text }: XmlElement): unknown => ({
      name,
      attributes: Object.fromEntries([...attributes].sort()),
      children: children.map(of),
      text: text.trim(),
    });
    return of(parsed.value);
  };
  const response = (content: OutgoingResponse['content'], about: Partial<OutgoingResponse> = {}): OutgoingResponse => ({
    messageId: 'mx-0001',
    responseToMessageId: 'NJ-260001-1',
    transactionId: 'NJ-260001',
    at: Date.parse('2026-11-27T07:07:30Z'),
    senderId: 'LARK-CARD.oncall',
    recipientId: 'nightjar-ops',
    content,
    ...about,
  });
  const at = (time: string) => Date.parse(`${time}Z`);

  it('has the shape of the samples', () => {
    expect(shape(confirmSuccess(3, 'Ticket NJ-260001 accepted'))).toEqual(shape(sample('out-confirmation-success')));
    expect(
      shape(answerFailure(3, 'Confirmation', failure(403, 'No account LARC-CARD.oncall'), 'wardroom.example')),
    ).toEqual(shape(sample('out-confirmation-failure-403')));
    expect(shape(clientSuccess(3, 'WR-000417'))).toEqual(shape(sample('out-client-response')));
    expect(shape(pushResponse(3, response({ kind: 'notification', type: 'READ' })))).toEqual(
      shape(sample('out-status-read')),
    );
    expect(
      shape(
        pushResponse(
          3,
          response(
            { kind: 'reply', text: new Phi('1 ok'), isChoice: false },
            { messageId: 'mx-0005', at: at('2026-11-27T07:15:50') },
          ),
        ),
      ),
    ).toEqual(shape(sample('out-message-reply-token')));
    expect(
      shape(
        pushResponse(
          3,
          response(
            { kind: 'reply', text: new Phi('Send to backup'), isChoice: true },
            { messageId: 'mx-0006', at: at('2026-11-27T07:05:00') },
          ),
        ),
      ),
    ).toEqual(shape(sample('out-message-reply-mcr')));
    const late = failure(500, 'Nobody acknowledged, a person must take over');
    expect(
      shape(
        pushResponse(
          3,
          response(
            { kind: 'failure', failure: late },
            {
              messageId: 'mx-0004',
              responseToMessageId: 'NJ-260020-1',
              transactionId: 'NJ-260020',
              at: at('2026-11-28T17:55:10'),
            },
          ),
        ),
      ),
    ).toEqual(shape(sample('out-status-failure')));
    const polled = response(
      { kind: 'notification', type: 'DELIVERED' },
      {
        messageId: 'mx-0008',
        responseToMessageId: 'WX-7-00412-1',
        transactionId: 'WX-7-00412',
        at: at('2026-11-29T01:30:40'),
        senderId: 'ORRIN-HOME.oncall',
        recipientId: 'wren-exchange',
      },
    );
    expect(shape(pollResponse(3, [{ sequenceNo: '20', response: polled }]))).toEqual(
      shape(sample('out-poll-response')),
    );
    const versions = shape(versionResponse(3, 'wardroom.larkmoor.example', 'nightjar-ops')) as {
      children: [{ children: unknown[] }];
    };
    const expected = shape(sample('out-version-response')) as typeof versions;
    expect(versions.children[0].children.slice(0, 3)).toEqual(expected.children[0].children);
  });

  it('says which recipients failed', () => {
    expect(
      multiResponse(3, 1, [{ recipientId: 'LARK-CARD.nobody-such', failure: failure(403, 'No such target') }]),
    ).toContain('<wctp-FailedRecipient recipientID="LARK-CARD.nobody-such" errorCode="403"');
    expect(multiResponse(3, 0, [{ recipientId: 'X', failure: failure(403, 'No such target') }])).toContain(
      '<wctp-Failure errorCode="403"',
    );
  });

  it('can be read back, whatever a clinician wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (text) => {
        const xml = pushResponse(3, response({ kind: 'reply', text: new Phi(text), isChoice: false }));
        const { operation } = read(xml.replace('<wctp-MessageControl', '<wctp-MessageControl preformatted="true"'));
        if (operation.kind !== 'MessageReply') throw new Error('another operation');
        const expected = text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
        expect(operation.payload?.text.reveal() ?? '').toBe(expected.trim());
      }),
    );
  });

  it('gives back the instants it reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(readTimestamp(writeTimestamp(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});
