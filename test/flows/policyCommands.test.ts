import { Policies } from '../../src/flows/policies.ts';
import type { Policy } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, cedar, installation, policyOf, storeOn } from './controlRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query(
    'TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.policy_versions, wardroom.audit_entries CASCADE',
  );
});
afterAll(() => bench?.close());

/** Two administrators whose identities are confirmed; the policy of the files was taken over. */
async function ward(file: Policy | null = policyOf()) {
  const clock = { at: Date.parse('2026-11-28T10:00:00Z'), now: () => clock.at };
  const policies = new Policies({ store, clock, file, preview: () => [] });
  await policies.importFirst();
  const here = installation(store, { api: { policies }, clock, members: [ash, birch, cedar] });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  const recall = async () => (await here.say(ash, '!wr policy show classes.clinical.recall'))?.data.value;
  return { ...here, policies, clock, recall };
}

const audited = async () =>
  (
    await bench.pool.query<{ action: string }>(
      `SELECT body->>'action' AS action FROM wardroom.audit_entries WHERE body->>'action' LIKE 'policy.%' ORDER BY entry_id`,
    )
  ).rows.length;

describe('the policy by command', () => {
  it('says what is wrong with a change, and nothing of what was typed beyond what there is', async () => {
    const { say } = await ward();
    const faults = async (words: string) => (await say(ash, words))?.data.faults;
    expect(await faults('!wr policy set classes.clinical.recall soon')).toMatchObject([
      { path: 'classes.clinical.recall' },
    ]);
    expect(await faults('!wr policy set classes.maren-ziegelow.recall 1m')).toEqual([
      { path: 'classes', what: 'unknown key' },
    ]);
  });

  it('is taken over from the files once, shown, changed, and changed back as a new version', async () => {
    const { say, recall, policies } = await ward();
    const before = await recall();
    const asked = await say(ash, '!wr policy set classes.clinical.recall 1m');
    expect([asked?.outcome, asked?.data]).toMatchObject([
      'confirm',
      { version: 1, differences: [{ path: 'classes.clinical.recall', before, after: '1m' }], corrections: [] },
    ]);
    expect(await recall()).toBe(before);
    const confirmed = await say(asked?.data.second_person ? birch : ash, `!wr confirm ${asked?.confirm}`);
    expect([confirmed?.outcome, confirmed?.data.version]).toEqual(['ok', 2]);
    await policies.refresh();
    expect(policies.current()?.classes.clinical?.recall).toBe('1m');
    const back = await say(ash, '!wr policy rollback 1');
    await say(back?.data.second_person ? birch : ash, `!wr confirm ${back?.confirm}`);
    expect(await recall()).toBe(before);
    const history = (await say(ash, '!wr policy history'))?.data.versions as { version: number; change: unknown }[];
    expect(history.map(({ version, change }) => [version, change])).toEqual([
      [3, { kind: 'rollback', to: 1 }],
      [2, { kind: 'set', path: 'classes.clinical.recall' }],
      [1, { kind: 'import' }],
    ]);
    expect(await audited()).toBe(3);
  });

  it('is weakened only by two people, and says what is weakened', async () => {
    const { say, recall } = await ward();
    const asked = await say(ash, '!wr policy set classes.restricted-42cfr2.roles [psychiatry, billing-clerk]');
    expect(asked?.code).toBe('policy-faulty');
    const wider = await say(ash, '!wr policy set classes.billing.roles [billing, manager]');
    expect([wider?.code, wider?.data.second_person]).toEqual(['weakens-protection', true]);
    expect(wider?.data.weakens).toMatchObject([{ path: expect.stringContaining('classes.billing.roles') }]);
    expect((await say(ash, `!wr confirm ${wider?.confirm}`))?.code).toBe('needs-second-person');
    expect((await say(birch, `!wr confirm ${wider?.confirm}`))?.outcome).toBe('ok');
    expect((await say(birch, `!wr confirm ${wider?.confirm}`))?.code).toBe('code-used');
    expect(await recall()).toBe(policyOf().classes.clinical?.recall);
  });

  it.each([
    ['!wr policy set classes.clinical.recal 1m', 'policy-faulty'],
    ['!wr policy set nothing.at.all 1', 'policy-faulty'],
    ['!wr policy set __proto__.polluted 1', 'policy-faulty'],
    ['!wr policy set classes.clinical.recall soon', 'policy-faulty'],
    ['!wr policy set classes.patient-text.federation agreement', 'policy-faulty'],
    ['!wr policy set classes.clinical.recall', 'bad-argument'],
    ['!wr policy show classes.constructor', 'bad-argument'],
    ['!wr policy rollback 1', 'nothing-changes'],
    ['!wr policy rollback 7', 'no-such-version'],
    ['!wr policy rollback latest', 'bad-argument'],
    ['!wr policy diff 9', 'no-such-version'],
  ])('is not changed by %s: %s', async (words, code) => {
    const { say } = await ward();
    const answer = await say(ash, words);
    expect([answer?.outcome, answer?.code]).toEqual(['refused', code]);
    expect((await bench.pool.query('SELECT 1 FROM wardroom.policy_versions')).rowCount).toBe(1);
  });

  it('is changed by one of two who confirm at once, and the other is told that something changed', async () => {
    const { say } = await ward();
    const first = await say(ash, '!wr policy set classes.clinical.recall 1m');
    const second = await say(birch, '!wr policy set classes.clinical.recall 2m');
    const codes = [
      await say(first?.data.second_person ? birch : ash, `!wr confirm ${first?.confirm}`),
      await say(second?.data.second_person ? ash : birch, `!wr confirm ${second?.confirm}`),
    ].map((answer) => answer?.code);
    expect(codes).toEqual(['changed', 'state-changed']);
    expect((await bench.pool.query('SELECT 1 FROM wardroom.policy_versions')).rowCount).toBe(2);
  });

  it('that differs from the file is said to, and the file is never applied', async () => {
    const { say } = await ward();
    expect((await say(ash, '!wr policy diff'))?.code).toBe('same');
    const edited = new Policies({
      preview: () => [],
      store,
      clock: { now: () => 0 },
      file: policyOf({ classes: { clinical: { recall: '3m' } } }),
    });
    await edited.importFirst();
    expect([edited.differsFromFile(), edited.current()?.classes.clinical?.recall]).toEqual([
      true,
      policyOf().classes.clinical?.recall,
    ]);
  });

  it('that this program cannot read leaves what held in force, and is not changed', async () => {
    const { say, policies } = await ward();
    await bench.admin.query(
      `INSERT INTO wardroom.policy_versions (version, policy, change, made_by, made_at) VALUES (2, '{"from": "the future"}', '{"kind": "import"}', 'x', now())`,
    );
    await policies.refresh();
    expect(policies.current()).toEqual(policyOf());
    expect((await say(ash, '!wr policy set classes.clinical.recall 1m'))?.code).toBe('policy-unreadable');
    // A start finds nothing that holds: nothing is allowed.
    const fresh = new Policies({ store, clock: { now: () => 0 }, file: policyOf(), preview: () => [] });
    await fresh.importFirst();
    expect(fresh.current()).toBeNull();
  });

  it('of files that cannot be read is not taken over', async () => {
    const { policies } = await ward(null);
    expect(policies.current()).toBeNull();
    expect((await bench.pool.query('SELECT 1 FROM wardroom.policy_versions')).rowCount).toBe(0);
  });

  it('is taken over once by two processes that start together', async () => {
    const clock = { now: () => 0 };
    await Promise.all(
      [1, 2, 3].map(() => new Policies({ store, clock, file: policyOf(), preview: () => [] }).importFirst()),
    );
    expect((await bench.pool.query('SELECT 1 FROM wardroom.policy_versions')).rowCount).toBe(1);
  });

  it('cannot be rewritten by the service', async () => {
    await ward();
    await expect(bench.pool.query(`UPDATE wardroom.policy_versions SET made_by = 'x'`)).rejects.toThrow(
      'permission denied',
    );
    await expect(bench.pool.query('DELETE FROM wardroom.policy_versions')).rejects.toThrow('permission denied');
  });
});
