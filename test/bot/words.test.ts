import { commands } from '../../src/bot/commands/index.ts';
import { fingerprint } from '../../src/bot/fingerprint.ts';
import { answerContent, notice } from '../../src/bot/render.ts';
import { findCommand, wordsOf } from '../../src/bot/words.ts';
import { eventId } from '../../src/kernel/ids.ts';

describe('a message', () => {
  it.each([
    ['!wr', []],
    ['!wr help', ['help']],
    ['  !WR  admin   list \n', ['admin', 'list']],
    ['!wr admin confirm @a:b AbCd\neFgH', ['admin', 'confirm', '@a:b', 'AbCd', 'eFgH']],
  ])('%j gives the command %j', (body, words) => {
    expect(wordsOf(body)).toEqual(words);
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
    for (const words of ['admin', 'adm list', 'listadmin', 'admin remove', 'room list'])
      expect(name(words)).toBeUndefined();
  });

  it('have names of their own, none of which begins another', () => {
    const names = commands.map(({ name }) => name);
    for (const one of names) expect(names.filter((other) => `${other} `.startsWith(`${one} `))).toEqual([one]);
  });
});

describe('an answer', () => {
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
