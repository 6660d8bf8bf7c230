import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isReservedWord, readKeyword, reservedWords } from '../../src/consent/index.ts';

const lines = (name: string): readonly string[] =>
  readFileSync(new URL(`../fixtures/consent/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));

const stops = lines('stops.txt').map((line): readonly [text: string, keyword: string] => {
  const [keyword = '', text = ''] = line.split('\t');
  return [text.replaceAll('\\n', '\n'), keyword];
});
const ordinary = lines('ordinary.txt');

describe('a wish for no more texts', () => {
  it('has enough wordings to be tried', () => {
    expect(stops.length).toBeGreaterThan(400);
    expect(ordinary.length).toBeGreaterThan(390);
  });

  it.each(stops)('is heard in: %s', (text, keyword) => {
    expect(readKeyword(text)?.keyword).toBe(keyword);
  });

  it('is heard however the word is dressed', () => {
    const dress = fc.constantFrom(
      '',
      ' ',
      '.',
      '!',
      '\u200B',
      '\u200D',
      '\uFEFF',
      '\u00AD',
      '🙏',
      '*',
      '_',
      '\n',
      '"',
      '’',
      '\uFE0F',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(
          'STOP',
          'Stop',
          'sToP',
          'unsubscribe',
          'STOPALL',
          'opt out',
          'revoke',
          'quit',
          'Cancel',
          'END',
          'ALTO',
          'стоп',
          'ARRÊT',
        ),
        fc.array(dress, { maxLength: 6 }),
        fc.array(dress, { maxLength: 6 }),
        (word, before, after) => readKeyword(before.join('') + word + after.join(''))?.keyword === 'stop',
      ),
      { numRuns: 2000 },
    );
  });

  it('is heard between letters that nobody sees', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\u200B', '\u2060', '\u034F', '\uFE0F', '\u00AD'), { minLength: 3, maxLength: 3 }),
        ([a, b, c]) => {
          return readKeyword(`S${a}T${b}O${c}P`)?.keyword === 'stop';
        },
      ),
    );
  });

  it('wins over every other word of the same text', () => {
    for (const other of ['START', 'HELP', 'YES', 'INFO', 'ok', 'please', 'thanks', 'UNSTOP'])
      for (const text of [`${other} STOP`, `STOP ${other}`, `${other}\nSTOP`, `STOP, ${other}`])
        expect([text, readKeyword(text)?.keyword.startsWith('stop')]).toEqual([text, true]);
  });

  it('says of a wrong number that it is one: another person has that telephone', () => {
    for (const text of [
      'Wrong number',
      'wrong #',
      'You have the wrong person',
      'número equivocado',
      '打错了',
      'Вы ошиблись номером',
      "I'm not Karen",
    ])
      expect([text, readKeyword(text)]).toEqual([text, { keyword: 'stop-phrase', means: 'wrong-number' }]);
  });

  it('is found in little time in a long text, whatever it is made of', () => {
    for (const unit of ['stop ', 'do not ', 'no more ', 'the these all ', 'dont want x ', 'a', '🙏', '’', 'S.T.O ']) {
      const begun = performance.now();
      readKeyword(unit.repeat(Math.ceil(5000 / unit.length)));
      expect(performance.now() - begun).toBeLessThan(1000);
    }
  });
});

describe('an ordinary text', () => {
  it('is passed on to the care team: not one in fifty is taken for a stop, and none of these', () => {
    expect(ordinary.filter((text) => readKeyword(text)?.keyword.startsWith('stop'))).toEqual([]);
  });

  it.each([
    'Can I stop taking the pill?',
    "I can't stop coughing",
    'the bus stop',
    'should I cancel my appointment?',
    'help me',
    'YES',
    'sí',
    'Đúng',
    '',
  ])('is passed on: %s', (text) => {
    expect(readKeyword(text)).toBeNull();
  });
});

describe('START and HELP', () => {
  it.each(['START', 'start', ' Start. ', 'UNSTOP', 'subscribe', 'opt in', '“START”'])('%s starts again', (text) => {
    expect(readKeyword(text)).toEqual({ keyword: 'start' });
  });

  it.each(['HELP', 'help!', 'Info', 'AYUDA', '帮助'])('%s asks for help', (text) => {
    expect(readKeyword(text)).toEqual({ keyword: 'help' });
  });

  it('are words alone: in a sentence they start nothing', () => {
    for (const text of [
      'When do I start the antibiotics?',
      'please start me on the new one',
      'help my baby has a fever',
      'yes',
    ])
      expect([text, readKeyword(text)]).toEqual([text, null]);
  });
});

describe('the words that no template may ask for', () => {
  it('are those that carriers and we act on, in any spelling', () => {
    for (const word of [
      'CANCEL',
      'cancel',
      'END',
      'QUIT',
      'YES',
      'yes',
      'STOP',
      'START',
      'HELP',
      'INFO',
      'PARA',
      '停止',
    ])
      expect([word, isReservedWord(word)]).toEqual([word, true]);
    for (const word of ['1', '2', '3', 'C', 'R', 'CONFIRM'])
      expect([word, isReservedWord(word)]).toEqual([word, false]);
  });

  it('are told in a list', () => {
    expect(reservedWords).toEqual(expect.arrayContaining(['CANCEL', 'END', 'QUIT', 'YES', 'STOP', 'START', 'HELP']));
  });
});
