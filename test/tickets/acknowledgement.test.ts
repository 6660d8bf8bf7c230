import { isAcknowledgingReaction, isDecliningReaction, readReply } from '../../src/tickets/acknowledgement.ts';

describe('a reply', () => {
  const plain = [
    'ok',
    'OK',
    'Ok.',
    'okay!',
    'OKAY',
    'ack',
    'Ack.',
    'on it',
    'ON IT!',
    'On  it',
    '  ok \n',
    '\u00a0ok\u00a0',
    'ok\r\n',
  ];
  it.each(plain)('acknowledges when its whole text is %j', (body) => {
    expect(readReply(body)).toEqual({ kind: 'ack', token: null });
  });

  it.each(['Send to backup', 'send to BACKUP.', ' reject ', 'Reject!', '> quoted\n\nReject'])(
    'declines: %j',
    (body) => {
      expect(readReply(body)).toEqual({ kind: 'decline' });
    },
  );

  it.each(['Send to backup please', 'I reject that', 'not reject', '3 reject'])('says nothing: %j', (body) => {
    expect(readReply(body)).toEqual({ kind: 'text' });
  });

  it('may be a reaction with the same words', () => {
    expect(['Reject', ' send to backup ', '\u{1F44D}', 'rejected'].map(isDecliningReaction)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['3 ok', '3'],
    ['3ok', '3'],
    ['3 OK.', '3'],
    [' 12 Okay ', '12'],
    ['7okay!', '7'],
  ])('%j names ticket %s', (body, token) => {
    expect(readReply(body)).toEqual({ kind: 'ack', token });
  });

  it.each([
    ['!ack', 'ack', null, ''],
    [' !ACK ', 'ack', null, ''],
    ['!ack 3', 'ack', '3', '3'],
    ['!pass @jory:larkmoor.example', 'pass', null, '@jory:larkmoor.example'],
    ['!done told\nthe nurse', 'done', null, 'told\nthe nurse'],
  ])('%j is a command', (body, name, token, rest) => {
    expect(readReply(body)).toEqual({ kind: 'command', name, token, rest });
  });

  const questions = [
    'ok who is this for?',
    'ok?',
    'not ok',
    'ok ok',
    'ok..',
    'ok!!',
    'ok,',
    'okay call her at 7',
    'is 2 ok or should it be 5?',
    '3  ok',
    '3 ack',
    '3',
    'k',
    'oke',
    'acknowledged',
    'I am on it',
    'on it now',
    'onit',
    'ok\nbut give her 5 mg first',
    '-3 ok',
    '3.5 ok',
    '!ack not mine',
    '! ack',
    '!',
    '\u{1F44D}',
    '* ok',
    '',
    '   ',
    'o\u212A',
    'ｏｋ',
  ];
  it.each(questions)('%j is a text and stops nothing', (body) => {
    expect(readReply(body)).toEqual({ kind: 'text' });
  });

  it('leaves the quote of the message replied to aside', () => {
    const quote = '> <@wardroom_nightjar:hs> STAT \u00b7 LARK-CARD\n> ok\n>\n> more\n\n';
    expect(readReply(`${quote}ok`)).toEqual({ kind: 'ack', token: null });
    expect(readReply(`${quote}3 ok`)).toEqual({ kind: 'ack', token: '3' });
    expect(readReply(`${quote}who is this for?`)).toEqual({ kind: 'text' });
  });

  it('does not take a quote alone, or a quote without the empty line, for an answer', () => {
    expect(readReply('> ok')).toEqual({ kind: 'text' });
    expect(readReply('> ok\nok')).toEqual({ kind: 'text' });
    expect(readReply('> ok\n\n')).toEqual({ kind: 'text' });
  });
});

describe('a reaction', () => {
  const tones = ['', '\u{1F3FB}', '\u{1F3FC}', '\u{1F3FD}', '\u{1F3FE}', '\u{1F3FF}'];
  const ticks = ['\u2705', '\u2714', '\u2714\uFE0F', '\u2714\uFE0E', '\u2611', '\u2611\uFE0F', '\u2713', '\u{1F5F8}'];
  it.each([...ticks, ...tones.flatMap((tone) => [`\u{1F44D}${tone}`, `\u{1F44D}${tone}\uFE0F`])])(
    '%s acknowledges',
    (key) => {
      expect(isAcknowledgingReaction(key)).toBe(true);
    },
  );
  const others = [
    '\u{1F44E}',
    '\u274C',
    '\u{1F440}',
    '\u{1F44C}',
    'ok',
    '',
    '\u2705\u2705',
    '\u{1F44D}\u{1F44E}',
    '\u{1F3FB}',
    'mxc://x/y',
    '\u{1F6AB}',
  ];
  it.each(others)('%j does not', (key) => {
    expect(isAcknowledgingReaction(key)).toBe(false);
  });
});
