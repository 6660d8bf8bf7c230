import { carrierTextId } from '../../src/flows/texting/carrierPort.ts';
import { tokenOf } from '../../src/flows/texting/clinicianTexts.ts';
import { shortRef } from '../../src/flows/texting/stepTexts.ts';
import { eventId, type RoomId, userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { readPolicy } from '../../src/policy/index.ts';
import { MIN, T0, ticketById } from '../tickets/fixtures.ts';
import { CARRIER, FENN, TextRig } from './textRig.ts';

let rig: TextRig;
beforeEach(async () => {
  rig = await TextRig.open();
});
afterEach(() => rig?.close());

const PATIENT = '+12125550142';
const FENN_CELL = '+12125550177';

/** What staff know of a patient and a telephone, and what was agreed to. */
async function known(reference: string, number: string, scopes: readonly string[] = [], warned = false): Promise<void> {
  const { flow } = rig.texting;
  const { appendConsent } = await import('../../src/flows/texting/consentRecord.ts');
  const { patientOf, refOf } = await import('../../src/flows/texting/textingFlow.ts');
  const at = rig.tickets.now;
  const common = { at, by: '@hale:larkmoor.example', channel: 'sms' as const, to: number, evidence: 'form 12' };
  await flow.store.change(async (tx) => {
    await tx.texts.savePhone({
      phone: refOf(flow, number),
      patient: patientOf(flow, reference),
      since: at,
      names: new Phi({ number, reference }),
    });
    const told = { method: 'paper' as const, language: 'en', patient: reference };
    if (scopes.length > 0)
      await appendConsent(flow, tx, {
        type: 'granted',
        id: `g-${reference}-${number}`,
        ...common,
        ...told,
        scopes: scopes as never,
        from: at,
        until: null,
      });
    if (warned)
      await appendConsent(flow, tx, {
        type: 'risk_notice',
        id: `w-${reference}-${number}`,
        ...common,
        ...told,
        version: '1',
        choice: 'accepted',
      });
    return { value: null, audit: [{ action: 'consent.granted', outcome: 'ok', actor: 'tests' }] };
  });
}

let events = 0;
/** Somebody of the team writes in a room; the id of the event. */
async function writes(room: RoomId, body: string, who: string = FENN) {
  const event = eventId(`$written${++events}`);
  const heard = await rig.texting.hear({
    type: 'message',
    room,
    event,
    sender: userId(who),
    at: rig.tickets.now,
    sentAt: rig.tickets.now,
    body: new Phi(body),
    inReplyTo: null,
    thread: null,
    isEdit: false,
    encrypted: true,
    crossSigned: true,
    signedBy: null,
  });
  expect(heard).toBe(true);
  await rig.work();
  return event;
}

const contentOn = () => {
  const read = readPolicy({ texting: { content: true } });
  if (read.ok) rig.policy = read.value.policy;
};
const verdictOf = (event: string) =>
  rig.said
    .filter(
      ({ content }) =>
        (content['m.relates_to'] as { 'm.in_reply_to'?: { event_id: string } })?.['m.in_reply_to']?.event_id === event,
    )
    .map(({ content }) => content['org.wardroom.text'] as { verdict: string; reasons: string[] })[0];

describe('a text that comes in', () => {
  it('is shown in the patient’s own room, with the sender in the text, and kept nowhere else', async () => {
    await known('P-1001', PATIENT);
    await rig.receive(PATIENT, 'My chest hurts since noon zzcanary');
    expect(rig.said.map(({ body }) => body)).toEqual(['…0142: My chest hurts since noon zzcanary']);
    expect(await rig.tickets.leaks('zzcanary')).toEqual([]);
    expect(await rig.tickets.leaks('2125550142')).toEqual([]);
    const { rows } = await rig.tickets.bench.admin.query('SELECT body_ciphertext FROM wardroom.texts');
    expect(rows).toEqual([{ body_ciphertext: null }]);
  });

  it('is taken once, however often the carrier sends it', async () => {
    await known('P-1001', PATIENT);
    for (let n = 0; n < 3; n += 1) await rig.receive(PATIENT, 'Hello', { carrierId: carrierTextId('SM1') });
    expect(rig.said).toHaveLength(1);
  });

  it('goes where unknown telephones are until somebody says whose it is', async () => {
    await rig.receive('+12125550155', 'Is this the clinic?');
    await rig.receive('+12125550155', 'Hello?');
    const [first] = rig.said;
    expect(first?.body).toContain('+12125550155: Is this the clinic?');
    expect(first?.body).toContain('!patient');
    const triage = rig.said[0]!.room;
    const answer = await rig.tickets.store.change((tx) =>
      rig.texting.triage
        .assign(
          tx,
          {
            room: triage,
            account: null,
            event: eventId('$assign'),
            sender: FENN,
            thread: null,
            target: null,
            replyTo: eventId(rig.tickets.posted[0]!.event),
            mentions: [],
            strength: 'device',
            isCrossSigned: true,
            isOld: false,
          },
          'P-1010',
        )
        .then((value) => ({ value, audit: [{ action: 'x', outcome: 'ok', actor: 'tests' }] as const })),
    );
    expect(answer).toMatchObject({ outcome: 'ok', data: { texts: 2 } });
    await rig.work();
    const moved = rig.said.filter(({ room }) => room !== triage).map(({ body }) => body);
    expect(moved).toEqual(['…0155: Is this the clinic?', '…0155: Hello?']);
    await rig.receive('+12125550155', 'And now?');
    expect(rig.said.at(-1)).toMatchObject({ body: '…0155: And now?' });
    expect(rig.said.at(-1)?.room).not.toBe(triage);
  });

  it('from a telephone of two patients is about whom was written to, else somebody has to say', async () => {
    await known('P-1003', PATIENT, ['reminder']);
    await known('P-1004', PATIENT, ['reminder']);
    await rig.receive(PATIENT, 'Which one?');
    expect(rig.said[0]?.body).toContain('2 patients use this telephone');
    expect(rig.said[0]?.body).toContain('P-1003');
  });

  it('brings its files into the room when the carrier has them, by what they are and not by what they are called', async () => {
    await known('P-1001', PATIENT);
    const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex');
    rig.carrier.media.set('a', 'away');
    rig.carrier.media.set('b', Buffer.from('MZ this is a program'));
    const file = (reference: string) => ({ reference, contentType: 'image/png' });
    await rig.receive(PATIENT, 'My rash', { media: [file('a'), file('b'), file('gone')] });
    expect(rig.said.map(({ body }) => body)).toEqual(['…0142: My rash\n(Files came with it: they follow.)']);
    rig.carrier.media.set('a', png);
    rig.tickets.now += MIN;
    await rig.work();
    const [, first, second] = rig.said;
    expect(first).toMatchObject({
      body: 'text-1.png',
      content: { msgtype: 'm.file', info: { mimetype: 'image/png' } },
    });
    expect(second?.body).toContain('2 files from …0142 could not be brought here');
    const { rows } = await rig.tickets.bench.admin.query('SELECT mxc FROM wardroom.event_media');
    expect(rows).toEqual([{ mxc: 'mxc://example/text-1-png' }]);
    rig.tickets.now += MIN;
    await rig.work();
    expect(rig.said).toHaveLength(3);
  });

  it('of nobody is forgotten when messages of rooms of texts are', async () => {
    await rig.receive('+12125550155', 'Is this the clinic?');
    const left = async () =>
      (await rig.tickets.bench.admin.query('SELECT 1 FROM wardroom.texts WHERE body_ciphertext IS NOT NULL')).rowCount;
    const { tidyTexts } = await import('../../src/flows/texting/tidyTexts.ts');
    rig.tickets.now += 29 * 86_400_000;
    await tidyTexts(rig.texting.flow, rig.policy);
    expect(await left()).toBe(1);
    rig.tickets.now += 2 * 86_400_000;
    await tidyTexts(rig.texting.flow, rig.policy);
    expect(await left()).toBe(0);
  });

  it('for a number that is no line is not taken: the carrier keeps it', async () => {
    await expect(rig.receive(PATIENT, 'Hi', { to: '+12125550999' as never })).rejects.toThrow('text-for-no-line');
    expect(rig.tickets.alarms).toContain('text-for-no-line');
  });
});

describe('an answer of staff', () => {
  const roomOf = async (number: string) => {
    await rig.receive(number, 'Can I come tomorrow?');
    return rig.said.at(-1)!.room;
  };

  it('goes nowhere without a consent on file, and the room is told why', async () => {
    await known('P-1001', PATIENT);
    const room = await roomOf(PATIENT);
    const event = await writes(room, 'Yes, see you then.');
    expect(rig.carrier.sent).toEqual([]);
    expect(verdictOf(event)).toMatchObject({ verdict: 'block', reasons: ['no-record', 'not-covered'] });
  });

  it('goes out with consent, and the room hears that it was sent and delivered', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    const room = await roomOf(PATIENT);
    await writes(room, 'Yes, see you then.');
    expect(rig.sentTo(PATIENT)).toEqual(['Yes, see you then.']);
    const id = carrierTextId(`c-${rig.carrier.sent[0]!.id}`);
    const report = { carrierId: id, alsoKnownAs: [], carrierCode: null, refusal: null };
    await rig.texting.events.reported(CARRIER, { ...report, state: 'delivered' });
    // Late and again: it is delivered all the same.
    await rig.texting.events.reported(CARRIER, { ...report, state: 'sent' });
    await rig.texting.events.reported(CARRIER, { ...report, state: 'delivered' });
    await rig.work();
    const edits = rig.said.flatMap(({ content }) => (content['m.new_content'] as { body?: string })?.body ?? []);
    expect(edits).toEqual(['Sent to …0142.', 'Delivered to …0142.']);
  });

  it('with health information becomes a notice to call, unless the patient asked for it, was warned, and the practice allows it', async () => {
    const words = 'Your potassium is 5.9, stop the lisinopril today.';
    await known('P-1002', PATIENT, ['reminder', 'clinical_link']);
    const room = await roomOf(PATIENT);
    await writes(room, words);
    expect(rig.sentTo(PATIENT)).toEqual(['You have a message from Lark Clinic. Call 212-555-0111.']);

    await known('P-1010', '+12125550187', ['reminder', 'content'], true);
    const other = await roomOf('+12125550187');
    const before = await writes(other, words);
    expect(verdictOf(before)?.reasons).toContain('class-not-allowed');
    contentOn();
    await writes(other, words);
    expect(rig.sentTo('+12125550187').at(-1)).toBe(words);

    await known('P-1011', '+12125550188', ['reminder', 'content']);
    const unwarned = await writes(await roomOf('+12125550188'), words);
    expect(verdictOf(unwarned)?.reasons).toContain('no-risk-notice');
    expect(rig.sentTo('+12125550188')).not.toContain(words);
  });

  it('that begins with // stays in the room', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    const room = await roomOf(PATIENT);
    await writes(room, '// she sounds worried');
    expect(rig.carrier.sent).toEqual([]);
  });

  it('is sent once when the carrier never answers, and the room is told that nobody knows', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    const room = await roomOf(PATIENT);
    rig.carrier.answers.push({ outcome: 'unknown', code: 'no-answer' });
    await writes(room, 'See you then.');
    rig.tickets.now += 3_600_000;
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
    expect(rig.said.at(-1)?.body).toContain('Nobody knows');
    expect(rig.tickets.alarms).toContain('text-unknown');
  });

  it('waits and goes when the carrier is away, in the order in which it was written', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    const room = await roomOf(PATIENT);
    rig.carrier.answers.push({ outcome: 'retry', code: 'throttled', afterMs: 2_000 });
    await writes(room, 'One.');
    expect(rig.carrier.sent).toEqual([]);
    rig.tickets.now += 2_000;
    await rig.work();
    await writes(room, 'Two.');
    expect(rig.sentTo(PATIENT)).toEqual(['One.', 'Two.']);
  });

  it('that was being handed over when the process was killed is not sent again', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    const room = await roomOf(PATIENT);
    rig.tickets.crash = { point: 'text.handed_over', after: 0 };
    await expect(writes(room, 'Once.')).rejects.toThrow('killed');
    expect(rig.sentTo(PATIENT)).toEqual(['Once.']);
    await rig.texting.takeOverForTest();
    await rig.work();
    expect(rig.sentTo(PATIENT)).toEqual(['Once.']);
    expect(rig.said.at(-1)?.body).toContain('Nobody knows');
  });
});

describe('STOP', () => {
  it('stops the telephone for everybody on it at once, is confirmed once, and staff see it', async () => {
    await known('P-1003', PATIENT, ['reminder']);
    await known('P-1004', PATIENT, ['reminder']);
    await rig.receive(PATIENT, 'Stop.');
    await rig.receive(PATIENT, 'STOP');
    expect(rig.sentTo(PATIENT)).toEqual(['Lark Clinic: you get no more texts from us. Questions? Call 212-555-0111.']);
    expect(new Set(rig.said.map(({ room }) => room)).size).toBe(2);
    const event = await writes(rig.said[0]!.room, 'See you tomorrow.');
    expect(verdictOf(event)?.reasons).toContain('stopped');
    rig.tickets.now += MIN;
    await rig.receive(PATIENT, 'START');
    await writes(rig.said[0]!.room, 'See you tomorrow then.');
    expect(rig.sentTo(PATIENT).at(-1)).toBe('See you tomorrow then.');
  });

  it('in any wording cancels what waits', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    await rig.receive(PATIENT, 'Hello');
    rig.carrier.answers.push({ outcome: 'retry', code: 'throttled', afterMs: 60_000 });
    await writes(rig.said[0]!.room, 'See you tomorrow.');
    await rig.receive(PATIENT, 'please take me off this list');
    rig.tickets.now += 120_000;
    await rig.work();
    expect(rig.sentTo(PATIENT)).toEqual(['Lark Clinic: you get no more texts from us. Questions? Call 212-555-0111.']);
  });

  it('after "wrong number" is not undone by START: another person has the telephone', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    await rig.receive(PATIENT, 'Wrong number!');
    rig.tickets.now += MIN;
    await rig.receive(PATIENT, 'START');
    expect(rig.sentTo(PATIENT)).toHaveLength(1);
    expect(rig.said.at(-1)?.body).toContain('stays stopped');
  });

  it('of a carrier’s own list is taken over', async () => {
    await known('P-1001', PATIENT, ['reminder']);
    await rig.receive(PATIENT, 'Hello');
    rig.carrier.answers.push({ outcome: 'refused', code: 'opted-out', carrierCode: '21610' });
    await writes(rig.said[0]!.room, 'See you tomorrow.');
    const event = await writes(rig.said[0]!.room, 'Are you there?');
    expect(verdictOf(event)?.reasons).toContain('stopped');
  });

  it('in a clinician’s text stops nothing', async () => {
    await rig.receive(FENN_CELL, 'stop');
    expect(rig.carrier.sent).toEqual([]);
    expect(await rig.tickets.entries('consent.revoked')).toBe(0);
  });
});

describe('a ladder', () => {
  const stat = () => ({ ...ticketById('NJ-260001'), id: `NJ-${++events}` });

  it('texts who is called the fixed words, and token and ok take the ticket with strength sms', async () => {
    const id = await rig.tickets.take(stat());
    await rig.tickets.until(T0 + 5 * MIN);
    await rig.work();
    const ticket = await rig.tickets.ticket(id);
    const [sent] = rig.carrier.sent;
    expect(sent?.body).toBe(
      `Urgent message waiting. Ref ${shortRef(ticket)}. Reply ${ticket.token} ok or open the app.`,
    );
    expect(sent?.body).not.toContain(String(ticket.externalId));
    await rig.receive(sent!.to, 'is 1 ok or should it be 5?');
    expect((await rig.tickets.ticket(id)).state).not.toBe('acknowledged');
    await rig.receive('+12125550109', `${ticket.token} ok`);
    expect((await rig.tickets.ticket(id)).state).not.toBe('acknowledged');
    await rig.receive(sent!.to, ` ${ticket.token} Okay `);
    expect((await rig.tickets.ticket(id)).acknowledgements).toMatchObject([{ how: 'reply', strength: 'sms' }]);
    // The service hears of it now, not with the next sweep.
    expect(rig.tickets.waiting).toContain('report');
  });

  it('gives two tickets of one person different numbers, though each account counts for itself', async () => {
    const first = await rig.tickets.take(stat());
    await rig.tickets.until(T0 + 5 * MIN);
    const other = await rig.tickets.take({ ...stat(), account: 'LARK-CARD' });
    await rig.tickets.bench.admin.query(
      `UPDATE wardroom.tickets SET life = life || jsonb_build_object('token', '1') WHERE ticket_id = ANY ($1)`,
      [[first, other]],
    );
    await rig.tickets.until(T0 + 11 * MIN);
    await rig.work();
    const tokens = rig.carrier.sent.map(({ body }) => /Reply (\d+) ok/.exec(body)?.[1]);
    expect(tokens).toHaveLength(2);
    expect(new Set(tokens).size).toBe(2);
  });

  it('does not take a token that is older than four hours', async () => {
    const id = await rig.tickets.take(stat());
    await rig.tickets.until(T0 + 5 * MIN);
    await rig.work();
    const { token } = await rig.tickets.ticket(id);
    rig.tickets.now += 5 * 3_600_000;
    await rig.receive(rig.carrier.sent[0]!.to, `${token} OK`);
    expect((await rig.tickets.ticket(id)).acknowledgements).toEqual([]);
  });

  it('reads tokens as the data say', () => {
    expect(['2 ok', '2ok', '2 OK.', ' 2 Okay ', '2okay!'].map(tokenOf)).toEqual(['2', '2', '2', '2', '2']);
    expect(['okay call her at 7', 'is 2 ok or should it be 5?', '2  ok', 'ok', '2 ok??'].map(tokenOf)).toEqual(
      Array(5).fill(null),
    );
  });
});
