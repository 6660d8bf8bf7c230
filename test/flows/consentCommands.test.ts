/** Consent as staff record it, and what follows: a real PostgreSQL, the real commands and the real gate. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { consent as consentCommand } from '../../src/bot/clinician/consent.ts';
import type { Desk } from '../../src/bot/clinicianCommand.ts';
import type { CommandAnswer, Decided } from '../../src/flows/commandsPort.ts';
import { ConsentDesk } from '../../src/flows/texting/consentDesk.ts';
import { SuppressionDesk } from '../../src/flows/texting/suppressionDesk.ts';
import { barsNow, consentFactsOf, gatePolicyOf } from '../../src/flows/texting/textFacts.ts';
import { newText, patientOf, refOf } from '../../src/flows/texting/textingFlow.ts';
import { type EventId, eventId, phoneNumber, type RoomId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { readPolicy } from '../../src/policy/index.ts';
import { detect, judgeText, nothingKnown } from '../../src/texts/index.ts';
import { ash, birch, installation } from './controlRig.ts';
import { FENN, TextRig } from './textRig.ts';

let rig: TextRig;
let here: ReturnType<typeof installation>;

beforeEach(async () => {
  rig = await TextRig.open();
  const { clock } = rig.texting.flow;
  const flow = { clock, digest: rig.texting.flow.digest };
  const consent = new ConsentDesk({ ...flow, policy: () => rig.policy });
  here = installation(rig.tickets.store, { api: { consent, suppressed: new SuppressionDesk(flow) }, clock });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
});
afterEach(() => rig?.close());

const PHONE = '+12125550142';

const say = async (words: string, who = ash): Promise<CommandAnswer> => {
  const answer = await here.say(who, `!wr ${words}`);
  if (answer === undefined) throw new Error('no answer');
  return answer;
};
/** What a second person makes of the code in an answer. */
const seconded = (answer: CommandAnswer, who = birch) => say(`confirm ${answer.confirm}`, who);
const record = (patient: string, number: string, more = '') =>
  say(`consent record ${patient} ${number} --scope reminder --method paper --evidence "form 12" ${more}`);
const lastPosted = () => String([...here.posted.values()].at(-1)?.body);

const LOOKED = [{ action: 'looked', outcome: 'ok', actor: 'tests' }] as const;

let written = 0;
/** Somebody of the team writes in a patient's room. */
async function writes(room: RoomId, body: string): Promise<void> {
  const [sender, at] = [FENN, rig.tickets.now];
  const nothing = { inReplyTo: null, thread: null, isEdit: false, signedBy: null };
  await rig.texting.hear({
    type: 'message',
    room,
    event: eventId(`$written${++written}`),
    sender,
    at,
    sentAt: at,
    body: new Phi(body),
    encrypted: true,
    crossSigned: true,
    ...nothing,
  });
  await rig.work();
}

/** Whether what is sent by itself may go to a patient now. */
const reminderBar = (patient: string, number: string) =>
  rig.tickets.store.change(async (tx) => {
    const { flow } = rig.texting;
    const [line] = flow.lines;
    if (line === undefined) throw new Error('no line');
    const text = newText(flow, line, {
      phone: refOf(flow, number),
      patient: patientOf(flow, patient),
      purpose: 'reminder',
    });
    const value = await barsNow(flow, () => rig.policy.texting)(tx, text, new Phi(phoneNumber(number)));
    return { value: { bar: value?.code ?? null }, audit: LOOKED };
  });

describe('consent that staff record', () => {
  it('takes evidence, a method and something that there is to agree to', async () => {
    const refusals = [
      'consent record P-1 +12125550142 --scope reminder --method paper',
      'consent record P-1 +12125550142 --scope reminder --evidence form',
      'consent record P-1 +12125550142 --method paper --evidence form',
      'consent record P-1 +12125550142 --scope reminders --method paper --evidence form',
      'consent record P-1 +12125550142 --scope reminder --method carrier --evidence form',
      'consent record P-1 12 --scope reminder --method paper --evidence form',
      'consent record Max+Muster +12125550142 --scope reminder --method paper --evidence form',
      'consent record P-1 +12125550142 --scope reminder --method paper --evidence form --until 2020-01-01',
      'consent record P-1 +12125550142 --scope reminder --method paper --evidence form --language Spanish!',
      'consent revoke P-1',
      'suppress review +12125550142 mistaken',
      'suppress lift +12125550142 --evidence rang',
    ];
    for (const words of refusals)
      expect([words, (await say(words)).code, (await say(words)).data.argument]).toEqual([
        words,
        'bad-argument',
        expect.any(String),
      ]);
    expect((await record('P-1', PHONE, '--scope none,reminder')).code).toBe('none-and-more');
    const { rows } = await rig.tickets.bench.admin.query('SELECT count(*)::int AS count FROM wardroom.consent_events');
    expect(rows).toEqual([{ count: 0 }]);
  });

  it('lets texts go, puts the telephone on file, and is shown with what it was recorded by', async () => {
    expect(await reminderBar('P-1001', PHONE)).toEqual({ bar: 'no-record' });
    const recorded = await record('P-1001', '212-555-0142', '--language es --until 2027-10-02');
    expect(recorded).toMatchObject({
      outcome: 'ok',
      code: 'consent-recorded',
      data: {
        patient: 'P-1001',
        number: PHONE,
        scopes: ['reminder'],
        until: '2027-10-03T00:00:00.000Z',
        stopped: false,
      },
    });
    expect(await reminderBar('P-1001', PHONE)).toEqual({ bar: null });
    await rig.receive(PHONE, 'Hello');
    expect(rig.said.at(-1)?.body).toBe('…0142: Hello');
    expect((await say('consent show P-1001')).data).toMatchObject({
      patient: 'P-1001',
      consents: [
        { number: PHONE, scopes: ['reminder'], state: 'in-force', language: 'es', recorded_by: ash, stopped: false },
      ],
    });
    expect(lastPosted()).toContain('counts');
    rig.tickets.now = Date.parse('2027-10-03T15:00Z');
    expect(await reminderBar('P-1001', PHONE)).toEqual({ bar: 'expired' });
    expect(((await say('consent show P-1001')).data.consents as { state: string }[])[0]?.state).toBe('expired');
  });

  it('is replaced by a later record, also where that allows less', async () => {
    await record('P-1001', PHONE);
    rig.tickets.now += 1;
    await say(`consent record P-1001 ${PHONE} --scope none --method voice --evidence "said no"`);
    expect(await reminderBar('P-1001', PHONE)).toEqual({ bar: 'declined' });
    const { data } = await say('consent history P-1001');
    expect((data.events as { what: string; evidence: string }[]).map(({ what, evidence }) => [what, evidence])).toEqual(
      [
        ['reminder', 'form 12'],
        ['none', 'said no'],
      ],
    );
  });

  it('says what is missing before health information goes out', async () => {
    await record('P-1010', PHONE, '--scope content');
    expect(lastPosted()).toContain('--risk-notice');
    expect(lastPosted()).toContain('texting.content');
    rig.tickets.now += 1;
    await record('P-1010', PHONE, '--scope content --risk-notice 2026-01');
    expect(lastPosted()).not.toContain('--risk-notice');
    expect((await say('consent show P-1010')).data.consents).toMatchObject([
      { risk_notice: { version: '2026-01', choice: 'accepted' } },
    ]);
  });

  it('leaves no number, reference or evidence in the clear', async () => {
    await say(`consent record ZZREF-7 ${PHONE} --scope reminder --method paper --evidence "zzevidence drawer 3"`);
    await say(`consent revoke ${PHONE} --evidence "zzevidence by telephone"`);
    await rig.receive('+12125550199', 'please stop texting this phone');
    await say('consent history ZZREF-7');
    await say('suppress list');
    await say('suppress review +12125550199 mistaken --evidence "zzevidence rang them"');
    await seconded(await say('suppress review +12125550199 mistaken --evidence "zzevidence rang again"'));
    await seconded(await say(`suppress lift ${PHONE} --method voice --evidence "zzevidence rang"`));
    for (const word of ['zzevidence', 'ZZREF', '2125550142', '2125550199'])
      expect([word, await rig.tickets.leaks(word)]).toEqual([word, []]);
    expect(await rig.tickets.entries('consent.granted')).toBe(1);
    expect(await rig.tickets.entries('consent.reviewed')).toBe(1);
  });
});

describe('consent that is revoked', () => {
  it('stops the telephone for everybody on it and what waits for it, and the room is told', async () => {
    await record('P-1003', PHONE);
    await record('P-1004', PHONE);
    await record('P-1004', '+12125550155');
    await rig.receive('+12125550155', 'Hello');
    const room = rig.said.at(-1)?.room;
    if (room === undefined) throw new Error('no room');
    rig.carrier.answers.push({ outcome: 'retry', code: 'throttled', afterMs: 60_000 });
    await writes(room, 'See you tomorrow.');
    const revoked = await say('consent revoke P-1004 --evidence "rang: no texts"');
    expect(revoked.data).toMatchObject({
      patient: 'P-1004',
      numbers: [
        { number: PHONE, patients: ['P-1003', 'P-1004'], cancelled: 0 },
        { number: '+12125550155', patients: ['P-1004'], cancelled: 1 },
      ],
    });
    rig.tickets.now += 120_000;
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
    expect(rig.said.at(-1)?.body).toContain('Not sent to …0155: the telephone’s holder wants no more texts');
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: 'stopped' });
    expect((await say('consent show P-1003')).data.consents).toMatchObject([{ stopped: true }]);
    const again = await record('P-1003', PHONE);
    expect(again.data.stopped).toBe(true);
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: 'stopped' });
  });

  it('by a number stops a telephone that nobody knows; by a patient of whom nothing is known, nothing', async () => {
    expect((await say('consent revoke P-77 --evidence rang')).code).toBe('nothing-on-file');
    expect((await say('consent revoke +12125550177 --evidence rang')).outcome).toBe('ok');
    expect((await say('suppress list')).data.stopped).toMatchObject([
      { number: '+12125550177', patients: [], awaits_review: false },
    ]);
  });

  it('shows of others on the telephone what stops it, and nothing else', async () => {
    await record('P-1003', PHONE);
    await say(`consent record P-1004 ${PHONE} --scope content --method paper --evidence "zzother"`);
    await rig.receive(PHONE, 'STOP');
    const { data } = await say('consent history P-1003');
    expect((data.events as { type: string; evidence: string }[]).map(({ type, evidence }) => [type, evidence])).toEqual(
      [
        ['granted', 'form 12'],
        ['revoked', 'STOP'],
      ],
    );
  });
});

describe('what was stopped in doubt', () => {
  beforeEach(async () => {
    await record('P-1003', PHONE);
    rig.tickets.now += 1_000;
    await rig.receive(PHONE, 'please stop texting this phone');
    rig.tickets.now += 1_000;
  });

  it('is on the list first, with the words, until somebody says that it was meant so', async () => {
    const { data } = await say('suppress list');
    expect(data.stopped).toMatchObject([
      {
        number: PHONE,
        patients: ['P-1003'],
        awaits_review: true,
        stops: [{ evidence: 'please stop texting this phone', method: 'sms' }],
      },
    ]);
    expect((await say(`suppress review ${PHONE} confirmed --evidence "rang them"`)).data).toMatchObject({
      stopped: true,
    });
    expect((await say('suppress list')).data.stopped).toMatchObject([{ awaits_review: false }]);
    expect((await say(`suppress review ${PHONE} confirmed --evidence "rang them"`)).code).toBe('nothing-to-review');
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: 'stopped' });
  });

  it('counts again only when a second person agrees that it was none, and nothing happened meanwhile', async () => {
    const asked = await say(`suppress review ${PHONE} mistaken --evidence "meant the other clinic"`);
    expect(asked).toMatchObject({ outcome: 'confirm', data: { number: PHONE, second_person: true } });
    expect(lastPosted()).toContain('please stop texting this phone');
    expect((await seconded(asked, ash)).code).toBe('needs-second-person');
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: 'stopped' });
    expect(await seconded(asked)).toMatchObject({ outcome: 'ok', code: 'reviewed', data: { stopped: false } });
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: null });
    const { data } = await say('consent history P-1003');
    expect((data.events as { evidence: string }[]).at(-1)?.evidence).toBe(`meant the other clinic (asked by ${ash})`);
  });

  it('stays stopped where another stop came between asking and agreeing', async () => {
    const asked = await say(`suppress review ${PHONE} mistaken --evidence "meant the other clinic"`);
    await rig.receive(PHONE, 'STOP');
    expect((await seconded(asked)).code).toBe('state-changed');
    rig.tickets.now += 1_000;
    await seconded(await say(`suppress review ${PHONE} mistaken --evidence "meant the other clinic"`));
    expect(lastPosted()).toContain('stays stopped');
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: 'stopped' });
  });
});

describe('a telephone that is another person’s', () => {
  it('gets texts again when two people say so, and then takes a new consent', async () => {
    await record('P-1003', PHONE);
    rig.tickets.now += 1_000;
    await rig.receive(PHONE, 'wrong number');
    rig.tickets.now += 1_000;
    expect((await say('suppress list')).data.stopped).toMatchObject([{ stops: [{ type: 'reassigned' }] }]);
    await rig.receive(PHONE, 'START');
    expect(await reminderBar('P-1003', PHONE)).not.toEqual({ bar: null });
    const asked = await say(`suppress lift ${PHONE} --method in_person --evidence "new owner"`);
    expect((await seconded(asked, ash)).code).toBe('needs-second-person');
    expect((await seconded(asked)).data).toMatchObject({ number: PHONE, was_reassigned: true });
    expect(await reminderBar('P-1003', PHONE)).toEqual({ bar: 'number-changed-hands' });
    rig.tickets.now += 1_000;
    await record('P-1008', PHONE);
    expect(await reminderBar('P-1008', PHONE)).toEqual({ bar: null });
    expect((await say(`suppress lift ${PHONE} --method voice --evidence rang`)).code).toBe('not-stopped');
  });
});

describe('consent that the care team records in a patient’s room', () => {
  let said = 0;
  const roomOf = async (number: string) => {
    await rig.receive(number, 'Hello');
    const last = rig.said.at(-1);
    const event = rig.tickets.posted.at(-1)?.event;
    if (last === undefined || event === undefined) throw new Error('not shown');
    return { room: last.room, event: eventId(event) };
  };
  const consents = (
    words: string,
    { room, event }: { readonly room: RoomId; readonly event: EventId | null },
    strength: 'device' | 'server' = 'device',
  ) =>
    rig.tickets.store.change<Pick<Decided, 'code' | 'data'>>(async (tx) => {
      const { consents: here } = rig.texting;
      const texts = {
        scopes: () => here.scopes(),
        record: (...asked: Parameters<typeof here.record>) => here.record(...asked),
      };
      const order = consentCommand.prepare(words, { texts } as unknown as Desk);
      if (!order.ok) return { value: { code: 'bad-argument', data: { ...order.error } }, audit: LOOKED };
      const done = await order.value(tx, {
        room,
        account: null,
        event: eventId(`$consent${++said}`),
        sender: FENN,
        thread: null,
        target: null,
        replyTo: event,
        mentions: [],
        strength,
        isCrossSigned: true,
        isOld: false,
      });
      return { value: { code: done.code, data: done.data }, audit: [...LOOKED, ...done.audit] };
    });

  it('counts for the telephone of the text that it replies to', async () => {
    await record('P-1001', PHONE, '--scope none');
    await record('P-1001', '+12125550155', '--scope none');
    const first = await roomOf(PHONE);
    await roomOf('+12125550155');
    rig.tickets.now += 1_000;
    expect(await consents('reminder in_person Said so at the desk', { ...first, event: null })).toMatchObject({
      code: 'which-telephone',
    });
    expect(await consents('reminder in_person --language es "Said so at the desk"', first)).toMatchObject({
      code: 'consent-recorded',
      data: { scopes: ['reminder'], last_digits: '0142', stopped: false },
    });
    expect(await reminderBar('P-1001', PHONE)).toEqual({ bar: null });
    expect(await reminderBar('P-1001', '+12125550155')).toEqual({ bar: 'declined' });
    const { data } = await say('consent history P-1001');
    expect((data.events as { by: string; evidence: string }[]).at(-1)).toMatchObject({
      by: FENN,
      evidence: 'Said so at the desk',
    });
  });

  it('takes evidence, a method, a patient’s room and a device that its owner signed', async () => {
    await record('P-1001', PHONE, '--scope none');
    const here = await roomOf(PHONE);
    const stranger = await roomOf('+12125550188');
    rig.tickets.now += 1_000;
    for (const words of ['reminder', 'reminder in_person', 'reminder carrier Said so', 'all in_person Said so'])
      expect([words, (await consents(words, here))?.code]).toEqual([words, 'bad-argument']);
    expect((await consents('none,reminder paper Form', here))?.code).toBe('none-and-more');
    expect((await consents('reminder in_person Said so', stranger))?.code).toBe('not-a-patient');
    expect((await consents('reminder in_person Said so', here, 'server'))?.code).toBe('unverified-device');
    expect(await reminderBar('P-1001', PHONE)).toEqual({ bar: 'declined' });
  });

  it('said wrongly, or meant for the control room, goes to no patient', async () => {
    await record('P-1001', PHONE);
    const { room } = await roomOf(PHONE);
    for (const words of ['!consnt reminder paper Form 7', '!wr consent show P-1001', ' !Patient P-1'])
      await writes(room, words);
    expect(rig.carrier.sent).toEqual([]);
    expect(rig.said.at(-1)?.body).toContain('no such command');
    await writes(room, 'See you tomorrow!');
    expect(rig.sentTo(PHONE)).toEqual(['See you tomorrow!']);
  });
});

interface Row {
  readonly patient: string;
  readonly channel: string;
  readonly number?: string;
  readonly address?: string;
  readonly scope?: readonly string[];
  readonly granted?: string;
  readonly revoked?: string;
  readonly evidence?: string;
  readonly method?: string;
  readonly lang?: string;
  readonly expires?: string;
  readonly risk_notice?: string;
}

interface Case {
  readonly patient: string;
  readonly at: string;
  readonly kind: 'reminder' | 'clinical' | 'clinical_link';
  readonly to: string;
  readonly expect: 'send' | 'refuse';
  readonly lang?: string;
  readonly policy?: string;
}

describe('the cases of the data', () => {
  const data = parse(readFileSync(new URL('../fixtures/data/consent.yaml', import.meta.url), 'utf8')) as {
    readonly consent: readonly Row[];
    readonly cases: readonly Case[];
  };
  const when = ({ granted, revoked }: Row) => Date.parse(granted ?? revoked ?? '');

  /** Records it as staff would; what a patient wrote comes in as a text. */
  async function happens({ patient, number, address, scope, revoked, evidence, method, lang, expires, ...row }: Row) {
    if (revoked !== undefined) return rig.receive(number ?? '', evidence ?? '');
    const words = [
      `consent record ${patient} ${number ?? address} --scope ${scope?.join(',')} --method ${method}`,
      `--language ${lang ?? 'en'} ${expires === undefined ? '' : `--until ${expires}`}`,
      row.risk_notice === undefined ? '' : '--risk-notice 2026-01',
      '--evidence "as the data say"',
    ];
    expect((await say(words.join(' '))).outcome).toBe('ok');
  }

  /** Whether such a text goes out as it is. */
  const judged = ({ patient, kind, to }: Case) =>
    rig.tickets.store.change(async (tx) => {
      const { flow } = rig.texting;
      const { texting } = rig.policy;
      const consent = await consentFactsOf(flow, tx, {
        patient: patientOf(flow, patient),
        reference: patient,
        number: new Phi(phoneNumber(to)),
        phone: refOf(flow, to),
        texting,
        denials: [],
      });
      const words = 'Your potassium is 5.9, stop the lisinopril today.';
      const verdict = judgeText({
        text: kind === 'clinical' ? words : 'You have a message.',
        to: 'patient',
        from: kind === 'clinical' ? { kind: 'person', roles: ['nurse'] } : { kind: 'automatic' },
        content:
          kind === 'clinical'
            ? { kind: 'free', findings: detect(words, nothingKnown) }
            : { kind: 'template', contentClass: kind === 'reminder' ? 'reminder' : 'notice', state: 'approved' },
        consent,
        policy: gatePolicyOf(texting),
        release: null,
        notice: null,
      });
      return { value: verdict, audit: LOOKED };
    });

  it('come out as they say when staff record the consents and the patients’ texts come in', async () => {
    for (const row of data.consent.toSorted((a, b) => when(a) - when(b))) {
      rig.tickets.now = when(row);
      await happens(row);
    }
    expect(data.cases).toHaveLength(17);
    for (const one of data.cases) {
      const read = readPolicy({ texting: { content: one.policy === 'content_texts_on' } });
      if (!read.ok) throw new Error('no policy');
      rig.policy = read.value.policy;
      rig.tickets.now = Date.parse(one.at);
      const verdict = await judged(one);
      expect([one, verdict?.verdict === 'allow']).toEqual([one, one.expect === 'send']);
      if (one.kind === 'reminder' && one.expect === 'send')
        expect(await reminderBar(one.patient, one.to)).toEqual({ bar: null });
      if (one.kind === 'reminder' && one.expect === 'refuse')
        expect(await reminderBar(one.patient, one.to)).not.toEqual({ bar: null });
      if (one.lang !== undefined)
        expect((await say(`consent show ${one.patient}`)).data.consents).toMatchObject([{ language: one.lang }]);
    }
  });
});
