import type { Command } from '../../src/bot/command.ts';
import { confirm } from '../../src/bot/commands/confirm.ts';
import type { CommandAnswer, Decided } from '../../src/flows/commandsPort.ts';
import { ok } from '../../src/kernel/result.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, bot, cedar, installation, key, storeOn, type World } from './controlRig.ts';

const MIN = 60_000;

let bench: AuditBench;
let store: PostgresStore;
/** A door that commands open, and who did. */
let door: { state: string; opened: string[] };
/** Resolves the long work of a test. */
let work: PromiseWithResolvers<string>;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query(
    'TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.audit_entries CASCADE',
  );
  door = { state: 'shut', opened: [] };
  work = Promise.withResolvers();
});
afterAll(() => bench?.close());

const decided = (outcome: Decided['outcome'], code: string, more: Partial<Decided> = {}): Decided => ({
  outcome,
  code,
  data: {},
  audit: [],
  ...more,
});

const common = { takes: [], summary: 'for a test', needs: 'nothing', examples: [], needsIdentity: false } as const;
const says = (data: CommandAnswer['data']) => [`it says ${String(data.word)}`];

const opening = (name: string, secondPerson: boolean): Command => ({
  ...common,
  name,
  prepare: () =>
    ok(async () =>
      decided('confirm', 'asks', {
        data: { door: 'east', second_person: secondPerson },
        asks: { plan: { door: 'east' }, secondPerson },
      }),
    ),
  say: () => ['The door is open.'],
  confirmed: {
    show: (data) => [`The door ${String(data.door)} will be opened.`],
    basis: async () => door.state,
    apply: async (_tx, given, plan) => {
      door.opened.push(`${given.sender} ${String(plan.door)}`);
      return decided('ok', 'opened', { data: { door: plan.door } });
    },
  },
});

const long: Command = {
  ...common,
  name: 'long',
  prepare: () => ok(async () => decided('running', 'running', { data: { step: 1 } })),
  say: says,
  finish: async (data) => decided('ok', 'finished', { data: { ...data, word: await work.promise } }),
};

const commands: readonly Command[] = [opening('door', false), opening('gate', true), long, confirm];
const open = (world: World = {}) => installation(store, { commands, ...world });

const entries = async (): Promise<string[]> =>
  (
    await bench.admin.query<{ line: string }>(
      `SELECT concat_ws(' ', body->>'action', body->>'outcome', body->>'code') AS line FROM wardroom.audit_entries ORDER BY entry_id`,
    )
  ).rows.map(({ line }) => line);

const codeOf = (answer: CommandAnswer | undefined): string => {
  if (answer?.confirm === undefined) throw new Error('nothing to confirm');
  return answer.confirm;
};

describe('a command that asks first', () => {
  it('does nothing until its code is said, and then what it showed, once', async () => {
    const { say, posted } = open();
    const asked = await say(ash, '!wr door', { event: '$asked' });
    expect(asked).toMatchObject({ command: 'door', outcome: 'confirm', expires_at: '2026-11-28T10:15:00.000Z' });
    expect(door.opened).toEqual([]);
    const shown = String(posted.get('wr.answer.$asked')?.body);
    for (const part of ['The door east will be opened.', `!wr confirm ${asked?.confirm}`, '10:15 UTC'])
      expect(shown).toContain(part);
    const done = await say(ash, `!wr confirm ${codeOf(asked).toLowerCase()}`, { event: '$confirmed' });
    expect(done).toMatchObject({
      command: 'confirm',
      outcome: 'ok',
      code: 'opened',
      data: { of: 'door', door: 'east' },
    });
    expect(posted.get('wr.answer.$confirmed')?.body).toBe('The door is open.');
    expect(await say(birch, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ outcome: 'refused', code: 'code-used' });
    expect(door.opened).toEqual([`${ash} east`]);
    expect((await entries()).filter((line) => line.startsWith('command.'))).toEqual([
      'command.given ok asks',
      'command.given ok opened',
      'command.given refused code-used',
    ]);
  });

  it('answers an event that comes again with the same code, or with what was done', async () => {
    const { say } = open();
    const asked = await say(ash, '!wr door', { event: '$asked' });
    expect(await say(ash, '!wr door', { event: '$asked' })).toEqual(asked);
    const words = `!wr confirm ${codeOf(asked)}`;
    const done = await say(ash, words, { event: '$done' });
    expect(await say(ash, words, { event: '$done' })).toEqual(done);
    expect(door.opened).toHaveLength(1);
  });

  it('is still there after a restart, for who starts anew knows only the database', async () => {
    const asked = await open().say(ash, '!wr door');
    expect(await open().say(ash, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ code: 'opened' });
  });

  it('is refused when its code is none, or has expired', async () => {
    const { say, state } = open();
    const asked = await say(ash, '!wr door');
    expect(await say(ash, '!wr confirm AAAAAA')).toMatchObject({ outcome: 'refused', code: 'unknown-code' });
    expect(await say(ash, '!wr confirm')).toMatchObject({
      code: 'bad-argument',
      data: { argument: 'CODE', why: 'missing' },
    });
    state.now += 15 * MIN;
    expect(await say(ash, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ outcome: 'refused', code: 'code-expired' });
    expect(door.opened).toEqual([]);
  });

  it('is refused when something changed since it was shown', async () => {
    const { say } = open();
    const asked = await say(ash, '!wr door');
    door.state = 'ajar';
    expect(await say(ash, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ outcome: 'refused', code: 'state-changed' });
    expect(door.opened).toEqual([]);
  });

  it('is refused when whoever asked is no administrator any more, or has another identity', async () => {
    const { say, shown, administrators } = open();
    const asked = await say(ash, '!wr gate');
    const without = open({ members: [birch, cedar] });
    expect(await without.say(birch, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ code: 'asker-suspended' });
    await administrators.look();
    shown.set(ash, key('X'));
    expect(await say(birch, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ code: 'asker-suspended' });
    expect(door.opened).toEqual([]);
  });

  it('takes a signed device to confirm, whatever the site allows', async () => {
    const { say } = open({ requireCrossSigned: false });
    const asked = await say(ash, '!wr door', { signedBy: null });
    expect(await say(ash, `!wr confirm ${codeOf(asked)}`, { signedBy: null })).toMatchObject({
      code: 'unverified-device',
    });
    expect(await say(cedar, `!wr confirm ${codeOf(asked)}`)).toMatchObject({ code: 'not-admin' });
    expect(door.opened).toEqual([]);
  });
});

describe('a command that takes a second person', () => {
  it('is refused to who asked, and done for another administrator', async () => {
    const { say, posted } = open();
    const asked = await say(ash, '!wr gate', { event: '$asked' });
    expect(String(posted.get('wr.answer.$asked')?.body)).toContain('ANOTHER administrator');
    const words = `!wr confirm ${codeOf(asked)}`;
    expect(await say(ash, words)).toMatchObject({ outcome: 'refused', code: 'needs-second-person' });
    expect(door.opened).toEqual([]);
    expect(await say(birch, words)).toMatchObject({ outcome: 'ok', code: 'opened' });
    expect(door.opened).toEqual([`${birch} east`]);
  });

  it('once anybody is confirmed is refused to who is not: nobody knows who that is', async () => {
    const { say, confirm: vouch } = open({ members: [ash, birch, cedar], commands: undefined as never });
    const site = open({ members: [ash, birch, cedar] });
    await vouch(ash, birch);
    await vouch(birch, ash);
    expect(await say(ash, '!wr admin list')).toMatchObject({ outcome: 'ok' });
    const words = `!wr confirm ${codeOf(await site.say(ash, '!wr gate'))}`;
    expect(await site.say(cedar, words)).toMatchObject({ outcome: 'refused', code: 'not-confirmed' });
    expect(await site.say(birch, words)).toMatchObject({ code: 'opened' });
  });

  it('is done once when several confirm at the same time', async () => {
    const { say } = open({ members: [ash, birch, cedar] });
    const words = `!wr confirm ${codeOf(await say(ash, '!wr gate'))}`;
    const answers = await Promise.all([birch, cedar, birch, cedar].map((who) => say(who, words)));
    expect(answers.map((one) => one?.code).sort()).toEqual(['code-used', 'code-used', 'code-used', 'opened']);
    expect(door.opened).toHaveLength(1);
  });
});

describe('long work', () => {
  it('is shown as running, and what it came to in the same message', async () => {
    const { say, posted } = open({ patienceMs: 0 });
    const saying = say(ash, '!wr long', { event: '$long' });
    const shown = async () => posted.get('wr.answer.$long') ?? null;
    while ((await shown()) === null) await new Promise((resolve) => setImmediate(resolve));
    expect((await shown())?.['org.wardroom.answer']).toEqual({
      command: 'long',
      outcome: 'running',
      code: 'running',
      data: {},
    });
    work.resolve('hello');
    await saying;
    const edit = posted.get('wr.answer.$long.final');
    expect(edit).toMatchObject({
      body: '* it says hello',
      'm.relates_to': { rel_type: 'm.replace', event_id: '$wr.answer.$long' },
      'm.new_content': {
        body: 'it says hello',
        'org.wardroom.answer': { command: 'long', outcome: 'ok', code: 'finished', data: { step: 1, word: 'hello' } },
      },
    });
    expect(await entries()).toEqual(
      expect.arrayContaining(['command.given ok running', 'command.finished ok finished']),
    );
  });

  it('that is quick is answered in one message', async () => {
    const { say, posted } = open({ patienceMs: 60_000 });
    work.resolve('at once');
    expect(await say(ash, '!wr long')).toMatchObject({ outcome: 'ok', data: { word: 'at once' } });
    expect(posted.size).toBe(1);
  });

  it('that Wardroom died over is done again and ends in the message that was shown', async () => {
    const first = open({ patienceMs: 0 });
    first.say(ash, '!wr long', { event: '$long' }).catch(() => undefined);
    while (!first.posted.has('wr.answer.$long')) await new Promise((resolve) => setImmediate(resolve));
    // The first never gets there; another process takes the event up.
    const second = open({ patienceMs: 60_000 });
    const abandoned = work;
    work = Promise.withResolvers();
    work.resolve('again');
    await second.say(ash, '!wr long', { event: '$long' });
    expect([...second.posted.keys()]).toEqual(['wr.answer.$long', 'wr.answer.$long.final']);
    expect(second.posted.get('wr.answer.$long.final')?.body).toBe('* it says again');
    // What it kept stands, also when the first wakes up.
    abandoned.resolve('late');
    const third = open();
    await third.say(ash, '!wr long', { event: '$long' });
    expect(third.posted.get('wr.answer.$long.final')?.body).toBe('* it says again');
  });

  it('that fails is answered as failed, and operators learn why', async () => {
    const { say, alarms } = open({ patienceMs: 60_000 });
    work.reject(new Error('no'));
    expect(await say(ash, '!wr long')).toEqual({ command: 'long', outcome: 'failed', code: 'work-failed', data: {} });
    expect(alarms).toEqual(['work-failed']);
    expect(await entries()).toContain('command.finished failed work-failed');
  });
});

describe('a message in the control room', () => {
  it('that begins with a mention of the bot is a command, however the client writes it', async () => {
    const { say } = installation(store);
    const mentions = [bot];
    const link = `[Wardroom](https://matrix.to/#/${encodeURIComponent(bot)})`;
    for (const body of [
      'Wardroom: help',
      'wardroom help',
      '@Wardroom, help',
      `${link} help`,
      `${link}: help`,
      `${bot}: help`,
    ])
      expect({ body, code: (await say(ash, body, { mentions }))?.code }).toEqual({ body, code: 'help' });
    for (const body of [
      'Wardroom: help',
      'I asked Wardroom: help',
      'Wardrooms help',
      `[x](https://matrix.to/#/${ash}) help`,
    ])
      expect(await say(ash, body)).toBeUndefined();
  });

  it('that cannot be meant is answered with what may have been meant, and never with what was typed', async () => {
    const { say } = installation(store);
    expect(await say(ash, '!wr admn list')).toMatchObject({
      code: 'unknown-command',
      data: { did_you_mean: ['!wr admin list'] },
    });
    expect(await say(ash, '!wr hlep')).toMatchObject({ data: { did_you_mean: ['!wr help'] } });
    expect(await say(ash, '!wr admin')).toMatchObject({
      data: { did_you_mean: ['!wr admin list', '!wr admin confirm'] },
    });
    expect(await say(ash, '!wr help admin confrm')).toMatchObject({
      code: 'bad-argument',
      data: { did_you_mean: ['admin confirm'] },
    });
    expect(await say(ash, '!wr xyzzy')).toMatchObject({ code: 'unknown-command', data: {} });
  });

  it.each([
    ['very long', 'x'.repeat(60_000), 'too-long'],
    ['a control character', 'admin list \u0007', 'hidden'],
    ['text turned around', 'admin\u202e list', 'hidden'],
    ['a mark that changes the direction', 'admin\u200f list', 'hidden'],
    ['a thousand words', 'help '.repeat(900), undefined],
    ['markup', 'help <img src=x onerror=alert(1)>', undefined],
    ['a name of the language', 'help __proto__ constructor', undefined],
    ['options that there are not', 'help --constructor=1 --__proto__ x', undefined],
    ['quotes that do not close', 'help "admin', undefined],
  ])('that is hostile (%s) is refused, and nothing of it comes back', async (_what, words, why) => {
    const { say, posted } = installation(store);
    const answer = await say(ash, `!wr ${words}`);
    expect(answer).toMatchObject({ outcome: 'refused', code: 'bad-argument' });
    expect(answer?.data.why).toBe(why);
    const [content] = [...posted.values()];
    expect(JSON.stringify(content).length).toBeLessThan(2_000);
    expect(JSON.stringify(content)).not.toMatch(/xxxx|onerror|__proto__|\u202e|\u0007/);
  });
});
