import { Policies } from '../../src/flows/policies.ts';
import { LineDesk } from '../../src/flows/texting/lineDesk.ts';
import { TemplateDesk } from '../../src/flows/texting/templateDesk.ts';
import { templatesNow } from '../../src/flows/texting/templates.ts';
import { patientOf, refOf } from '../../src/flows/texting/textingFlow.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { templateFor } from '../../src/texts/index.ts';
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
  const templates = new TemplateDesk({ clock: flow.clock, lines: rig.texting.flow.lines });
  const here = installation(store, { api: { policies, textLines, templates }, clock: flow.clock });
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

describe('template', () => {
  const VISIT =
    'Hi {first_name}, visit {date}, {time} at {practice}. Reply 1 to confirm, 2 to change. Call {phone}. Reply STOP to opt out';
  const sent = async (language = 'en') =>
    templateFor(await templatesNow(rig.tickets.store.read), 'visit', [language])?.body ?? null;

  it('is written by one person and approved by another, who sees what will be sent', async () => {
    const { say } = await ward();
    const added = await say(ash, `!wr template add visit en reminder "${VISIT}"`);
    expect([added?.code, added?.data.version, await sent()]).toEqual(['added', 1, null]);
    expect((await say(ash, '!wr template approve visit en'))?.code).toBe('own-template');
    const asked = await say(birch, '!wr template approve visit en');
    expect(asked).toMatchObject({ outcome: 'confirm', data: { text: VISIT, author: ash, version: 1 } });
    expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.code).toBe('own-template');
    expect(await sent()).toBeNull();
    const again = await say(birch, '!wr template approve visit en');
    expect((await say(birch, `!wr confirm ${again?.confirm}`))?.code).toBe('approved');
    expect(await sent()).toBe(VISIT);
    expect((await say(birch, '!wr template approve visit en'))?.code).toBe('not-a-draft');
  });

  it('that changed since it was shown is not approved, and the approved one stays until another is', async () => {
    const { say } = await ward();
    const approve = async () => {
      const asked = await say(birch, '!wr template approve visit en');
      return say(birch, `!wr confirm ${asked?.confirm}`);
    };
    await say(ash, `!wr template add visit en reminder "${VISIT}"`);
    const shown = await say(birch, '!wr template approve visit en');
    const next = VISIT.replace('Hi', 'Hello');
    await say(ash, `!wr template add visit en reminder "${next}"`);
    expect((await say(birch, `!wr confirm ${shown?.confirm}`))?.code).toBe('state-changed');
    await approve();
    expect(await sent()).toBe(next);
    await say(ash, `!wr template add visit en reminder "${VISIT}"`);
    expect(await sent()).toBe(next);
    await approve();
    expect(await sent()).toBe(VISIT);
    const states = (((await say(ash, '!wr template list --all'))?.data.templates ?? []) as Record<string, unknown>[])
      .filter(({ name }) => name === 'visit')
      .map(({ version, state }) => [version, state]);
    expect(states).toEqual([
      [1, 'draft'],
      [2, 'retired'],
      [3, 'approved'],
    ]);
    expect((await say(ash, '!wr template retire visit en'))?.code).toBe('retired');
    expect(await sent()).toBeNull();
  });

  it.each([
    ['Hi {first_name}, reply CANCEL to cancel. {practice} {phone}', 'reserved-word'],
    ['Hi {name}, see you at {practice}', 'slot'],
    ['{first_name}: your HIV clinic visit at {practice}', ''],
  ])('that may not be sent is not kept: %s', async (text, code) => {
    const { say } = await ward();
    const answer = await say(ash, `!wr template add visit en reminder "${text}"`);
    expect(answer).toMatchObject({ outcome: 'refused', code: 'template-faulty' });
    const codes = ((answer?.data.findings ?? []) as { code: string }[]).map((one) => one.code);
    expect(codes.join(' ')).toContain(code);
    const linted = (await say(ash, `!wr template lint "${text}"`))?.data.templates as {
      findings: { code: string }[];
    }[];
    expect(linted[0]?.findings.map((one) => one.code)).toEqual(codes);
    expect((await rig.tickets.bench.pool.query('SELECT 1 FROM wardroom.text_templates')).rowCount).toBe(0);
  });

  it('that came with Wardroom is a draft, too, which one person approves; nobody rewrites what was decided', async () => {
    const { say } = await ward();
    const asked = await say(ash, '!wr template approve appointment-reminder es');
    expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.code).toBe('approved');
    const templates = await templatesNow(rig.tickets.store.read);
    expect(templateFor(templates, 'appointment-reminder', ['es-MX'])?.language).toBe('es');
    expect(templateFor(templates, 'appointment-reminder', ['en'])).toBeNull();
    const { pool } = rig.tickets.bench;
    await expect(pool.query(`UPDATE wardroom.text_templates SET body = 'x'`)).rejects.toThrow('permission denied');
    await expect(pool.query('DELETE FROM wardroom.text_templates')).rejects.toThrow('permission denied');
  });
});
