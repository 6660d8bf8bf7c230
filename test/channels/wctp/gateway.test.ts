/** What answering services rely on when they speak WCTP: over HTTP, with a real database behind it. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { find, personOf, posted, type Stored, sample, sampleBytes, startWctpRig, type WctpRig } from './rig.ts';

let rig: WctpRig;
beforeAll(async () => {
  rig = await startWctpRig();
});
afterEach(() => rig.clear());
afterAll(() => rig?.stop());

const submitFrom = (sender: string, recipient: string, id: string, text: string, control = '') =>
  `<?xml version="1.0"?><wctp-Operation wctpVersion="wctp-dtd-v1r3"><wctp-SubmitRequest><wctp-SubmitHeader submitTimestamp="2026-11-27T07:04:20">` +
  `<wctp-Originator ${sender}/><wctp-MessageControl messageID="${id}" ${control}/><wctp-Recipient recipientID="${recipient}"/></wctp-SubmitHeader>` +
  `<wctp-Payload><wctp-Alphanumeric>${text}</wctp-Alphanumeric></wctp-Payload></wctp-SubmitRequest></wctp-Operation>`;
const NIGHTJAR = 'senderID="nightjar-ops" securityCode="s3cr3tc0de16ch"';
const WREN = 'senderID="wren-exchange" securityCode="wren-16-chars-ok"';

describe('a message by WCTP', () => {
  it.each([
    ['in-submit-stat-mcr', 'stat', 'NJ-260001-1', 'LARK-CARD', []],
    ['in-submit-choice-pairs', 'stat', 'NJ-260013-1', 'BRINE-PEDS', []],
    ['in-submit-alphanumeric-token', 'urgent', 'NJ-260005-1', 'LARK-CARD', []],
    ['in-submit-repeat-call', 'stat', 'NJ-260001-R2-1', 'LARK-CARD', ['dob']],
    ['in-transparent-data', 'routine', 'WX-7-00413', 'ORRIN-HOME', ['dob']],
    ['in-dirty-attributes', 'urgent', 'NJ-260009-1', 'LARK-CARD', []],
    [
      'in-dirty-ids',
      'urgent',
      'b7c0f1de-55aa-4f02-9c1e-0d2f4a6b8c1d: desk@nightjar~Exchange:Common Path~system.Common Path.Q7 part 2',
      'LARK-CARD',
      ['callback', 'dob'],
    ],
    ['in-utf16-bom', 'routine', 'NJ-260018-1', 'BRINE-PEDS', []],
  ])('becomes a ticket: %s', async (name, urgency, externalId, account, flags) => {
    rig.now = Date.parse('2027-03-14T09:00:00Z');
    const answer = await rig.post(sampleBytes(name));
    expect(answer).toMatchObject({ status: 200, code: 200, type: 'text/xml; charset=utf-8' });
    expect(answer.root?.children[0]?.name).toBe('wctp-Confirmation');
    const [stored, ...more] = await rig.tickets();
    expect(more).toEqual([]);
    expect(stored?.ticket).toMatchObject({ urgency, externalId, account, flags });
    expect(stored?.text.reason).toMatch(/CNRY-/);
    expect(stored?.text.reason).not.toMatch(/Reply with/);
    expect(answer.xml).not.toMatch(/CNRY-/);
  });

  it('is read into fields as far as it can be, with the answers it offers', async () => {
    await rig.post(sample('in-submit-stat-mcr'));
    const [stored] = await rig.tickets();
    expect(stored?.text).toEqual({
      id: 'NJ-260001-1',
      account: 'LARK-CARD',
      urgency: 'STAT',
      reason:
        'STAT LARK-CARD NJ-260001 | Pt Ottis Ziegelow DOB 03/09/1951 | Clr Maren Ziegelow (spouse) 212-555-0142 | ' +
        'Chest pressure 20 min, ICD fired x2, 911 called | Taken 02:04 op17 | CNRY-A1-quokka',
      caller: { name: 'Maren Ziegelow', relation: 'spouse', callback: '212-555-0142' },
      patient: { name: 'Ottis Ziegelow', dob: '1951-03-09' },
      operator: 'op17',
      answers_offered: ['Calling now', 'Send to backup'],
      taken_at: '2026-11-27T07:04:20.000Z',
    });
  });

  it('counts as what its text says, then as its priority, then as URGENT', async () => {
    const ask = async (id: string, text: string, control = '') => {
      await rig.post(submitFrom(NIGHTJAR, 'LARK-CARD', id, text, control));
      const found = (await rig.tickets()).find(({ ticket }) => ticket.externalId === id);
      return [found?.ticket.urgency, found?.ticket.flags.includes('urgency')];
    };
    expect(await ask('U-1', 'Please call 212-555-0142', 'deliveryPriority="high"')).toEqual(['stat', false]);
    expect(await ask('U-2', 'Please call 212-555-0142', 'deliveryPriority="LOW"')).toEqual(['routine', false]);
    expect(await ask('U-3', 'Please call 212-555-0142')).toEqual(['urgent', true]);
    expect(await ask('U-4', '** ROUTINE ** call 212-555-0142', 'deliveryPriority="HIGH"')).toEqual(['routine', false]);
  });

  it('is one ticket however often it comes, and two when the text is another', async () => {
    const text = sample('in-submit-stat-mcr');
    for (const later of [0, 61_000, 23 * 3_600_000 - 61_000]) {
      rig.now += later;
      // A gateway that tries again may write the time of the try.
      const again = text.replace('2026-11-27T07:04:20', new Date(rig.now).toISOString().slice(0, 19));
      expect((await rig.post(again)).code).toBe(200);
    }
    expect(await rig.tickets()).toHaveLength(1);
    expect((await rig.post(text.replace('212-555-0142', '212-555-0143'))).code).toBe(200);
    const [, second] = await rig.tickets();
    expect(second?.ticket.flags).toContain('id_reused');
    rig.now += 25 * 3_600_000;
    expect((await rig.post(text)).code).toBe(200);
    expect(await rig.tickets()).toHaveLength(3);
  });

  it("is not taken for another sender's, nor for another account's", async () => {
    expect((await rig.post(submitFrom(NIGHTJAR, 'LARK-CARD.oncall', '94', 'URGENT A'))).code).toBe(200);
    expect((await rig.post(submitFrom(WREN, 'ORRIN-HOME.oncall', '94', 'URGENT B'))).code).toBe(200);
    const console8737 = 'senderID="https://console.nightjar.example:8737/Wctp"';
    expect((await rig.post(submitFrom(console8737, 'LARK-CARD.oncall', '94', 'URGENT A'))).code).toBe(200);
    expect((await rig.post(submitFrom(NIGHTJAR, 'BRINE-PEDS.oncall', '94', 'URGENT A'))).code).toBe(200);
    const stored = await rig.tickets();
    expect(stored).toHaveLength(4);
    expect(stored.flatMap(({ ticket }) => ticket.flags)).not.toContain('id_reused');
  });

  it('joins the ladder of the earlier call when it repeats one', async () => {
    await rig.post(sample('in-submit-stat-mcr'));
    await rig.post(sample('in-submit-repeat-call'));
    const [first, second] = (await rig.tickets()).map(({ ticket }) => ticket);
    const [earlier, again] = first?.joins === undefined ? [first, second] : [second, first];
    expect(earlier?.externalId).toBe('NJ-260001-1');
    expect(again?.joins).toBe(earlier?.ticketId);
  });

  it('for several recipients is a ticket for each account, with the unknown ones listed', async () => {
    const answer = await rig.post(sample('in-send-msg-multi'));
    expect(answer.code).toBe(200);
    const response = find(answer.root, 'SendMsgMultiResponse');
    expect(response?.attributes.get('maxnumrecips')).toBe('100');
    expect(response?.children.map(({ name }) => name)).toEqual(['wctp-Success', 'wctp-FailedRecipient']);
    const failed = find(answer.root, 'FailedRecipient');
    expect(failed?.attributes.get('recipientid')).toBe('LARK-CARD.nobody-such');
    expect(failed?.attributes.get('errorcode')).toBe('403');
    expect(await rig.tickets()).toHaveLength(1);
    const all = sample('in-send-msg-multi').replace('deliveryPriority', 'allRecipsRequired="true" deliveryPriority');
    expect((await rig.post(all.replace('NJ-260020-1', 'M-2'))).code).toBe(403);
    expect(await rig.tickets()).toHaveLength(1);
    const two = sample('in-send-msg-multi').replace('LARK-CARD.nobody-such', 'BRINE-PEDS.oncall');
    expect((await rig.post(two.replace('NJ-260020-1', 'M-3'))).code).toBe(200);
    expect(await rig.tickets()).toHaveLength(3);
  });

  it('that is only partly understood is a ticket that says so', async () => {
    await rig.post(sample('in-dirty-attributes'));
    await rig.post(
      submitFrom(NIGHTJAR, 'LARK-CARD', 'U-9', 'URGENT call').replace(
        '</wctp-Alphanumeric>',
        '</wctp-Alphanumeric><wctp-IHEPCD04>MSH|</wctp-IHEPCD04>',
      ),
    );
    const texts = (await rig.tickets()).map(({ text }) => text.not_understood);
    expect(texts.flat().sort()).toEqual(['a part of the message that is no text', 'the delivery priority']);
    expect(rig.notes).toEqual(['odd-deliveryPriority', 'unknown-element']);
  });

  it('that asks for a role or a person by name says so', async () => {
    await rig.post(submitFrom(NIGHTJAR, 'LARK-CARD.dr.fenn', 'P-1', 'URGENT call'));
    expect((await rig.tickets())[0]?.text.provider_requested).toBe('dr.fenn');
  });

  it('is taken whole up to 65,535 characters', async () => {
    const long = (length: number) => submitFrom(NIGHTJAR, 'LARK-CARD.oncall', 'H-28', 'A'.repeat(length));
    expect((await rig.post(long(65_535))).code).toBe(200);
    expect((await rig.post(long(65_536))).code).toBe(411);
    expect((await rig.post('x'.repeat(2_000_000))).code).toBe(411);
    const [stored] = await rig.tickets();
    expect(String(stored?.text.reason)).toHaveLength(65_535);
  });

  it('with a clock that is ahead is taken at once and flagged', async () => {
    await rig.post(submitFrom(NIGHTJAR, 'LARK-CARD', 'H-34', 'STAT x').replace('T07:04:20', 'T09:04:20'));
    const [stored] = await rig.tickets();
    expect(stored?.ticket).toMatchObject({ acceptedAt: rig.now, flags: expect.arrayContaining(['taken_at']) });
  });

  it('is held until it may be delivered, and then goes its way; it is the same one when it comes again', async () => {
    const xml = submitFrom(NIGHTJAR, 'LARK-CARD', 'D-1', 'STAT x', 'deliveryAfter="2026-11-27T08:00:00"');
    expect((await rig.post(xml)).code).toBe(200);
    expect((await rig.post(xml.replace('T08:00:00', 'T08:30:00'))).code).toBe(200);
    const stored: readonly Stored[] = await rig.tickets();
    expect(stored).toHaveLength(1);
    const { ticket } = stored[0]!;
    expect(ticket).toMatchObject({ nextStepAt: Date.parse('2026-11-27T08:00:00Z'), due: [] });
    expect(await rig.store.read.messagesOf(ticket.ticketId)).toEqual([]);
    rig.now = Date.parse('2026-11-27T08:00:00Z');
    const begun = await rig.happen(ticket.ticketId, [{ type: 'deadline' }]);
    expect(begun?.due).toEqual([personOf('dr.tolliver')]);
    const messages = await rig.store.read.messagesOf(ticket.ticketId);
    expect(messages.map(({ messageId, kind }) => [messageId, kind])).toEqual([[`${ticket.ticketId}.0`, 'ticket']]);
  });

  it('goes at once, and says so, when the time to deliver it is none that can be meant', async () => {
    const ask = async (id: string, control: string) => {
      expect((await rig.post(submitFrom(NIGHTJAR, 'LARK-CARD', id, 'STAT x', control))).code).toBe(200);
      const stored = (await rig.tickets()).find(({ ticket }) => ticket.externalId === id);
      return [stored?.ticket.due.length, stored?.text.not_understood];
    };
    expect(await ask('D-1', 'deliveryAfter="tomorrow"')).toEqual([1, ['the time to deliver after']]);
    expect(await ask('D-2', 'deliveryBefore="soon"')).toEqual([1, ['the time to deliver before']]);
    expect(await ask('D-3', 'deliveryAfter="2036-11-27T08:00:00"')).toEqual([
      1,
      ['the time to deliver after, more than 31 days ahead'],
    ]);
    expect(await ask('D-4', 'deliveryAfter="2026-11-27T07:00:00"')).toEqual([1, undefined]);
  });

  it('whose times contradict each other is refused', async () => {
    const control = 'deliveryAfter="2026-11-27T08:00:00" deliveryBefore="2026-11-27T08:00:00"';
    const answer = await rig.post(submitFrom(NIGHTJAR, 'LARK-CARD', 'D-1', 'STAT x', control));
    expect(answer.code).toBe(406);
    expect(await rig.tickets()).toEqual([]);
  });

  it('is refused for now when there is too much to do, and nothing of it is kept', async () => {
    rig.full = 5;
    expect((await rig.post(sample('in-submit-stat-mcr'))).code).toBe(606);
    expect(await rig.tickets()).toEqual([]);
  });
});

describe('who may submit', () => {
  it.each([
    ['a wrong code', sample('in-bad-security-code'), 402],
    ['no code', submitFrom('senderID="nightjar-ops"', 'LARK-CARD', 'X-1', 'STAT x'), 402],
    ['a sender nobody knows', submitFrom('senderID="somebody" securityCode="x"', 'LARK-CARD', 'X-1', 'STAT x'), 401],
    ['an account nobody knows', sample('in-bad-recipient'), 403],
    ["another service's account", submitFrom(WREN, 'LARK-CARD.oncall', 'X-1', 'STAT x'), 403],
    ['a target nobody knows', submitFrom(NIGHTJAR, 'LARK-CARD.nobody-such', 'X-1', 'STAT x'), 403],
  ])('is checked: %s', async (_what, xml, code) => {
    const answer = await rig.post(xml);
    expect(answer).toMatchObject({ status: 200, code });
    expect(answer.xml).not.toMatch(/CNRY|wrong-code|s3cr3t/);
    expect(await rig.tickets()).toEqual([]);
  });

  it('is slowed down after too many wrong codes, which raises one alarm', async () => {
    const busy = await startWctpRig({ wrongCodesPerMinute: 30 });
    try {
      const codes: (number | null)[] = [];
      for (let n = 0; n < 60; n += 1) codes.push((await busy.post(sample('in-bad-security-code'))).code);
      expect(codes.slice(0, 30).every((code) => code === 402)).toBe(true);
      expect(codes.slice(30).every((code) => code === 602)).toBe(true);
      expect(busy.alarms).toEqual(['wctp-wrong-code']);
      expect((await busy.post(sample('in-submit-stat-mcr'))).code).toBe(200);
    } finally {
      await busy.stop();
    }
  });
});

describe('a client', () => {
  it('is given a number to ask by, the same for the same message', async () => {
    // Somebody is on call.
    rig.now = Date.parse('2026-11-28T15:00:00Z');
    const first = await rig.post(sample('in-submit-client-message'));
    expect(first.code).toBe(200);
    const number = find(first.root, 'ClientSuccess')?.attributes.get('trackingnumber') ?? '';
    expect(number).toMatch(/^WR-[A-Z2-9]{13}$/);
    const again = await rig.post(sample('in-submit-client-message'));
    expect(find(again.root, 'ClientSuccess')?.attributes.get('trackingnumber')).toBe(number);
    const [stored, ...more] = await rig.tickets();
    expect(more).toEqual([]);
    const ask = (tracking: string, sender = 'orrin-frontdesk') =>
      rig.post(sample('in-client-query').replace('WR-000417', tracking).replace('orrin-frontdesk', sender));
    expect(find((await ask(number)).root, 'NoMessages')).not.toBeNull();
    expect((await ask('WR-000417')).code).toBe(504);
    expect((await ask(number, 'wren-exchange')).code).toBe(504);
    await rig.happen(stored!.ticket.ticketId, [posted, { type: 'seen', by: personOf('rn.quarrie') }]);
    const known = await ask(number);
    expect(find(known.root, 'ClientStatusInfo')).not.toBeNull();
    expect(find(known.root, 'Notification')?.attributes.get('type')).toBe('READ');
    expect((await rig.post(sample('in-submit-client-message').replace('p4ss-orrin', 'guess'))).code).toBe(402);
  });
});

describe('other operations', () => {
  it('are answered', async () => {
    const versions = await rig.post(sample('in-version-query'));
    expect(find(versions.root, 'VersionResponse')?.attributes.get('responder')).toBe('larkmoor.example');
    expect((await rig.post(sample('in-lookup-subscriber'))).code).toBe(300);
    expect((await rig.post(sample('in-confirmation-success'))).code).toBe(300);
    const status = sample('out-status-read').replace(
      'senderID="LARK-CARD.oncall"',
      'senderID="nightjar-ops" securityCode="s3cr3tc0de16ch"',
    );
    expect((await rig.post(status)).code).toBe(200);
    expect((await rig.post(sample('out-status-read'))).code).toBe(401);
  });

  it('carry what the operator answers a clinician into the thread, once', async () => {
    await rig.post(sample('in-submit-stat-mcr'));
    const [stored] = await rig.tickets();
    const reply = (about: string, id = 'R-1', text = 'She takes aspirin') =>
      rig.post(
        sample('out-message-reply-token')
          .replace('senderID="LARK-CARD.oncall"', 'senderID="nightjar-ops" securityCode="s3cr3tc0de16ch"')
          .replace('responseToMessageID="NJ-260001-1"', `responseToMessageID="${about}"`)
          .replace('messageID="mx-0005"', `messageID="${id}"`)
          .replace('1 ok', text),
      );
    expect((await reply('NJ-260001-1')).code).toBe(200);
    expect((await reply('NJ-260001-1')).code).toBe(200);
    expect((await reply('NJ-260001-1', 'R-1', 'Something else')).code).toBe(400);
    const messages = await rig.store.read.messagesOf(stored!.ticket.ticketId);
    expect(messages.map(({ kind }) => kind)).toEqual(['ticket', 'notice']);
    const words = await (await rig.store.read.postable(messages[1]!.messageId))!.words();
    expect(JSON.stringify(words?.reveal())).toContain('She takes aspirin');
    await rig.happen(stored!.ticket.ticketId, [posted]);
    const polled = await rig.post(
      sample('in-poll-for-messages')
        .replace('wren-exchange', 'nightjar-ops')
        .replace('wren-16-chars-ok', 's3cr3tc0de16ch'),
    );
    const ours = find(polled.root, 'MessageControl')?.attributes.get('messageid') ?? '';
    expect((await reply(ours, 'R-2', 'And metoprolol')).code).toBe(200);
    expect((await reply('mx-999999', 'R-3')).code).toBe(504);
    expect((await reply('NJ-999', 'R-3')).code).toBe(504);
  });

  it('that are hostile are refused, and the next one on the connection is not', async () => {
    const lines = readFileSync(new URL('../../fixtures/data/hostile.jsonl', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"channel": "wctp"'))
      .map((line) => JSON.parse(line));
    let tried = 0;
    for (const { input, checks, category } of lines) {
      if (category !== 'xml-attack' && category !== 'encoding' && category !== 'field-dirt') continue;
      const body = input.file
        ? sampleBytes(input.file.replace(/^wctp\/(.*)\.xml$/, '$1'))
        : input.body_base64
          ? Buffer.from(input.body_base64, 'base64')
          : (input.body ?? input.prefix + input.unit.repeat(input.times) + input.suffix);
      const from = performance.now();
      const answer = await rig.post(body);
      expect(checks.wctp_code).toContain(answer.code);
      if (checks.max_ms) expect(performance.now() - from).toBeLessThan(checks.max_ms * 3);
      tried += 1;
    }
    expect(tried).toBe(6);
    expect(rig.failures).toEqual([]);
  });

  it('are answered by HTTP when they are no WCTP', async () => {
    expect((await fetch(`${rig.listener.url}/wctp`)).status).toBe(405);
    expect((await rig.post('{}', 'application/json')).status).toBe(415);
    expect((await rig.post('', 'text/xml')).code).toBe(301);
    expect((await rig.post(sample('in-version-query'), 'application/xml; charset=utf-8')).type).toBe(
      'application/xml; charset=utf-8',
    );
  });

  it('may come half and never end', async () => {
    const request = httpRequest(`${rig.listener.url}/wctp`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml', 'content-length': '1000' },
    });
    request.on('error', () => undefined);
    request.write('<wctp-Operation');
    await new Promise((resolve) => setTimeout(resolve, 50));
    request.destroy();
    expect((await rig.post(sample('in-version-query'))).status).toBe(200);
  });
});
