import { accountId } from '../../src/kernel/ids.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import type { Config } from '../../src/server/config/index.ts';
import { scheduleDesk } from '../../src/server/scheduleDesk.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { dispatch } from '../tickets/fixtures.ts';
import { ash, birch, installation, storeOn } from './controlRig.ts';

const ROLE = 'oncall-cardiology';
const ACCOUNTS = Object.values(dispatch.services).flatMap(({ accounts }) => accounts.map(accountId));

let bench: AuditBench;
let store: PostgresStore;
let site: ReturnType<typeof installation>;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query(
    'TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.oncall_overrides, wardroom.audit_entries CASCADE',
  );
  const clock = { now: () => Date.parse('2027-01-05T12:00:00-05:00') };
  site = installation(store, {
    clock,
    api: {
      accounts: () => ACCOUNTS,
      // Only `gaps` asks more of the configuration, and the homeserver (test/e2e).
      schedules: scheduleDesk({ config: { dispatch } as Config, clock, oncall: store.read.oncall }),
    },
  });
});
afterAll(() => bench?.close());

async function command(words: string, who = ash) {
  const answer = await site.say(who, `!wr ${words}`);
  const content = [...site.posted.values()].at(-1);
  return { ...answer, body: String(content?.body) };
}
const holder = async (time = '') =>
  ((await command(`oncall who LARK-CARD ${time} --role ${ROLE}`)).data as { roles: { holder: string[] }[] }).roles[0]
    ?.holder;
const kept = async () => (await store.read.oncall.all()).map(({ from, to, who, madeBy }) => [from, to, who, madeBy]);
const audited = async () =>
  (
    await bench.admin.query<{ action: string }>(
      `SELECT body->>'action' AS action FROM wardroom.audit_entries WHERE body->>'action' LIKE 'oncall.%' ORDER BY entry_id`,
    )
  ).rows.map(({ action }) => action);

describe('looks', () => {
  it('who: holder and backup of every role, now or at a time, and what is odd about the time', async () => {
    const { data, body } = await command('oncall who lark-card');
    expect(data).toMatchObject({
      account: 'LARK-CARD',
      tz: 'America/New_York',
      roles: [{ role: ROLE, holder: ['dr.fenn'] }],
    });
    expect(body).toMatch(/oncall-cardiology +dr\.fenn/);
    expect((await command('oncall who LARK-CARD 2027-03-14T02:30')).body).toContain('does not exist');
    expect(await command('oncall who LARK-CARD soon')).toMatchObject({
      code: 'bad-argument',
      data: { argument: 'TIME' },
    });
  });

  it('show: the shifts of so many days, of a role', async () => {
    const { data } = await command(`oncall show LARK-CARD --days 21 --role ${ROLE} --from 2027-03-01`);
    expect((data as { shifts: { tier: string }[] }).shifts.filter(({ tier }) => tier === 'primary')).toHaveLength(4);
    for (const words of ['--days 0', '--days many', '--days 1000', '--from soon'])
      expect(await command(`oncall show LARK-CARD ${words}`)).toMatchObject({
        code: 'bad-argument',
        data: { argument: words.split(' ')[0] },
      });
  });

  it('simulate: what a ticket would do, with what is wrong', async () => {
    const { data, body } = await command('oncall simulate LARK-CARD 2026-11-29T10:22 STAT');
    expect(data).toMatchObject({ urgency: 'stat', protocol: 'LARK-CARD/STAT' });
    expect(body).toContain('ALARM schedule-hole');
    expect(await command('oncall simulate LARK-CARD 2026-11-29T10:22 SOON')).toMatchObject({
      data: { argument: 'URGENCY' },
    });
  });
});

describe('changes', () => {
  it('set somebody until the shift that runs now would end, in their name, and are withdrawn', async () => {
    const { data, body } = await command(`oncall set LARK-CARD ${ROLE} np.quist --reason dr.fenn is ill`);
    const [change] = (data as { changes: { id: number; to: string }[] }).changes;
    expect(change).toMatchObject({ role: ROLE, from: '2027-01-05T12:00', who: 'np.quist' });
    expect(body).toContain(`#${change?.id}`);
    expect(await holder()).toEqual(['np.quist']);
    expect(await kept()).toEqual([['2027-01-05T12:00', change?.to, 'np.quist', ash]]);
    expect(await command(`oncall withdraw #${change?.id}`)).toMatchObject({
      code: 'withdrawn',
      data: { who: 'np.quist' },
    });
    expect(await holder()).toEqual(['dr.fenn']);
    expect(await command(`oncall withdraw ${change?.id}`)).toMatchObject({
      outcome: 'refused',
      code: 'no-such-change',
    });
    expect(await command('oncall withdraw 1; DROP TABLE')).toMatchObject({ code: 'bad-argument' });
    expect(await audited()).toEqual(['oncall.overridden', 'oncall.withdrawn']);
  });

  it('name people by key or Matrix id, and may be of the backup', async () => {
    const words = `oncall override LARK-CARD ${ROLE} @jory:larkmoor.example 2027-01-06T07:00 2027-01-07T07:00 --tier backup`;
    expect(await command(words)).toMatchObject({
      code: 'changed',
      data: { changes: [{ who: 'np.quist', tier: 'backup' }] },
    });
    expect(await holder('2027-01-06T12:00')).toEqual(['dr.fenn']);
  });

  it('swap what two people would have held', async () => {
    const shifts = async () =>
      (
        (await command(`oncall show LARK-CARD --from 2027-03-01 --days 21 --role ${ROLE}`)).data as {
          shifts: { tier: string; who: string }[];
        }
      ).shifts.flatMap(({ tier, who }) => (tier === 'primary' ? [who] : []));
    const [, one, other] = await shifts();
    const period = '2027-03-01T07:00 2027-03-15T07:00';
    expect((await command(`oncall swap LARK-CARD ${ROLE} ${one} ${other} ${period}`)).code).toBe('changed');
    expect((await shifts()).slice(1, 3)).toEqual([other, one]);
    expect(await command(`oncall swap LARK-CARD ${ROLE} mgr.hale sup.merrow ${period}`)).toMatchObject({
      outcome: 'refused',
      code: 'nothing-to-swap',
    });
  });

  it.each([
    ['oncall who LARK-CRAD', 'ACCOUNT', ['LARK-CARD']],
    [`oncall set LARK-CARD oncall-cardiolgy np.quist`, 'ROLE', [ROLE]],
    [`oncall set LARK-CARD ${ROLE} np.qiust`, 'PERSON', ['np.quist']],
    [`oncall set LARK-CARD ${ROLE} np.quist --until yesterday`, '--until', undefined],
    [`oncall set LARK-CARD ${ROLE} np.quist --until 2027-01-05T11:00`, '--until', undefined],
    [`oncall override LARK-CARD ${ROLE} np.quist 2027-01-07 2027-01-06`, 'TO', undefined],
    [`oncall override LARK-CARD ${ROLE} np.quist soon 2027-01-06`, 'FROM', undefined],
    [`oncall swap LARK-CARD ${ROLE} np.quist np.quist 2027-01-05 2027-01-06`, 'OTHER', undefined],
    [`oncall set LARK-CARD __proto__ np.quist`, 'ROLE', undefined],
    [`oncall set LARK-CARD ${ROLE} constructor`, 'PERSON', undefined],
  ])('%s is refused with what may have been meant, and nothing is kept', async (words, argument, near) => {
    const answer = await command(words);
    expect(answer).toMatchObject({ outcome: 'refused', code: 'bad-argument', data: { argument } });
    expect((answer.data as { did_you_mean?: string[] }).did_you_mean).toEqual(near);
    expect(await kept()).toEqual([]);
  });

  it('that leave nobody on call are shown first, and refused when the schedule changed meanwhile', async () => {
    const asked = await command(`oncall override LARK-CARD ${ROLE} nobody 2027-01-06T07:00 2027-01-07T07:00`);
    expect(asked).toMatchObject({ outcome: 'confirm', data: { second_person: false, findings: [{ code: 'hole' }] } });
    expect(asked.body).toContain('NOBODY on call for LARK-CARD');
    expect(await kept()).toEqual([]);
    await command(`oncall override LARK-CARD ${ROLE} np.quist 2027-01-06T07:00 2027-01-07T07:00`, birch);
    expect(await command(`confirm ${asked.confirm}`)).toMatchObject({ outcome: 'refused', code: 'state-changed' });
    expect(await holder('2027-01-06T12:00')).toEqual(['np.quist']);

    const again = await command(`oncall override LARK-CARD ${ROLE} nobody 2027-01-06T07:00 2027-01-07T07:00`);
    await command('oncall override ORRIN-HOME homecare-rn rn.quarrie 2027-01-06T07:00 2027-01-07T07:00', birch);
    const done = await command(`confirm ${again.confirm}`, birch);
    expect(done).toMatchObject({
      outcome: 'ok',
      code: 'changed',
      data: { of: 'oncall override', changes: [{ who: '' }] },
    });
    expect(done.body).toContain('NOBODY');
    expect((await kept()).at(-1)).toEqual(['2027-01-06T07:00', '2027-01-07T07:00', '', birch]);
    expect((await command(`oncall who LARK-CARD 2027-01-06T12:00 --role ${ROLE}`)).body).toContain('schedule-hole');
  });

  it('and their answer stand in one transaction: a failure leaves neither', async () => {
    await bench.admin.query("ALTER TABLE wardroom.command_answers ADD CONSTRAINT broken CHECK (event_id <> '$broken')");
    const words = `!wr oncall set LARK-CARD ${ROLE} np.quist`;
    await expect(site.say(ash, words, { event: '$broken' })).rejects.toThrow();
    expect(await kept()).toEqual([]);
    await bench.admin.query('ALTER TABLE wardroom.command_answers DROP CONSTRAINT broken');
    await site.say(ash, words, { event: '$broken' });
    await site.say(ash, words, { event: '$broken' });
    expect(await kept()).toHaveLength(1);
  });
});
