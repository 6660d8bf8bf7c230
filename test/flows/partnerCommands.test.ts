import { type ListedAgreement, Partners } from '../../src/flows/partners.ts';
import { Roles } from '../../src/flows/roles.ts';
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
    'TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.agreement_events, wardroom.role_events, wardroom.audit_entries CASCADE',
  );
});
afterAll(() => bench?.close());

const FENWICK =
  '!wr partner add fenwickvale.example --baa BAA-2025-77 --from 2026-01-01 --until 2026-12-31 --classes clinical,transfer';

/** Two administrators whose identities are confirmed, and a control room that hears what ends. */
async function ward(policy: Policy | null = policyOf()) {
  const clock = { at: Date.parse('2026-11-20T10:00:00Z'), now: () => clock.at };
  const told = new Map<string, string>();
  const state = { hears: true };
  const partners = new Partners({
    store,
    clock,
    policy: () => policy,
    ownServer: 'example',
    tell: async (id, text) => {
      if (state.hears) told.set(id, text);
      return state.hears;
    },
  });
  const roles = new Roles({
    store,
    clock,
    policy: () => policy,
    agreements: (read, current) => partners.agreements(read, current),
    ownServer: 'example',
    bot,
    voices: [],
  });
  const here = installation(store, { api: { partners, roles }, clock });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  /** Asked by one and confirmed by the other. */
  const both = async (words: string) => here.say(birch, `!wr confirm ${(await here.say(ash, words))?.confirm}`);
  const list = async () => (await here.say(ash, '!wr partner list'))?.data.partners as readonly ListedAgreement[];
  return { ...here, partners, clock, told, state, both, list };
}

const actions = async () =>
  (
    await bench.pool.query<{ action: string }>(
      `SELECT body->>'action' AS action FROM wardroom.audit_entries WHERE body->>'action' LIKE 'agreement.%' ORDER BY entry_id`,
    )
  ).rows.map(({ action }) => action);

describe('agreements with partners by command', () => {
  it('let somebody in only when a second person confirms, last to the end of their last day, and can be continued and revoked', async () => {
    const { say, both, list, clock } = await ward();
    const asked = await say(ash, FENWICK);
    expect([asked?.outcome, asked?.data.domain, await list()]).toEqual(['confirm', 'fenwickvale.example', []]);
    expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.code).toBe('needs-second-person');
    const added = await say(birch, `!wr confirm ${asked?.confirm}`);
    expect([added?.outcome, added?.data.domain, added?.data.state]).toEqual(['ok', 'fenwickvale.example', 'in-force']);
    expect((await say(ash, '!wr role grant @amsel:fenwickvale.example physician'))?.outcome).toBe('ok');
    clock.at = Date.parse('2027-01-01T00:00:00Z');
    expect((await list()).map(({ state }) => state)).toEqual(['ended']);
    expect((await say(ash, '!wr role grant @brandt:fenwickvale.example nurse'))?.code).toBe('not-on-file');
    await both('!wr partner renew fenwickvale.example --until 2027-12-31 --baa BAA-2027-1');
    expect((await list()).map(({ contract, from, state }) => [contract, from, state])).toEqual([
      ['BAA-2025-77', '2026-01-01', 'ended'],
      ['BAA-2027-1', '2027-01-01', 'in-force'],
    ]);
    expect((await say(ash, '!wr role grant @brandt:fenwickvale.example nurse'))?.outcome).toBe('ok');
    const revoked = await say(ash, '!wr partner revoke fenwickvale.example');
    expect([revoked?.data.domain, revoked?.data.state]).toEqual(['fenwickvale.example', 'revoked']);
    expect((await say(ash, '!wr role grant @castellan:fenwickvale.example nurse'))?.code).toBe('not-on-file');
    // What is agreed on afterwards stands.
    await both(FENWICK.replace('2026-12-31', '2027-06-30').replace('77', '78'));
    expect((await list()).at(-1)?.state).toBe('in-force');
    expect(await actions()).toEqual(['agreement.added', 'agreement.added', 'agreement.revoked', 'agreement.added']);
  });

  it.each([
    ['!wr partner add fenwickvale.example', 'bad-argument'],
    [FENWICK.replace('2026-12-31', '2026-02-30'), 'bad-argument'],
    [FENWICK.replace('2026-12-31', '2025-12-31'), 'agreement-faulty'],
    [FENWICK.replace('clinical,transfer', 'clinical,secret'), 'agreement-faulty'],
    [FENWICK.replace('clinical,transfer', 'restricted-42cfr2'), 'agreement-faulty'],
    [FENWICK.replace('fenwickvale.example', 'example'), 'own-server'],
    [FENWICK.replace('fenwickvale.example', '@amsel:fenwickvale.example'), 'bad-argument'],
    [FENWICK.replace('fenwickvale.example', 'https://fenwickvale.example'), 'bad-argument'],
    ['!wr partner renew fenwickvale.example --until 2028-01-01', 'not-on-file'],
    ['!wr partner revoke fenwickvale.example', 'not-on-file'],
  ])('are not made by %s: %s', async (words, code) => {
    const { say } = await ward();
    const answer = await say(ash, words);
    expect([answer?.outcome, answer?.code]).toEqual(['refused', code]);
    expect((await bench.pool.query('SELECT 1 FROM wardroom.agreement_events')).rowCount).toBe(0);
  });

  it('that two administrators ask for at once are made once', async () => {
    const { say, list } = await ward();
    const [first, second] = [await say(ash, FENWICK), await say(birch, FENWICK)];
    expect((await say(birch, `!wr confirm ${first?.confirm}`))?.outcome).toBe('ok');
    expect((await say(ash, `!wr confirm ${second?.confirm}`))?.code).toBe('state-changed');
    expect((await say(ash, FENWICK))?.code).toBe('on-file');
    expect(await list()).toHaveLength(1);
  });

  it('of the policy can be revoked like those that were made here', async () => {
    const agreement = {
      domain: 'tamsin.example',
      contract: 'BAA-1',
      from: '2026-01-01',
      until: '2027-01-31',
      classes: ['clinical'],
    };
    const { say, list } = await ward(policyOf({ agreements: [agreement] }));
    expect((await list()).map(({ state }) => state)).toEqual(['in-force']);
    await say(ash, '!wr partner revoke tamsin.example');
    expect((await list()).map(({ state }) => state)).toEqual(['revoked']);
  });

  it('that end are told 30, 7 and 1 days before and at their end, once each, also when the room could not be reached', async () => {
    const { both, partners, clock, told, state } = await ward();
    await both(FENWICK);
    clock.at = Date.parse('2026-11-30T12:00:00Z');
    await partners.look();
    expect(told.size).toBe(0);
    const seen: string[] = [];
    for (const day of [
      '2026-12-01',
      '2026-12-02',
      '2026-12-24',
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
    ]) {
      clock.at = Date.parse(`${day}T12:00:00Z`);
      state.hears = false;
      await partners.look();
      state.hears = true;
      told.clear();
      await Promise.all([partners.look()]);
      await partners.look();
      seen.push(`${day}: ${told.size}`);
    }
    expect(seen).toEqual([
      '2026-12-01: 1',
      '2026-12-02: 0',
      '2026-12-24: 1',
      '2026-12-30: 1',
      '2026-12-31: 0',
      '2027-01-01: 1',
      '2027-01-02: 0',
    ]);
  });

  it('that are continued under the same contract are told of again when they end', async () => {
    const { both, partners, clock, told } = await ward();
    await both(FENWICK);
    clock.at = Date.parse('2026-12-02T12:00:00Z');
    await partners.look();
    await both('!wr partner renew fenwickvale.example --until 2027-12-31');
    expect([...told.keys()]).toEqual(['wr.agreement.fenwickvale.example.2026-12-31.30']);
    clock.at = Date.parse('2027-12-02T12:00:00Z');
    await partners.look();
    expect([...told.keys()].at(-1)).toBe('wr.agreement.fenwickvale.example.2027-12-31.30');
  });

  it('are made by nobody while the policy cannot be read, and cannot be rewritten by the service', async () => {
    const { say } = await ward(null);
    expect((await say(ash, FENWICK))?.code).toBe('policy-unreadable');
    await expect(bench.pool.query('DELETE FROM wardroom.agreement_events')).rejects.toThrow('permission denied');
    await expect(bench.pool.query(`UPDATE wardroom.agreement_events SET domain = 'x'`)).rejects.toThrow(
      'permission denied',
    );
  });
});
