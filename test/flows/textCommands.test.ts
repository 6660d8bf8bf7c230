import { Policies } from '../../src/flows/policies.ts';
import { LineDesk } from '../../src/flows/texting/lineDesk.ts';
import { patientOf, refOf } from '../../src/flows/texting/textingFlow.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { ash, birch, installation, policyOf } from './controlRig.ts';
import { LINE, TextRig } from './textRig.ts';

let rig: TextRig;
beforeEach(async () => {
  rig = await TextRig.open();
});
afterEach(() => rig?.close());

const FENN_CELL = '+12125550177';

/** Two administrators, and the commands about texts on the lines of the rig. */
async function ward() {
  const { store, flow } = rig.tickets;
  const policies = new Policies({ store, clock: flow.clock, file: policyOf(), preview: () => [] });
  await policies.importFirst();
  const textLines = new LineDesk({ ...rig.texting.flow, campaignOf: () => ({ id: 'CLARK1', status: 'ACTIVE' }) });
  const here = installation(store, { api: { policies, textLines }, clock: flow.clock });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  return { ...here, policies };
}

describe('sms line', () => {
  it('list shows each line with what bars it, its registration, and what became of the texts of a day', async () => {
    const { say } = await ward();
    const lines = async () => (await say(ash, '!wr sms line list'))?.data.lines;
    expect(await lines()).toEqual([
      {
        line: 'lark',
        practice: 'Lark Clinic',
        carrier: 'tests',
        carrier_state: 'ready',
        carrier_code: null,
        barred: null,
        campaign: { id: 'CLARK1', status: 'ACTIVE' },
        waiting: 0,
        held: 0,
        sent: 0,
        failed: 0,
        unknown: 0,
      },
    ]);
    await say(ash, `!wr sms line test ${LINE} ${FENN_CELL}`);
    expect(await lines()).toMatchObject([{ waiting: 1, sent: 0 }]);
    rig.carrier.answers.push({ outcome: 'unknown', code: 'no-answer' });
    await rig.work();
    await say(ash, `!wr sms line test ${LINE} ${FENN_CELL}`);
    rig.carrier.answers.push({ outcome: 'refused', code: 'rejected', carrierCode: '30007' });
    await rig.work();
    rig.barred = 'no-agreement';
    expect(await lines()).toMatchObject([{ waiting: 0, failed: 1, unknown: 1, barred: 'no-agreement' }]);
    rig.tickets.now += 25 * 3_600_000;
    expect(await lines()).toMatchObject([{ failed: 0, unknown: 0 }]);
  });

  it('test goes to the telephone of somebody who works here, once, and the answer does not tell the number', async () => {
    const { say, posted } = await ward();
    const answer = await say(ash, `!wr sms line test ${LINE} 212-555-0177`);
    expect(answer).toMatchObject({ outcome: 'ok', data: { line: 'lark', to: '…0177' } });
    await rig.work();
    expect(rig.sentTo(FENN_CELL)).toEqual(['Test from Lark Clinic']);
    expect(JSON.stringify([...posted.values()])).not.toMatch(/2125550177|212-555-0177/);
    expect(await rig.tickets.leaks('2125550177')).toEqual([]);
  });

  it.each([
    ['+12125550142', 'nobodys-number'],
    ['911', 'bad-argument'],
    ['everybody', 'bad-argument'],
  ])('test to %s is refused: %s', async (number, code) => {
    const { say } = await ward();
    expect((await say(ash, `!wr sms line test ${LINE} ${number}`))?.code).toBe(code);
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
  });

  it('test never goes to a telephone that a patient uses, nor by a line that is barred or that there is not', async () => {
    const { say } = await ward();
    const { flow } = rig.texting;
    const test = async (line: string) => (await say(ash, `!wr sms line test ${line} ${FENN_CELL}`))?.code;
    expect(await test('larc')).toBe('bad-argument');
    rig.barred = 'campaign-not-active';
    expect(await test(LINE)).toBe('line-barred');
    rig.barred = null;
    await flow.store.change(async (tx) => {
      const names = new Phi({ number: FENN_CELL, reference: 'P-1001' });
      const [phone, patient] = [refOf(flow, FENN_CELL), patientOf(flow, 'P-1001')];
      await tx.texts.savePhone({ phone, patient, since: rig.tickets.now, names });
      return { value: null, audit: [{ action: 'x', outcome: 'ok', actor: 'tests' }] };
    });
    expect(await test(LINE)).toBe('patients-number');
    await rig.work();
    expect(rig.carrier.sent).toEqual([]);
  });
});

describe('texting-policy', () => {
  it('shows what holds about texts, and changes it as a version of the policy', async () => {
    const { say } = await ward();
    expect((await say(ash, '!wr texting-policy show quiet_hours'))?.data.value).toEqual({
      from: '21:00',
      until: '08:00',
    });
    const shown = await say(ash, '!wr texting-policy show');
    expect(shown?.data).toMatchObject({ version: 1, path: 'texting', value: { content: false } });
    const asked = await say(ash, '!wr texting-policy set reminders.per_week 2');
    expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.data).toMatchObject({
      version: 2,
      change: { kind: 'set', path: 'texting.reminders.per_week' },
    });
    expect((await say(ash, '!wr policy show texting.reminders.per_week'))?.data.value).toBe(2);
  });

  it('is weakened only by a second person, and reaches nothing but texts', async () => {
    const { say } = await ward();
    const asked = await say(ash, '!wr texting-policy set content true');
    expect([asked?.code, asked?.data.second_person]).toEqual(['weakens-protection', true]);
    expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.code).toBe('needs-second-person');
    expect((await say(birch, `!wr confirm ${asked?.confirm}`))?.data.version).toBe(2);
    expect((await say(ash, '!wr texting-policy set classes.clinical.recall 1m'))?.code).toBe('policy-faulty');
    expect((await say(ash, '!wr texting-policy show classes'))?.code).toBe('bad-argument');
  });
});
