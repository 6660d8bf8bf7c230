import type pg from 'pg';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, cedar, key, installation as onStore, storeOn, type World } from './controlRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query('TRUNCATE wardroom.administrators, wardroom.command_answers');
});
afterAll(() => bench?.close());

const installation = (world: World = {}) => onStore(store, world);

const actions = async (pool: pg.Pool): Promise<string[]> =>
  (
    await pool.query<{ action: string }>(
      `SELECT body->>'action' AS action FROM wardroom.audit_entries ORDER BY entry_id`,
    )
  ).rows.map(({ action }) => action);

describe('administrators’ identities', () => {
  it('are pinned at first sight and told once, though looked at again and again', async () => {
    const { administrators, told, states } = installation();
    await Promise.all([administrators.look(), administrators.look()]);
    await administrators.look();
    expect(await states()).toEqual({ [ash]: 'seen', [birch]: 'seen' });
    expect(told.map(({ userId: user }) => user)).toEqual([ash, birch]);
  });

  it('are told later when the room cannot be reached, or nobody is there who could read it', async () => {
    const { administrators, told, state } = installation();
    state.roomAnswers = false;
    await administrators.look();
    Object.assign(state, { roomAnswers: true, readers: false });
    await administrators.look();
    expect(told).toEqual([]);
    state.readers = true;
    await administrators.look();
    expect(told).toHaveLength(2);
  });

  it('that nobody shows are not pinned', async () => {
    const { administrators, shown, states, say } = installation();
    shown.delete(birch);
    await administrators.look();
    expect(await states()).toEqual({ [ash]: 'seen' });
    expect((await say(birch, '!wr help'))?.code).toBe('unverified-device');
    expect((await say(ash, `!wr admin confirm ${birch} ${key('B')}`))?.data).toEqual({ argument: 'USER' });
  });

  it('that are not shown for a while stay as they are', async () => {
    const { administrators, shown, states, confirm, alarms } = installation();
    await confirm(ash, birch);
    shown.clear();
    await administrators.look();
    expect(await states()).toMatchObject({ [birch]: 'confirmed' });
    expect(alarms).toEqual([]);
  });

  it('once somebody is confirmed, are confirmed only by who is', async () => {
    const { confirm, states } = installation({ members: [ash, birch, cedar] });
    expect(await confirm(ash, birch)).toBe('confirmed');
    expect(await confirm(ash, cedar)).toBe('not-confirmed');
    expect(await confirm(cedar, ash)).toBe('not-confirmed');
    expect(await confirm(birch, ash)).toBe('confirmed');
    expect(await confirm(ash, cedar)).toBe('confirmed');
    expect(await states()).toEqual({ [ash]: 'confirmed', [birch]: 'confirmed', [cedar]: 'confirmed' });
  });

  it('that change are suspended, alarmed and told once; going back does not mend it', async () => {
    const { administrators, shown, states, told, alarms, confirm, say } = installation();
    await confirm(ash, birch);
    await confirm(birch, ash);
    told.splice(0);
    shown.set(birch, key('X'));
    await administrators.look();
    await administrators.look();
    expect(alarms).toEqual(['admin-identity-changed']);
    expect(told).toMatchObject([{ userId: birch, masterKey: key('X'), previousKey: key('B'), state: 'changed' }]);
    shown.set(birch, key('B'));
    await administrators.look();
    expect(await states()).toEqual({ [ash]: 'confirmed', [birch]: 'changed' });
    expect((await say(birch, '!wr admin list'))?.code).toBe('identity-changed');
    expect(await confirm(ash, birch)).toBe('confirmed');
    expect((await say(birch, '!wr admin list'))?.outcome).toBe('ok');
  });

  it('that all change at once approve nobody, and neither does who was only seen', async () => {
    const { shown, states, confirm } = installation({ members: [ash, birch, cedar] });
    await confirm(ash, birch);
    await confirm(birch, ash);
    shown.set(ash, key('X'));
    shown.set(birch, key('Y'));
    expect(await confirm(ash, birch)).toBe('identity-changed');
    expect(await confirm(birch, ash)).toBe('identity-changed');
    expect(await confirm(cedar, ash)).toBe('not-confirmed');
    expect(await states()).toMatchObject({ [ash]: 'changed', [birch]: 'changed' });
  });

  it('are forgotten when their owner is taken out of the configuration, so that a site without any that stands begins anew', async () => {
    const first = installation();
    await first.confirm(ash, birch);
    await first.confirm(birch, ash);
    await installation({ members: [cedar] }).administrators.look();
    const second = installation();
    await second.administrators.look();
    expect(await second.states()).toEqual({ [ash]: 'seen', [birch]: 'seen' });
    expect(await second.confirm(ash, birch)).toBe('confirmed');
    expect(await actions(bench.admin)).toContain('admin.removed');
  });
});

describe('a command', () => {
  it('that comes again gets the same answer, and is done once', async () => {
    const { shown, say, states, posted } = installation();
    const words = `!wr admin confirm ${birch} ${key('B')}`;
    const first = await say(ash, words, { event: '$same' });
    const [content] = [...posted.values()];
    const before = (await actions(bench.admin)).length;
    shown.set(birch, key('X'));
    expect(await say(ash, words, { event: '$same' })).toEqual(first);
    expect([...posted.values()]).toEqual([content]);
    expect(await actions(bench.admin)).toHaveLength(before);
    expect(await states()).toMatchObject({ [birch]: 'confirmed' });
  });

  it('is kept back while its answer cannot be posted, though it is done', async () => {
    const { say, state, states } = installation();
    state.roomAnswers = false;
    const words = `!wr admin confirm ${birch} ${key('B')}`;
    await expect(say(ash, words, { event: '$kept' })).rejects.toThrow('answer-not-posted');
    expect(await states()).toMatchObject({ [birch]: 'confirmed' });
    state.roomAnswers = true;
    expect((await say(ash, words, { event: '$kept' }))?.code).toBe('confirmed');
  });

  it('counts only in the control room', async () => {
    const { say, posted } = installation();
    expect(await say(ash, '!wr help', { room: '!elsewhere:example' })).toBeUndefined();
    expect(posted.size).toBe(0);
  });

  it('is refused when the identity that signs the device is not the pinned one, whatever the homeserver shows', async () => {
    const { administrators, say } = installation();
    await administrators.look();
    expect((await say(ash, '!wr help', { signedBy: key('Z') }))?.code).toBe('identity-changed');
    expect((await say(ash, '!wr help', { signedBy: null }))?.code).toBe('unverified-device');
    expect((await say(ash, '!wr help'))?.code).toBe('help');
  });

  it('from an unsigned device counts where the site allows it, except for confirming somebody', async () => {
    const { administrators, say } = installation({ requireCrossSigned: false });
    await administrators.look();
    expect((await say(ash, '!wr admin list', { signedBy: null }))?.outcome).toBe('ok');
    const words = `!wr admin confirm ${birch} ${key('B')}`;
    expect((await say(ash, words, { signedBy: null }))?.code).toBe('unverified-device');
    expect((await say(ash, words))?.code).toBe('confirmed');
  });

  it('and what it did stand in one transaction: a failure leaves neither', async () => {
    const { say, states } = installation();
    await bench.admin.query("ALTER TABLE wardroom.command_answers ADD CONSTRAINT broken CHECK (event_id <> '$broken')");
    const words = `!wr admin confirm ${birch} ${key('B')}`;
    await expect(say(ash, words, { event: '$broken' })).rejects.toThrow();
    expect(await states()).toMatchObject({ [birch]: 'seen' });
    await bench.admin.query('ALTER TABLE wardroom.command_answers DROP CONSTRAINT broken');
    expect((await say(ash, words, { event: '$broken' }))?.code).toBe('confirmed');
  });
});
