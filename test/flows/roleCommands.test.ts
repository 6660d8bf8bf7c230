import { Roles } from '../../src/flows/roles.ts';
import { userId } from '../../src/kernel/ids.ts';
import type { Policy } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, bot, installation, policyOf, storeOn } from './controlRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query(
    'TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.role_events, wardroom.audit_entries CASCADE',
  );
});
afterAll(() => bench?.close());

const amsel = userId('@amsel:example');
const voice = userId('@wardroom_kestrel:example');

/** Two administrators whose identities are confirmed, and a clock. */
async function ward(policy: Policy | null = policyOf()) {
  const clock = { at: Date.parse('2026-11-28T10:00:00Z'), now: () => clock.at };
  const agreements = async (_read: unknown, current: Policy) => current.agreements;
  const roles = new Roles({
    store,
    clock,
    policy: () => policy,
    agreements,
    ownServer: 'example',
    bot,
    voices: [voice],
  });
  const here = installation(store, { api: { roles }, clock });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  const held = async (user = amsel) => (await here.say(ash, `!wr role list ${user}`))?.data.roles;
  return { ...here, roles, clock, held };
}

const audited = async () =>
  (
    await bench.pool.query<{ line: string }>(
      `SELECT (body->>'action') || ' ' || (body->>'outcome') AS line FROM wardroom.audit_entries WHERE body->>'action' LIKE 'role.%' ORDER BY entry_id`,
    )
  ).rows.map(({ line }) => line);

describe('roles by command', () => {
  it('are given, held, listed and taken back, each step in the audit log', async () => {
    const { say, held } = await ward();
    const granted = await say(ash, `!wr role grant ${amsel} physician`);
    expect([granted?.outcome, granted?.data.user_id, granted?.data.roles]).toEqual(['ok', amsel, ['physician']]);
    await say(ash, `!wr role grant ${amsel} nurse --until 2027-06-30`);
    expect(await held()).toEqual(['nurse', 'physician']);
    const who = await say(birch, '!wr role who nurse');
    expect(who?.data.held).toMatchObject([{ user_id: amsel, until: '2027-07-01T00:00:00.000Z', by: ash }]);
    const revoked = await say(ash, `!wr role revoke ${amsel} physician`);
    expect([revoked?.code, revoked?.data.roles]).toEqual(['revoked', ['nurse']]);
    expect(await held()).toEqual(['nurse']);
    expect(await audited()).toEqual(['role.granted ok', 'role.granted ok', 'role.revoked ok']);
  });

  it('end by themselves when their last day is over', async () => {
    const { say, held, clock } = await ward();
    await say(ash, `!wr role grant ${amsel} nurse --until 2026-11-29`);
    clock.at = Date.parse('2026-11-29T23:59:59Z');
    expect(await held()).toEqual(['nurse']);
    clock.at += 1_000;
    expect(await held()).toEqual([]);
  });

  it.each([
    [`!wr role grant ${amsel} wizard`, 'bad-argument'],
    ['!wr role grant amsel nurse', 'bad-argument'],
    [`!wr role grant ${amsel} nurse --until tomorrow`, 'bad-argument'],
    [`!wr role grant ${amsel} nurse --until 2026-02-30`, 'bad-argument'],
    [`!wr role grant ${amsel} nurse --until 2026-11-27`, 'empty-period'],
    [`!wr role grant ${amsel} nurse --until 2099-01-01`, 'too-long'],
    [`!wr role grant ${bot} nurse`, 'is-wardroom'],
    [`!wr role grant ${voice} nurse`, 'is-wardroom'],
    ['!wr role grant @amsel:partner.example nurse', 'not-on-file'],
    ['!wr role grant @amsel:partner.example admin', 'role-own-only'],
    [`!wr role revoke ${amsel} nurse`, 'not-held'],
    [`!wr role review ${amsel} nurse`, 'not-held'],
    [`!wr role review ${amsel}`, 'bad-argument'],
  ])('are not given by %s: %s', async (words, code) => {
    const { say, held } = await ward();
    const answer = await say(ash, words);
    expect([answer?.outcome, answer?.code]).toEqual(['refused', code]);
    expect(await held()).toEqual([]);
    expect((await bench.pool.query('SELECT 1 FROM wardroom.role_events')).rowCount).toBe(0);
  });

  it('are given to people of a partner only while the agreement is in force', async () => {
    const agreement = {
      domain: 'partner.example',
      contract: 'BAA-1',
      from: '2026-01-01',
      until: '2026-11-28',
      contact: 'privacy@partner.example',
      classes: ['consult'],
    };
    const { say, clock } = await ward(policyOf({ agreements: [agreement] }));
    expect((await say(ash, '!wr role grant @amsel:partner.example physician'))?.outcome).toBe('ok');
    clock.at = Date.parse('2026-11-29T00:00:00Z');
    expect((await say(ash, '!wr role grant @brandt:partner.example physician'))?.code).toBe('not-on-file');
  });

  it.each(['admin', 'privacy-officer', 'security-officer'])(
    '%s takes a second person, who is not its holder',
    async (role) => {
      const { say, held } = await ward();
      const asked = await say(ash, `!wr role grant ${amsel} ${role}`);
      expect([asked?.outcome, await held()]).toEqual(['confirm', []]);
      expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.code).toBe('needs-second-person');
      expect((await say(birch, `!wr confirm ${asked?.confirm}`))?.outcome).toBe('ok');
      expect(await held()).toEqual([role]);
      const forBirch = await say(ash, `!wr role grant ${birch} ${role}`);
      expect((await say(birch, `!wr confirm ${forBirch?.confirm}`))?.code).toBe('for-yourself');
      expect(await held(birch)).toEqual([]);
    },
  );

  it('for oneself takes a second person, too', async () => {
    const { say, held } = await ward();
    const asked = await say(ash, `!wr role grant ${ash} physician`);
    expect([asked?.outcome, await held(ash)]).toEqual(['confirm', []]);
    await say(birch, `!wr confirm ${asked?.confirm}`);
    expect(await held(ash)).toEqual(['physician']);
  });

  it('that wait are not given when the person got them meanwhile', async () => {
    const { say } = await ward();
    const [first, second] = [
      await say(ash, `!wr role grant ${amsel} admin`),
      await say(ash, `!wr role grant ${amsel} admin`),
    ];
    expect((await say(birch, `!wr confirm ${first?.confirm}`))?.outcome).toBe('ok');
    expect((await say(birch, `!wr confirm ${second?.confirm}`))?.code).toBe('state-changed');
  });

  it('come up for review and are confirmed by somebody else', async () => {
    const { say, clock } = await ward();
    await say(ash, `!wr role grant ${amsel} physician`);
    expect((await say(ash, '!wr role review'))?.data.due).toEqual([]);
    clock.at += 366 * 86_400_000;
    const due = (await say(ash, '!wr role review'))?.data.due as { user_id: string; overdue: boolean }[];
    expect(due).toMatchObject([{ user_id: amsel, overdue: true }]);
    const again = await say(birch, `!wr role review ${amsel} physician`);
    expect([again?.outcome, again?.code]).toEqual(['ok', 'reviewed']);
    expect((await say(ash, '!wr role review'))?.data.due).toEqual([]);
  });

  it('are given to nobody while the policy cannot be read; what is held stays and can be taken back', async () => {
    const readable = await ward();
    await readable.say(ash, `!wr role grant ${amsel} nurse`);
    const roles = new Roles({
      store,
      clock: readable.clock,
      policy: () => null,
      agreements: async () => [],
      ownServer: 'example',
      bot,
      voices: [],
    });
    const given = { room: 'r', event: '$e', sender: ash, signedBy: null } as never;
    const outcome = await store.change(async (tx) => ({
      value: [
        (await roles.grant(tx, given, amsel, 'physician', null)).code,
        (await roles.revoke(tx, given, amsel, 'nurse')).code,
      ],
      audit: [{ action: 'test.done', outcome: 'ok', actor: 'wardroom' }],
    }));
    expect(outcome).toEqual(['policy-unreadable', 'revoked']);
  });

  it('of the configuration are taken over once, and never again over what was decided', async () => {
    const { roles, say, held } = await ward();
    const initial = [
      { user: amsel, role: 'psychiatry' },
      { user: amsel, role: 'no-such-role' },
    ];
    await Promise.all([roles.importFirst(initial), roles.importFirst(initial)]);
    expect(await held()).toEqual(['psychiatry']);
    expect(await audited()).toEqual(['role.granted ok', 'role.granted refused']);
    await say(ash, `!wr role revoke ${amsel} psychiatry`);
    await roles.importFirst(initial);
    expect(await held()).toEqual([]);
  });

  it('cannot be rewritten by the service', async () => {
    const { say } = await ward();
    await say(ash, `!wr role grant ${amsel} nurse`);
    await expect(bench.pool.query(`UPDATE wardroom.role_events SET role = 'admin'`)).rejects.toThrow(
      'permission denied',
    );
    await expect(bench.pool.query('DELETE FROM wardroom.role_events')).rejects.toThrow('permission denied');
  });
});
