import { carrierTextId } from '../../src/flows/texting/carrierPort.ts';
import { appendConsent } from '../../src/flows/texting/consentRecord.ts';
import { reminders } from '../../src/flows/texting/reminders.ts';
import type { ReminderOutcome, ReminderView } from '../../src/flows/texting/remindersApi.ts';
import { patientOf, refOf } from '../../src/flows/texting/textingFlow.ts';
import { phoneNumber } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { policyOf } from './controlRig.ts';
import { CARRIER, TextRig } from './textRig.ts';

let rig: TextRig;
beforeEach(async () => {
  rig = await TextRig.open();
  await approve('visit', 'en', BODY);
});
afterEach(() => rig?.close());

const HOUR = 3_600_000;
const PHONE = '+12125550142';
const BODY =
  'Hi {first_name}, visit {date}, {time} at {practice}. Reply 1 to confirm, 2 to change. Call {phone}. STOP to opt out';
const WORDS =
  'Hi Rosa, visit Fri, Dec 4, 2:30 PM at Lark Clinic. Reply 1 to confirm, 2 to change. Call 212-555-0111. STOP to opt out';
const SLOTS = { first_name: 'Rosa', date: '2026-12-04', time: '14:30' };
/** In New York, where the number is. */
const at = (local: string) => Date.parse(`${local}-05:00`);
const NOON = at('2026-11-30T12:00:00');

const approve = (id: string, language: string, body: string, contentClass: 'reminder' | 'marketing' = 'reminder') =>
  rig.tickets.store.change(async (tx) => {
    for (const state of ['draft', 'approved'] as const)
      await tx.templates.append({
        id,
        language,
        version: 1,
        state,
        contentClass,
        body,
        first: false,
        replies: true,
        author: '@ash:example',
        by: '@birch:example',
        at: 0,
      });
    return { value: null, audit: [{ action: 'x', outcome: 'ok', actor: 'tests' }] };
  });

/** A patient with a telephone, and what was agreed to. */
async function patient(reference: string, number = PHONE, scopes: readonly string[] = ['reminder'], language = 'en') {
  const { flow } = rig.texting;
  const since = rig.tickets.now;
  await flow.store.change(async (tx) => {
    const names = new Phi({ number, reference });
    await tx.texts.savePhone({ phone: refOf(flow, number), patient: patientOf(flow, reference), since, names });
    if (scopes.length > 0)
      await appendConsent(flow, tx, {
        type: 'granted',
        id: `g-${reference}-${number}`,
        at: since,
        by: '@hale:larkmoor.example',
        channel: 'sms',
        to: number,
        evidence: 'form 12',
        method: 'paper',
        language,
        patient: reference,
        scopes: scopes as never,
        from: since,
        until: null,
      });
    return { value: null, audit: [{ action: 'x', outcome: 'ok', actor: 'tests' }] };
  });
}

const api = () => reminders({ ...rig.texting.flow, texting: () => rig.policy.texting });
const submit = (id: string, more: Record<string, unknown> = {}): Promise<ReminderOutcome> =>
  api().submit({ id, patient: 'P-1001', line: 'lark', template: 'visit', slots: SLOTS, ...more });
const taken = async (id: string, more: Record<string, unknown> = {}): Promise<ReminderView> => {
  const outcome = await submit(id, more);
  if (outcome.kind !== 'taken') throw new Error(JSON.stringify(outcome));
  return outcome.reminder;
};
const show = (id: string) => api().show(id);

describe('a reminder', () => {
  it('goes out once, from the approved template, and what became of it is told', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    expect(await submit('A-1')).toMatchObject({
      kind: 'taken',
      isNew: true,
      reminder: { state: 'queued', version: 1 },
    });
    expect(await submit('A-1')).toMatchObject({ kind: 'taken', isNew: false });
    expect(await submit('A-1', { slots: { ...SLOTS, time: '15:30' } })).toEqual({ kind: 'id-reused' });
    await rig.work();
    expect(rig.sentTo(PHONE)).toEqual([WORDS]);
    const carrierId = carrierTextId(`c-${rig.carrier.sent[0]?.id}`);
    const report = { carrierId, alsoKnownAs: [], carrierCode: null, refusal: null, state: 'delivered' as const };
    await rig.texting.events.reported(CARRIER, report);
    expect(await show('A-1')).toMatchObject({ state: 'delivered', answer: null });
    expect(await show('A-2')).toBeNull();
    expect(await rig.tickets.leaks('Rosa')).toEqual([]);
    expect(await rig.tickets.leaks('2125550142')).toEqual([]);
  });

  it('is taken once by two requests at the same time', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    const outcomes = await Promise.all([submit('A-1'), submit('A-1'), submit('A-1')]);
    expect(outcomes.filter((one) => one.kind === 'taken' && one.isNew)).toHaveLength(1);
    await rig.work();
    expect(rig.carrier.sent).toHaveLength(1);
  });

  it.each([
    ['without a consent', [], 'no-record'],
    ['with a consent to something else', ['marketing'], 'scope-missing'],
    ['with a no', ['none'], 'declined'],
  ])('%s is on record as blocked, with the reason, and nothing is sent', async (_what, scopes, code) => {
    rig.tickets.now = NOON;
    await patient('P-1001', PHONE, scopes);
    expect(await taken('A-1')).toMatchObject({ state: 'blocked', code, due_at: null });
    rig.tickets.now += 48 * HOUR;
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
    expect(await show('A-1')).toMatchObject({ state: 'blocked', code });
  });

  it('asked for at night waits for the morning where the patient is', async () => {
    rig.tickets.now = at('2026-11-30T22:15:00');
    await patient('P-1001');
    expect(await taken('A-1')).toMatchObject({
      state: 'queued',
      due_at: new Date(at('2026-12-01T08:00:00')).toISOString(),
    });
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
    rig.tickets.now = at('2026-12-01T08:00:00');
    await rig.work();
    expect(rig.sentTo(PHONE)).toEqual([WORDS]);
  });

  it('that its carrier kept waiting until night leaves in the morning, and one that is a day late never', async () => {
    rig.tickets.now = at('2026-11-30T20:58:00');
    await patient('P-1001');
    await taken('A-1');
    rig.carrier.answers.push({ outcome: 'retry', code: 'busy', afterMs: 5 * 60_000 });
    await rig.work();
    rig.tickets.now = at('2026-11-30T21:04:00');
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
    rig.tickets.now = at('2026-12-01T08:00:00');
    await rig.work();
    expect(rig.sentTo(PHONE)).toEqual([WORDS]);

    await taken('A-2', { send_at: '2026-12-02T09:00:00-05:00' });
    // Nobody sent for more than a day: it is night, and by the morning it is of no use.
    rig.tickets.now = at('2026-12-03T23:00:00');
    await rig.work();
    expect(await show('A-2')).toMatchObject({ state: 'cancelled', code: 'too-late' });
    expect(rig.carrier.sent).toHaveLength(1);
  });

  it('beyond the limit of a day waits, also behind one that is only planned; beyond that of a week it is blocked', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    const due = async (id: string, sendAt: string) => {
      const { state, code, due_at } = await taken(id, { send_at: sendAt });
      return [state, code, due_at?.slice(0, 16) ?? null];
    };
    expect(await due('A-1', '2026-12-01T10:00:00-05:00')).toEqual(['queued', null, '2026-12-01T15:00']);
    expect(await due('A-2', '2026-12-01T11:00:00-05:00')).toEqual(['queued', null, '2026-12-02T15:00']);
    expect(await due('A-3', '2026-12-03T16:00:00-05:00')).toEqual(['queued', null, '2026-12-03T21:00']);
    expect(await due('A-4', '2026-12-04T17:00:00-05:00')).toEqual(['blocked', 'weekly-cap', null]);
  });

  it('that waits is not sent after STOP', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    await taken('A-1', { send_at: '2026-12-01T10:00:00-05:00' });
    await rig.receive(PHONE, 'STOP');
    rig.tickets.now = at('2026-12-01T10:00:00');
    await rig.work();
    expect(rig.sentTo(PHONE).filter((body) => body === WORDS)).toEqual([]);
    expect(await show('A-1')).toMatchObject({ state: 'cancelled', code: 'stopped' });
    expect(await taken('A-2')).toMatchObject({ state: 'blocked', code: 'stopped' });
  });

  it('is written in the language that the patient wants, where there is an approved template', async () => {
    rig.tickets.now = NOON;
    await approve('visit', 'es', 'Hola {first_name}: cita {date}, {time}, {practice}. {phone}. STOP para salir');
    await patient('P-1001', PHONE, ['reminder'], 'es');
    expect(await taken('A-1')).toMatchObject({ language: 'es' });
    expect(await taken('A-2', { language: 'en', send_at: '2026-12-03T12:00:00-05:00' })).toMatchObject({
      language: 'en',
    });
    expect(await submit('A-3', { language: 'fr' })).toMatchObject({ kind: 'refused' });
  });

  it('that cannot be is refused with the place, and not kept', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    await approve('sale', 'en', 'Sale at {practice}! {phone} STOP to opt out', 'marketing');
    const cases: readonly (readonly [Record<string, unknown>, string, string])[] = [
      [{ template: 'appointment-reminder' }, '/template', 'template-not-approved'],
      [{ template: 'sale' }, '/template', 'template-not-a-reminder'],
      [{ slots: { ...SLOTS, first_name: 'Rosa - HIV clinic' } }, '/slots/first_name', 'slot-refused'],
      [{ slots: { first_name: 'Rosa' } }, '/slots/date', 'slot-missing'],
      [{ slots: { ...SLOTS, note: 'fasting' } }, '/slots/note', 'slot-not-in-template'],
      [{ line: 'crow' }, '/line', 'line-unknown'],
      [{ patient: 'P-9' }, '/patient', 'no-telephone'],
      [{ send_at: '2027-11-30T12:00:00Z' }, '/send_at', 'too-far'],
      [{ send_at: 'tomorrow' }, '/send_at', 'invalid'],
      [{ id: 'Rosa Maren' }, '/id', 'invalid'],
      [{ body: 'Hi Rosa' }, '', 'unknown-key'],
    ];
    for (const [more, path, code] of cases) {
      const outcome = await submit('A-1', more);
      expect([more, outcome.kind === 'refused' && outcome.errors]).toEqual([
        more,
        expect.arrayContaining([{ path, code }]),
      ]);
      expect(await show('A-1')).toBeNull();
    }
  });
});

describe('an answer to a reminder', () => {
  const sent = async (id: string, reference: string) => {
    await taken(id, { patient: reference });
    await rig.work();
  };

  it('is shown in the patient’s room as what it is, and is told; the last one counts', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    await sent('A-1', 'P-1001');
    rig.tickets.now += HOUR;
    await rig.receive(PHONE, '1');
    expect(await show('A-1')).toMatchObject({ answer: 'confirm', answered_at: new Date(NOON + HOUR).toISOString() });
    expect(rig.said.at(-1)?.body).toContain('CONFIRMS (answer to the reminder A-1 of Nov 30, 2026');
    await rig.receive(PHONE, 'R');
    expect(await show('A-1')).toMatchObject({ answer: 'reschedule' });
    expect(rig.said.at(-1)?.content['org.wardroom.text']).toMatchObject({ answer: 'reschedule', reminder: 'A-1' });
  });

  it('counts for 72 hours; later, and without any reminder, it is a text like others', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    await rig.receive(PHONE, '1');
    expect(rig.said.at(-1)?.body).toBe('…0142: 1');
    await sent('A-1', 'P-1001');
    rig.tickets.now += 73 * HOUR;
    await rig.receive(PHONE, '1');
    expect(rig.said.at(-1)?.body).toBe('…0142: 1');
    expect(await show('A-1')).toMatchObject({ answer: null });
  });

  it('from a telephone of two patients whose reminders are both open is nobody’s until people look', async () => {
    rig.policy = policyOf({ texting: { reminders: { per_day: 5, per_week: 5 } } });
    rig.tickets.now = NOON;
    await patient('P-1001');
    await patient('P-1002');
    await sent('A-1', 'P-1001');
    rig.tickets.now += HOUR;
    await sent('A-2', 'P-1002');
    await rig.receive(PHONE, '1');
    expect([await show('A-1'), await show('A-2')]).toMatchObject([{ answer: null }, { answer: null }]);
  });

  it('confirming waits for nobody, asking for another time does', async () => {
    rig.tickets.now = NOON;
    await patient('P-1001');
    await sent('A-1', 'P-1001');
    await rig.receive(PHONE, '1');
    const waiting = async () => (await rig.tickets.store.read.texts.unanswered(rig.tickets.now + 1, 10)).length;
    expect(await waiting()).toBe(0);
    await rig.receive(PHONE, '2', { from: phoneNumber(PHONE) });
    expect(await waiting()).toBe(1);
  });
});
