import fc from 'fast-check';
import { readArguments, usageOf } from '../../src/bot/arguments.ts';
import type { BotApi } from '../../src/bot/command.ts';
import { commands } from '../../src/bot/commands/index.ts';
import { fingerprint } from '../../src/bot/fingerprint.ts';
import { withUserIds } from '../../src/bot/pills.ts';
import { answerContent, editContent, notice } from '../../src/bot/render.ts';
import { userNamed } from '../../src/bot/users.ts';
import { findCommand, tokensOf, wordsOf } from '../../src/bot/words.ts';
import { accountId, eventId } from '../../src/kernel/ids.ts';

describe('a message', () => {
  it.each([
    ['!wr', []],
    ['!wr help', ['help']],
    ['  !WR  admin   list \n', ['admin', 'list']],
    ['!wr admin confirm @a:b AbCd\neFgH', ['admin', 'confirm', '@a:b', 'AbCd', 'eFgH']],
    ['!wr note \u201ctwo words\u201d \u2018one\u2019 O\u2019Brien', ['note', 'two words', 'one', "O'Brien"]],
    ['!wr set\u00a0x 2026\u201312\u201324', ['set', 'x', '2026-12-24']],
  ])('%j gives the command %j', (body, words) => {
    expect(tokensOf(wordsOf(body) ?? 'no command').map(({ text }) => text)).toEqual(words);
  });

  it.each(['', 'wr help', 'please !wr help', '!wrhelp', '!write', '!ack', '> !wr help'])('%j gives none', (body) => {
    expect(wordsOf(body)).toBeNull();
  });
});

describe('the commands', () => {
  it('are found by their whole name, in any case; nothing is guessed', () => {
    const name = (text: string) => findCommand(commands, text.split(' ').filter(Boolean))?.command.name;
    expect(name('')).toBe('help');
    expect(name('Admin LIST')).toBe('admin list');
    for (const words of ['admin', 'adm list', 'listadmin', 'admin remove', 'no such'])
      expect(name(words)).toBeUndefined();
  });

  it('have names of their own, by which each is found, also where one begins another', () => {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const one of names) expect(findCommand(commands, one.split(' '))?.command.name).toBe(one);
  });
});

describe('a person in a command', () => {
  const fenn = '@fenn:larkmoor.example';
  const pill = (name: string, user = fenn) => `<a href="https://matrix.to/#/${encodeURIComponent(user)}">${name}</a>`;

  it.each([
    ['a pill', '!wr admin confirm Dr. Fenn AbCd', `!wr admin confirm ${pill('Dr. Fenn')} AbCd`],
    ['a pill of a name that other words hold', '!wr admin confirm a AbCd', `!wr admin confirm ${pill('a')} AbCd`],
    ['a pill of the name of a command', '!wr admin confirm admin AbCd', `!wr admin confirm ${pill('admin')} AbCd`],
    [
      'a pill of a name with marks',
      '!wr admin confirm <A & B> AbCd',
      `!wr admin confirm ${pill('&lt;A &amp; B&gt;')} AbCd`,
    ],
    ['a link', `!wr admin confirm https://matrix.to/#/${fenn} AbCd`, null],
    [
      'a link with a name',
      `!wr admin confirm [Dr. Fenn](https://matrix.to/#/${encodeURIComponent(fenn)}?via=x) AbCd`,
      null,
    ],
    ['an id', `!wr admin confirm ${fenn} AbCd`, '!wr admin confirm <b>x</b> AbCd'],
  ])('may be %s', (_what, body, html) => {
    const words = tokensOf(wordsOf(withUserIds(body, html)) ?? '').map(({ text }) => text);
    expect(words).toHaveLength(4);
    expect(userNamed(words[2] ?? '')).toEqual({ ok: true, value: fenn });
  });

  it.each([
    ['!wr x', pill('x', 'https://evil.example')],
    ['!wr x', '<a href="https://evil.example/#/@a:b">x</a>'],
    ['!wr x', pill(' ')],
    ['!wr x', `<mx-reply>${pill('x')}</mx-reply>x`],
    ['!wr x', pill('nobody')],
    ['!wr x', '<a href="'.repeat(5_000)],
  ])('is not made of HTML that names nobody in the text', (body, html) => {
    expect(withUserIds(body, html)).toBe(body);
  });

  it.each(['fenn', '@fenn', 'https://matrix.to/#/!room:x', 'https://matrix.to/#/%', '@:x', '@a:b c'])(
    'is not %s',
    (typed) => {
      expect(userNamed(typed)).toEqual({ ok: false, error: { argument: 'USER' } });
    },
  );
});

describe('every command', () => {
  it('reads whatever is typed without failing, and a refusal repeats nothing of it', () => {
    const accounts = () => [accountId('LARK-CARD')];
    const schedules = { rolesOf: () => ['oncall'], personNamed: () => null, people: () => ['dr.fenn'] };
    // Whatever else commands ask before anything is done knows nothing.
    const nothing: object = new Proxy(() => [], { get: () => nothing });
    const api = new Proxy(
      { accounts, schedules },
      { get: (known, name) => Reflect.get(known, name) ?? nothing },
    ) as unknown as BotApi;
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        'LARK-CARD',
        'oncall',
        '--until',
        '\u2014reason',
        '"',
        '\u201c',
        '--days=',
        "'",
        '--tier',
        '2026-12-01',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...commands), fc.array(word, { maxLength: 9 }), (command, words) => {
        const text = `${command.name} CNRY-7 ${words.join(' ')}`;
        const read = readArguments(command, tokensOf(text).slice(command.name.split(' ').length), text);
        const prepared = read.ok ? command.prepare(read.value, api) : read;
        if (!prepared.ok) expect(JSON.stringify(prepared.error)).not.toContain('CNRY-7');
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    '%s says what it does and needs, and its examples are understood',
    (_name, command) => {
      expect(command.summary).toMatch(/^[a-z]/);
      expect(command.needs.length).toBeGreaterThan(5);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const { say } of command.examples) {
        const tokens = tokensOf(say);
        const found = findCommand(
          commands,
          tokens.map(({ text }) => text),
        );
        expect(found?.command.name).toBe(command.name);
        expect(readArguments(command, tokens.slice(found?.named), say)).toMatchObject({ ok: true });
      }
    },
  );
});

describe('arguments', () => {
  const syntax = {
    takes: ['ACCOUNT', '[PERSON]'],
    options: { until: 'TIME', reason: 'TEXT', tier: ['primary', 'backup'], 'dry-run': true, room: 'ROOM...' },
  } as const;
  const read = (text: string, takes: readonly string[] = syntax.takes) =>
    readArguments({ ...syntax, takes }, tokensOf(text), text);
  const good = (text: string, takes?: readonly string[]) => {
    const found = read(text, takes);
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    return found.value;
  };

  it.each([
    'A --until 2026-12-01T07:00 --reason ill today --tier backup p.one',
    'A p.one --tier=Backup --reason "ill today" --until=2026-12-01T07:00',
    'A \u2014until 2026\u201112\u201101T07:00 p.one \u2013\u2013tier backup \u2014reason \u201cill today\u201d',
    "A -tier backup -until 2026-12-01T07:00 --reason='ill today' p.one",
  ])('are read however a phone writes them: %j', (text) => {
    const found = good(text);
    expect([found.word('ACCOUNT'), found.maybe('PERSON')]).toEqual(['A', 'p.one']);
    expect(['until', 'tier', 'reason'].map((name) => found.option(name))).toEqual([
      '2026-12-01T07:00',
      'backup',
      'ill today',
    ]);
  });

  it('of an option that takes text go on until the next option', () => {
    const found = good('A --reason flu in the house --dry-run');
    expect(found.option('reason')).toBe('flu in the house');
    expect(found.has('dry-run')).toBe(true);
    expect(found.has('tier')).toBe(false);
  });

  it('of an option that may be given several times are all there, of another the last counts', () => {
    const found = good('A --room 4 West 2 --tier primary --room "Consult 12, Consult 14" --tier backup');
    expect(found.options('room')).toEqual(['4 West 2', 'Consult 12, Consult 14']);
    expect([found.options('tier'), found.option('tier'), found.options('until')]).toEqual([['backup'], 'backup', []]);
    expect(read('A --room --tier backup')).toEqual({ ok: false, error: { argument: '--room', why: 'missing' } });
    expect(usageOf(syntax)).toContain('[--room ROOM ...]');
  });

  it('that are text are taken as they were written', () => {
    expect(good('A Say \u201chello\u201d --now,  please', ['ACCOUNT', 'TEXT...']).word('TEXT')).toBe(
      'Say \u201chello\u201d --now,  please',
    );
    expect(good('A "one quoted text"', ['ACCOUNT', 'TEXT...']).word('TEXT')).toBe('one quoted text');
  });

  it.each([
    ['', { argument: 'ACCOUNT', why: 'missing' }],
    ['A b c', { argument: 'nothing more', why: 'too-many' }],
    ['A --tier bakup', { argument: '--tier', did_you_mean: ['backup'], known: ['primary', 'backup'] }],
    ['A --untl x', { argument: 'OPTION', did_you_mean: ['--until'] }],
    ['A --until', { argument: '--until', why: 'missing' }],
    ['A --until --dry-run', { argument: '--until', why: 'missing' }],
    [`A ${'b'.repeat(301)}`, { argument: 'PERSON', why: 'too-long' }],
    ['""', { argument: 'ACCOUNT', why: 'missing' }],
  ])('that do not fit are refused: %.40j', (text, error) => {
    expect(read(text)).toEqual({ ok: false, error });
  });

  it('that begin with a hyphen and are no option are words', () => {
    expect(good('-x p.one').word('ACCOUNT')).toBe('-x');
  });
});

describe('an answer', () => {
  it('shows tables, aligned where there is no HTML, with whatever is in them as text', () => {
    const { body, formatted_body: html } = notice([
      'Now & then:',
      {
        head: ['Who', 'What'],
        rows: [
          ['@<b>a</b>:x', '`!wr help`'],
          ['b', 'two\nlines \u202eturned'],
        ],
      },
      'The end.',
    ]);
    expect(body).toBe(
      [
        'Now & then:',
        'Who          What',
        '-----------  -----------------',
        '@<b>a</b>:x  !wr help',
        'b            two lines \ufffdturned',
        'The end.',
      ].join('\n'),
    );
    expect(html).toBe(
      'Now &#38; then:<table><thead><tr><th>Who</th><th>What</th></tr></thead><tbody>' +
        '<tr><td>@&#60;b&#62;a&#60;/b&#62;:x</td><td><code>!wr help</code></td></tr>' +
        '<tr><td>b</td><td>two lines \ufffdturned</td></tr></tbody></table>The end.',
    );
  });

  it.each([
    ['many rows', Array.from({ length: 5_000 }, (_, index) => [`row ${index}`, '<&>'.repeat(20)])],
    [
      'a cell that makes its column wide',
      Array.from({ length: 60 }, (_, index) => ['x'.repeat(index ? 1 : 900), 'é'.repeat(9)]),
    ],
  ])('never outgrows a message, nor does its edit: %s', (_what, rows) => {
    const data = { rows: rows.slice(0, 100) };
    const answer = { command: 'x', outcome: 'ok', code: 'x', data } as const;
    const called = { call: '!wr x', say: () => [{ head: ['a', 'b'], rows }] };
    for (const content of [
      answerContent(answer, called, { event: eventId('$a'), thread: null }).reveal(),
      editContent(answer, called, eventId('$a')).reveal(),
    ])
      expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(48_000);
  });

  it('says what it left out, to people and to programs', () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => [`row ${index}`]);
    const answer = { command: 'x', outcome: 'ok', code: 'x', data: { rows } } as const;
    const called = { call: '!wr x', say: () => [{ head: ['a'], rows }] };
    const content = answerContent(answer, called, { event: eventId('$a'), thread: null }).reveal();
    expect(String(content.body)).toMatch(/[0-9]+ more lines did not fit\.$/);
    expect(content['org.wardroom.answer']).toMatchObject({ code: 'x', data: { truncated: true } });
    expect(editContent({ ...answer, data: {} }, called, eventId('$a')).reveal()).toMatchObject({
      'm.new_content': { 'org.wardroom.answer': { code: 'x', data: {} } },
      'org.wardroom.answer': { code: 'x' },
    });
  });

  it('shows what somebody else chose as text, never as tags', () => {
    const { formatted_body: html, body } = notice(['@<img src=x>&"\':b says `code <b>` and ` alone']);
    expect(html).toBe('@&#60;img src=x&#62;&#38;&#34;&#39;:b says <code>code &#60;b&#62;</code> and ` alone');
    expect(body).toContain('<img src=x>');
  });

  it('replies to the command, in its thread', () => {
    const answer = { command: 'help', outcome: 'refused', code: 'not-admin', data: {} } as const;
    const to = { event: eventId('$asked'), thread: eventId('$root') };
    expect(answerContent(answer, null, to).reveal()).toMatchObject({
      msgtype: 'm.notice',
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: '$root',
        is_falling_back: false,
        'm.in_reply_to': { event_id: '$asked' },
      },
      'm.mentions': {},
      'org.wardroom.answer': answer,
    });
  });

  it('shows fingerprints in groups of four', () => {
    expect(fingerprint('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
    expect(fingerprint('ABCDEFGH')).toBe('ABCD EFGH');
  });
});
