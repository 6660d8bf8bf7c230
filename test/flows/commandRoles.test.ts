import { Roles } from '../../src/flows/roles.ts';
import { type UserId, userId } from '../../src/kernel/ids.ts';
import type { Policy } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, bot, cedar, installation, key, policyOf, storeOn } from './controlRig.ts';

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
const START = Date.parse('2026-11-28T10:00:00Z');
const HOUR = 3_600_000;

/** @param named whom the configuration names */
function ward(policy: Policy | null = policyOf(), named: readonly UserId[] = [ash, birch]) {
  const clock = { at: START, now: () => clock.at };
  const reading = { policy };
  const roles = new Roles({
    store,
    clock,
    policy: () => reading.policy,
    agreements: async () => [],
    ownServer: 'example',
    bot,
    voices: [],
  });
  const here = installation(store, { api: { roles }, clock, policy: () => reading.policy, members: named });
  const start = () => roles.importFirst(named.map((user) => ({ user, role: 'admin' })));
  return { ...here, roles, clock, reading, start };
}

/** Two administrators, confirmed, as after the first start. */
async function running(policy?: Policy) {
  const here = ward(policy);
  await here.start();
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  return here;
}

/** What another process decided, or two people did before. */
const happened = (type: 'granted' | 'revoked', user: UserId, role: string, until: number | null = null) =>
  store.change(async (tx) => {
    const by = 'elsewhere';
    await tx.roles.append(
      type === 'granted'
        ? { type, at: START, user, role, from: START, until, reviewBy: START + 90 * 24 * HOUR, by }
        : { type, at: START, user, role, by },
    );
    return { value: null, audit: [{ action: 'test.done', outcome: 'ok', actor: 'wardroom' }] };
  });

describe('an administrator whose role ends', () => {
  it('gives no command from the next event on, though the configuration names them', async () => {
    const { say } = await running();
    expect((await say(ash, '!wr role list'))?.outcome).toBe('ok');
    expect((await say(birch, `!wr role revoke ${ash} admin`))?.outcome).toBe('ok');
    for (const words of ['role list', 'help', 'nonsense', 'confirm AAAAAA', `role grant ${amsel} nurse`])
      expect([words, await say(ash, `!wr ${words}`)]).toMatchObject([
        words,
        { outcome: 'refused', code: 'not-admin', data: {} },
      ]);
  });

  it('does so also when another process ended it while the command was on its way', async () => {
    const { say, state } = await running();
    state.whileLooking = () => happened('revoked', ash, 'admin');
    expect((await say(ash, '!wr role list'))?.code).toBe('not-admin');
  });

  it('by the clock is refused at that instant', async () => {
    const { say, clock } = await running();
    await happened('granted', cedar, 'admin', START + HOUR);
    clock.at += HOUR - 1;
    expect((await say(cedar, '!wr role list'))?.outcome).toBe('ok');
    clock.at += 1;
    expect((await say(cedar, '!wr role list'))?.code).toBe('not-admin');
  });

  it('between asking and confirming has asked for nothing', async () => {
    const { say } = await running();
    await happened('granted', cedar, 'admin');
    const asked = await say(ash, `!wr role grant ${amsel} admin`);
    await say(birch, `!wr role revoke ${ash} admin`);
    expect(await say(birch, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'asker-suspended' });
    expect((await say(birch, `!wr role list ${amsel}`))?.data.roles).toEqual([]);
  });

  it('by the clock between asking and confirming has asked for nothing, either', async () => {
    const { say, clock } = await running();
    await happened('granted', cedar, 'admin', START + HOUR);
    const asked = await say(cedar, `!wr role grant ${amsel} admin`);
    clock.at += HOUR;
    expect(await say(birch, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'asker-suspended' });
  });

  it('confirms nothing that was asked before', async () => {
    const { say } = await running();
    const asked = await say(ash, `!wr role grant ${amsel} admin`);
    await say(ash, `!wr role revoke ${birch} admin`);
    expect(await say(birch, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'not-admin' });
  });

  it('is pinned no more, and begins anew when they get it again', async () => {
    const { say, administrators, states } = await running();
    await say(birch, `!wr role revoke ${ash} admin`);
    await administrators.look();
    expect(await states()).toEqual({ [birch]: 'confirmed' });
    await happened('granted', ash, 'admin');
    expect((await say(ash, '!wr role list'))?.outcome).toBe('ok');
    expect(await states()).toEqual({ [ash]: 'seen', [birch]: 'confirmed' });
  });
});

describe('the last administrator', () => {
  it('cannot be removed, by themselves or at the same time as the other', async () => {
    const { say } = await running();
    const both = await Promise.all([
      say(ash, `!wr role revoke ${birch} admin`),
      say(birch, `!wr role revoke ${ash} admin`),
    ]);
    expect(both.map((one) => one?.code).sort()).toEqual(['not-admin', 'revoked']);
    const left = both[0]?.code === 'revoked' ? ash : birch;
    const answer = await say(left, `!wr role revoke ${left} admin`);
    expect([answer?.outcome, answer?.code]).toEqual(['refused', 'last-admin']);
    expect((await say(left, '!wr role who admin'))?.data.user_ids).toEqual([left]);
  });

  it('whose role runs out leaves it to whom the configuration names, but not to whom it was taken from', async () => {
    const { say, clock } = ward(policyOf(), [ash, birch]);
    await happened('granted', ash, 'admin');
    await happened('granted', cedar, 'admin', START + HOUR);
    await happened('revoked', ash, 'admin');
    for (const user of [ash, birch]) expect((await say(user, '!wr role list'))?.code).toBe('not-admin');
    clock.at += HOUR;
    expect((await say(ash, '!wr role list'))?.code).toBe('not-admin');
    expect((await say(cedar, '!wr role list'))?.code).toBe('not-admin');
    expect((await say(birch, '!wr role list'))?.outcome).toBe('ok');
  });
});

describe('a privacy officer', () => {
  const officer = cedar;

  it('reviews roles, and is refused what is for administrators, with what it would take', async () => {
    const { say, posted } = await running();
    await happened('granted', officer, 'privacy-officer');
    await happened('granted', amsel, 'nurse');
    expect(await say(officer, '!wr role review')).toMatchObject({ outcome: 'ok', code: 'listed' });
    expect(await say(officer, `!wr role review ${amsel} nurse`)).toMatchObject({ outcome: 'ok', code: 'reviewed' });
    for (const words of [
      `role grant ${amsel} physician`,
      'role list',
      'admin list',
      'policy set classes.clinical.recall 10m',
      `admin confirm ${ash} ${key('A')}`,
    ])
      expect([words, await say(officer, `!wr ${words}`, { event: `$${words}` })]).toMatchObject([
        words,
        { outcome: 'refused', code: 'role-missing', data: { roles: ['admin'] } },
      ]);
    expect(String(posted.get('wr.answer.$role list')?.body)).toContain('It takes: admin.');
    expect((await say(officer, '!wr help'))?.outcome).toBe('ok');
    expect((await say(officer, '!wr nonsense'))?.code).toBe('unknown-command');
  });

  it('is no second person for what only administrators ask', async () => {
    const { say, confirm } = await running();
    await happened('granted', officer, 'privacy-officer');
    await say(officer, '!wr role review');
    expect(await confirm(ash, officer)).toBe('confirmed');
    const asked = await say(ash, `!wr role grant ${amsel} admin`);
    expect(await say(officer, `!wr confirm ${asked?.confirm}`)).toMatchObject({
      outcome: 'refused',
      code: 'role-missing',
      data: { of: 'role grant', roles: ['admin'] },
    });
    expect((await say(birch, `!wr confirm ${asked?.confirm}`))?.outcome).toBe('ok');
  });

  it('is suspended like an administrator when their identity changes', async () => {
    const { say, shown } = await running();
    await happened('granted', officer, 'privacy-officer');
    expect((await say(officer, '!wr role review'))?.outcome).toBe('ok');
    shown.set(officer, key('X'));
    expect((await say(officer, '!wr role review'))?.code).toBe('identity-changed');
  });
});

describe('who may give which command', () => {
  it('is what the policy says: another role may be named for one', async () => {
    const { say } = await running(policyOf({ commands: { 'role who': ['manager'] } }));
    await happened('granted', cedar, 'manager');
    expect((await say(cedar, '!wr role who nurse'))?.outcome).toBe('ok');
    expect((await say(cedar, '!wr role list'))?.code).toBe('role-missing');
    expect(await say(ash, '!wr role who nurse')).toMatchObject({ code: 'role-missing', data: { roles: ['manager'] } });
  });

  it('follows roles without a restart: who becomes administrator is pinned and heard', async () => {
    const { say, states, authority } = await running();
    expect((await say(cedar, '!wr role list'))?.code).toBe('not-admin');
    const asked = await say(ash, `!wr role grant ${cedar} admin`);
    await say(birch, `!wr confirm ${asked?.confirm}`);
    expect((await say(cedar, '!wr role list'))?.outcome).toBe('ok');
    expect(await states()).toMatchObject({ [cedar]: 'seen' });
    expect(authority.members()).toEqual([ash, birch, cedar]);
    expect((await say(cedar, '!wr role list', { signedBy: key('X') }))?.code).toBe('identity-changed');
  });

  it('is nobody of another hospital, whatever the record says', async () => {
    const { say, authority, shown } = await running();
    const guest = userId('@guest:partner.example');
    shown.set(guest, key('G'));
    await happened('granted', guest, 'admin');
    expect((await say(guest, '!wr role list'))?.code).toBe('not-admin');
    expect(authority.members()).not.toContain(guest);
  });
});

describe('nobody is locked out', () => {
  it('where nothing was decided about roles yet: the configuration counts', async () => {
    const { say } = ward();
    expect((await say(ash, '!wr role list'))?.outcome).toBe('ok');
    expect((await say(cedar, '!wr role list'))?.code).toBe('not-admin');
  });

  it('by a policy that cannot be read: administrators and the configuration count, but not whom it was taken from', async () => {
    const { say, reading } = await running();
    await happened('granted', cedar, 'admin');
    await happened('granted', amsel, 'privacy-officer');
    await happened('revoked', birch, 'admin');
    reading.policy = null;
    expect((await say(ash, '!wr role list'))?.outcome).toBe('ok');
    expect((await say(cedar, '!wr role list'))?.outcome).toBe('ok');
    for (const user of [birch, amsel]) expect((await say(user, '!wr role list'))?.code).toBe('not-admin');
  });

  it('when the configuration names somebody new: they become administrators at the next start', async () => {
    const before = await running();
    await before.say(ash, `!wr role revoke ${birch} admin`);
    const { roles, say } = ward(policyOf(), [birch, cedar]);
    expect((await say(cedar, '!wr role list'))?.code).toBe('not-admin');
    await Promise.all([roles.nameAdministrators([birch, cedar]), roles.nameAdministrators([birch, cedar])]);
    expect((await say(cedar, '!wr role who admin'))?.data).toMatchObject({
      user_ids: [ash, cedar],
      held: [{ user_id: ash }, { user_id: cedar, by: 'configuration' }],
    });
    expect((await say(birch, '!wr role list'))?.code).toBe('not-admin');
  });

  it('when no identity stands any more: others whom the configuration names take over, and all begin anew', async () => {
    const before = await running();
    for (const user of [ash, birch]) before.shown.set(user, key('X'));
    await before.administrators.look();
    expect((await before.say(ash, '!wr role list'))?.code).toBe('identity-changed');
    const { roles, say, states, administrators, confirm } = ward(policyOf(), [cedar]);
    await roles.nameAdministrators([cedar]);
    for (const user of [ash, birch]) expect((await say(cedar, `!wr role revoke ${user} admin`))?.outcome).toBe('ok');
    await administrators.look();
    expect(await states()).toEqual({ [cedar]: 'seen' });
    await happened('granted', ash, 'admin');
    await administrators.look();
    expect(await confirm(ash, cedar)).toBe('confirmed');
  });
});
