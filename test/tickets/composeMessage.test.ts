import fc from 'fast-check';
import { eventId } from '../../src/kernel/ids.ts';
import { admit } from '../../src/tickets/admit.ts';
import { composeMessage, composeNotice, countParts, type MessageToCompose } from '../../src/tickets/composeMessage.ts';
import { readTicket } from '../../src/tickets/readTicket.ts';
import { shown } from '../../src/tickets/shown.ts';
import type { Ticket } from '../../src/tickets/ticket.ts';
import {
  admission,
  at,
  directory,
  FENN,
  hostile,
  MIN,
  patched,
  QUIST,
  ROOT,
  TOLLIVER,
  ticketById,
  tickets,
} from './fixtures.ts';

const NOW = at('2027-06-01T00:00:00Z');
const take = (document: unknown) => {
  const read = readTicket(document, { now: NOW, ownNumbers: ['+12125550100'] });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { text, flags, account, urgency, externalId } = read.value;
  const { ticket } = admit(
    admission({ account, urgency, flags, externalId, parts: countParts(text, flags), acceptedAt: NOW }),
    directory,
  );
  return { text, ticket };
};
type Content = Record<string, never> & { body: string; formatted_body: string };
const compose = (document: unknown, change: Partial<MessageToCompose> & { root?: boolean } = {}) => {
  const { text, ticket } = take(document);
  const { root, ...rest } = change;
  const posted: Ticket = root ? { ...ticket, rootEventId: ROOT } : ticket;
  return composeMessage({
    text,
    ticket: posted,
    kind: 'ticket',
    step: 0,
    repeat: 1,
    mention: [],
    now: NOW,
    ...rest,
  }) as Content;
};
const textOf = (html: string) =>
  html
    .replace(/<br>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
const bytes = (content: unknown) => Buffer.byteLength(JSON.stringify(content));
/** What Megolm makes of a content: AES-CBC and a frame, in base64, and an envelope of keys. */
const eventBytes = (content: unknown) => Math.ceil(((bytes(content) + 300) * 4) / 3) + 4096;
const base = () => ticketById('NJ-260005');

/** Every text, number and truth value of a document with words around them left out. */
const leaves = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(leaves)
    : typeof value === 'string' || typeof value === 'number'
      ? [String(value)]
      : [];

describe('the message of a ticket', () => {
  it.each(tickets.map((one) => [one.id, one] as const))(
    '%s shows every field, urgency first, plain and as HTML',
    (_id, document) => {
      const { body, formatted_body: html } = compose(document);
      expect(body.startsWith(`${document.urgency} \u00b7 ${document.account} \u00b7 ref ${document.id}\n`)).toBe(true);
      for (const leaf of leaves(document)) {
        expect(body).toContain(leaf);
        expect(textOf(html)).toContain(leaf);
      }
      expect(html.startsWith(`<strong>${document.urgency}</strong>`)).toBe(true);
      expect(textOf(html).replace(/\s+/g, ' ')).toBe(body.replace(/\s+/g, ' '));
      expect(body.split('\n').at(-1)).toContain('reply ok in its thread, or write 3 ok.');
    },
  );

  it('has the content that scripts rely on', () => {
    const content = compose(ticketById('NJ-260002'), { mention: [FENN] });
    expect(content).toMatchObject({
      msgtype: 'm.text',
      format: 'org.matrix.custom.html',
      'm.mentions': { user_ids: [FENN] },
      'org.wardroom.ticket': { ticket_id: 'tkt_test', urgency: 'stat', kind: 'ticket', step: 0 },
    });
    expect(content).not.toHaveProperty('m.relates_to');
    expect(content.body).toContain('enter orders in CPOE; no order is carried out from this chat');
    expect(content.body).toContain('ext 4412');
  });

  it('says in words what matters', () => {
    expect(compose(ticketById('NJ-260001')).body).toContain('the caller was told to call 911');
    expect(compose(ticketById('NJ-260001-R2')).body).toContain('Repeat call: call no. 2 about ref NJ-260001');
    expect(compose(ticketById('NJ-260004')).body).toContain('the caller asks to be connected');
    expect(compose(ticketById('NJ-260018')).body).toContain('es (an interpreter may be needed)');
    expect(compose(ticketById('NJ-260019')).body).toContain('\u26a0 There is no call-back number.');
    expect(compose(ticketById('NJ-260009')).body).toContain('not read back');
    expect(compose({ ...base(), urgency: 'CODE BLUE' }).body).toContain('Urgency as sent: CODE BLUE');
  });

  it('links a call-back number only when it may be called', () => {
    expect(compose(base()).formatted_body).toContain('<a href="tel:+12125550109">+12125550109</a>');
    for (const callback of ['911', '988', '+19005550123', '+12125550100', '5550142']) {
      const { body, formatted_body: html } = compose(patched(base(), { caller: { callback } }));
      expect(html).not.toContain('tel:');
      expect(body).toContain(callback);
      expect(body).toContain('not one to dial as it stands');
    }
  });

  it('shows what nobody has heard of, nested or odd', () => {
    const { body } = compose({
      ...base(),
      caller: 'just a name',
      patient: {
        name: ['A', 'B'],
        vitals: { bp: '90/60', pulse: 130 },
        allergies: ['latex', 'penicillin'],
        visits: [{ on: 'Monday' }, { on: 'Friday' }],
      },
      told_911: 'maybe',
      zero: 0,
      no: false,
      empty: {},
    });
    for (const line of [
      'Caller: just a name',
      'Patient name: A, B',
      'Patient vitals bp: 90/60',
      'Patient vitals pulse: 130',
      'Patient allergies: latex, penicillin',
      'Patient visits 2 on: Friday',
      'Told 911: maybe',
      'Zero: 0',
      'No: no',
    ])
      expect(body.split('\n')).toContain(line);
    expect(body).toContain('Not given: empty');
  });
});

describe('hostile text', () => {
  const markup = hostile.find((one) => one.checks.text_verbatim)!;
  it('is inert and verbatim: markup of the data', () => {
    const {
      body,
      formatted_body: html,
      ...content
    } = compose(patched(ticketById(markup.input.base!), markup.input.patch!));
    const { reason } = markup.input.patch as { reason: string };
    expect(body).toContain(reason);
    expect(textOf(html)).toContain(reason);
    expect(html).not.toMatch(/<img|onerror="|<a [^>]*javascript/);
    expect(content['m.mentions']).toEqual({ user_ids: markup.checks.mentions });
  });

  it.each([
    '<script>alert(1)</script>',
    '</strong></blockquote><h1>x',
    '"><img src=x>',
    "' onclick='x",
    '&lt;b&gt;',
    '[click](javascript:alert(1))',
    '@room @fenn:larkmoor.example',
    '<a href="https://matrix.to/#/@fenn:larkmoor.example">x</a>',
    '<mx-reply>x</mx-reply>',
    '$\\(x\\)$',
    '```js',
  ])('%j is text wherever it stands', (evil) => {
    const document = {
      ...base(),
      id: evil,
      reason: evil,
      operator: evil,
      [evil]: evil,
      caller: { name: evil, relation: evil, callback: evil, ext: evil },
      patient: { name: evil, mrn: evil },
      relates_to: evil,
      language: evil,
      medication: { [evil]: [evil] },
    };
    const { body, formatted_body: html, ...content } = compose(document);
    const tags = [...html.matchAll(/<\/?([a-z0-9-]*)([^>]*)>/gi)].map((match) => match[0]);
    expect(new Set(tags)).toEqual(new Set(['<strong>', '</strong>', '<br>']));
    expect(body).toContain(evil);
    expect(textOf(html)).toContain(evil);
    expect(content['m.mentions']).toEqual({ user_ids: [] });
  });

  it('cannot be invisible, turn the line around or pile up: control characters of the data', () => {
    const flood = hostile.find((one) => one.case.includes('combining marks'))!;
    const { body, formatted_body: html } = compose(patched(ticketById(flood.input.base!), flood.input.patch!));
    for (const text of [body, html]) {
      expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\u202a-\u202e]/);
      expect(text).not.toMatch(/\p{M}{9}/u);
      for (const mark of ['U+202E', 'U+0000', 'U+0007', 'combining marks']) expect(text).toContain(mark);
    }
    expect(body).toContain('read with care');
  });

  it('cannot pass for another field: further lines are set in', () => {
    const { body, formatted_body: html } = compose({
      ...base(),
      reason: 'first\r\nCall back: +19005550123\u2028Caller: forged',
      caller: { name: 'A\nCall back: 911', callback: '+12125550142' },
    });
    const lines = body.split('\n');
    expect(lines.filter((line) => line.startsWith('Call back:'))).toEqual(['Call back: +12125550142']);
    expect(lines).toContain('    Call back: +19005550123');
    expect(html).toContain('<blockquote>first<br>Call back: +19005550123<br>Caller: forged</blockquote>');
  });

  it('of any kind makes a message that JSON and Matrix can carry', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.string({ unit: 'binary', minLength: 1 }), (value, text) => {
        const document = {
          id: 'x',
          account: 'LARK-CARD',
          reason: `r${text}`,
          caller: value,
          extra: value,
          [`k${text}`]: text,
        } as Record<string, unknown>;
        const content = compose(JSON.parse(JSON.stringify(document)));
        expect(content.body.isWellFormed()).toBe(true);
        expect(content.formatted_body.isWellFormed()).toBe(true);
        expect(content.formatted_body.replace(/<(\/?(strong|blockquote)|br|a href="tel:\+\d+"|\/a)>/g, '')).not.toMatch(
          /[<>]/,
        );
        expect(shown(shown(text))).toBe(shown(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a text too long for one event', () => {
  const long: [string, Record<string, unknown>][] = [
    ['a long reason', { reason: 'Pain. '.repeat(40_000) }],
    ['a long reason of one word', { reason: 'A'.repeat(250_000) }],
    ['markup', { reason: '<&"\''.repeat(60_000) }],
    ['wide characters', { reason: '\u{1F4DF}'.repeat(60_000) }],
    ['control characters', { reason: `x${'\u0001\u007f'.repeat(20_000)}` }],
    [
      'many fields',
      Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [`field_${index}`, `value ${index}`])),
    ],
    ['one long name of a field', { ['k'.repeat(240_000)]: 'v' }],
    [
      'a long caller',
      { caller: { name: 'N'.repeat(100_000), callback: '+12125550142', relation: 'R'.repeat(100_000) } },
    ],
    ['many lines', { reason: 'line\n'.repeat(50_000) }],
    ['empty fields', Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`nothing_${index}`, null]))],
  ];

  it.each(long)('%s: every event fits, the cut is visible, nothing is lost', (_name, change) => {
    const document = { ...base(), ...change };
    const { text, ticket } = take(document);
    expect(ticket.parts).toBeGreaterThan(1);
    const root = composeMessage({
      text,
      ticket,
      kind: 'ticket',
      step: 0,
      repeat: 1,
      mention: [FENN],
      now: NOW,
    }) as Content;
    expect(eventBytes(root)).toBeLessThan(65_536);
    expect(root.body).toContain('follows in the thread');
    expect(root.body.startsWith('URGENT')).toBe(true);
    const parts = Array.from({ length: ticket.parts - 1 }, (_, index) =>
      composeMessage({
        text,
        ticket: { ...ticket, rootEventId: ROOT },
        kind: 'notice',
        step: null,
        repeat: index + 1,
        mention: [],
        now: NOW,
      }),
    ) as Content[];
    for (const [index, part] of parts.entries()) {
      expect(eventBytes(part)).toBeLessThan(65_536);
      expect(part.body.split('\n')[0]).toBe(
        `URGENT \u00b7 LARK-CARD \u00b7 ref NJ-260005, part ${index + 2} of ${ticket.parts}`,
      );
      expect(part).toMatchObject({
        'm.relates_to': { rel_type: 'm.thread', event_id: ROOT },
        'm.mentions': { user_ids: [] },
      });
      expect(part.body.isWellFormed()).toBe(true);
      expect(part).not.toHaveProperty('formatted_body');
    }
    const whole = root.body + parts.map((part) => part.body.slice(part.body.indexOf('\n') + 1)).join('');
    for (const key of Object.keys(change)) {
      const value = (change as Record<string, unknown>)[key];
      const words =
        typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? leaves(value) : [];
      for (const word of words) expect(whole.includes(shown(word).replace(/\n/g, '\n    '))).toBe(true);
      if (key.startsWith('k')) expect(whole).toContain(`K${key.slice(1)}`);
      if (key.startsWith('nothing_')) expect(whole.includes(key.replace('_', ' '))).toBe(true);
    }
    expect(whole).toContain('CNRY-A5-tapir');
  });

  it('is posted again under the same limits', () => {
    const content = compose(
      { ...base(), reason: 'A'.repeat(250_000) },
      { kind: 'posted_again', root: true, mention: [FENN, TOLLIVER, QUIST] },
    );
    expect(eventBytes(content)).toBeLessThan(65_536);
    expect(content.body.startsWith('Posted again for @fenn')).toBe(true);
  });

  it('is one message when it is of an ordinary length', () => {
    expect(countParts(base(), [])).toBe(1);
    expect(countParts({ ...base(), reason: 'x'.repeat(8000) }, [])).toBe(1);
  });
});

describe('later messages', () => {
  const thread = { rel_type: 'm.thread', event_id: ROOT, is_falling_back: true, 'm.in_reply_to': { event_id: ROOT } };

  it.each(['escalation', 'renotify'] as const)(
    '%s is short, in the thread, and mentions exactly who is due',
    (kind) => {
      const content = compose(ticketById('NJ-260001'), {
        kind,
        step: 5,
        repeat: 2,
        mention: [TOLLIVER],
        root: true,
        now: NOW + 15 * MIN,
      });
      expect(content).toMatchObject({
        'm.relates_to': thread,
        'm.mentions': { user_ids: [TOLLIVER] },
        'org.wardroom.ticket': { kind, step: 5 },
      });
      expect(content.body).toContain('STAT \u00b7 LARK-CARD \u00b7 ref NJ-260001');
      expect(content.body).toContain('15 min');
      expect(content.body).toContain(TOLLIVER);
      expect(content.body).not.toContain('Ziegelow');
      expect(content.formatted_body).toContain('https://matrix.to/#/%40tolliver%3Alarkmoor.example');
    },
  );

  it('posted again carries the whole text', () => {
    const content = compose(ticketById('NJ-260001'), { kind: 'posted_again', step: null, mention: [FENN], root: true });
    expect(content.body).toContain('CNRY-A1-quokka');
    expect(content).toMatchObject({ 'm.relates_to': thread, 'm.mentions': { user_ids: [FENN] } });
  });

  it('a notice answers the message it is about, in the thread', () => {
    const { ticket } = take(base());
    const notice = composeNotice(
      'Which ticket? <b>3</b> ok',
      { ...ticket, rootEventId: ROOT },
      eventId('$question'),
    ) as Content;
    expect(notice).toMatchObject({
      body: 'Which ticket? <b>3</b> ok',
      formatted_body: 'Which ticket? &lt;b&gt;3&lt;/b&gt; ok',
      'm.mentions': { user_ids: [] },
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: ROOT,
        is_falling_back: false,
        'm.in_reply_to': { event_id: '$question' },
      },
      'org.wardroom.ticket': { kind: 'notice', step: null },
    });
  });
});
