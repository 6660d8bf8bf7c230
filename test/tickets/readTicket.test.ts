import { canonicalText } from '../../src/tickets/fingerprint.ts';
import { type IncomingTicket, readTicket } from '../../src/tickets/readTicket.ts';
import { at, hostile, patched, ticketById, tickets } from './fixtures.ts';

const context = { now: at('2027-06-01T00:00:00Z'), ownNumbers: ['+12125550100', '+18025550199'] };
const read = (input: unknown, now = context.now): IncomingTicket => {
  const result = readTicket(input, { ...context, now });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const base = () => ticketById('NJ-260005');

describe('a ticket', () => {
  const URGENCY: Record<string, string> = { STAT: 'stat', URGENT: 'urgent', ROUTINE: 'routine', FYI: 'fyi' };
  it.each(tickets.filter((one) => one.id !== 'NJ-260019').map((one) => [one.id, one] as const))(
    'of the data, %s, is read whole and without a flag',
    (id, document) => {
      const ticket = read(document);
      expect(ticket.externalId).toBe(id);
      expect(ticket.text).toEqual(document);
      expect(ticket.flags).toEqual([]);
      expect(ticket.urgency).toBe(URGENCY[String(document.urgency)]);
      expect(ticket.relatesTo).toBe(document.relates_to ?? null);
    },
  );

  it('without call-back number and date of birth is flagged, not refused', () => {
    expect(read(ticketById('NJ-260019')).flags).toEqual(['callback', 'dob']);
  });

  it('needs nothing but id, account and reason', () => {
    const ticket = read({ id: 'x', account: 'LARK-CARD', reason: 'y' });
    expect(ticket.urgency).toBe('urgent');
    expect([...ticket.flags].sort()).toEqual(['callback', 'dob', 'taken_at', 'urgency']);
  });

  it.each([
    [null, [{ path: '', code: 'not-an-object' }]],
    ['x', [{ path: '', code: 'not-an-object' }]],
    [[], [{ path: '', code: 'not-an-object' }]],
    [
      {},
      [
        { path: '/id', code: 'missing' },
        { path: '/account', code: 'missing' },
        { path: '/reason', code: 'missing' },
      ],
    ],
    [
      { id: '', account: 7, reason: null },
      [
        { path: '/id', code: 'empty' },
        { path: '/account', code: 'not-a-string' },
        { path: '/reason', code: 'not-a-string' },
      ],
    ],
    [{ id: ' \n', account: 'A', reason: 'r' }, [{ path: '/id', code: 'empty' }]],
    [{ id: 'a\u0000b', account: 'A', reason: 'r' }, [{ path: '/id', code: 'not-printable' }]],
    [{ id: 'a\nb', account: 'A', reason: 'r' }, [{ path: '/id', code: 'not-printable' }]],
    [{ id: 'a\ud800', account: 'A', reason: 'r' }, [{ path: '/id', code: 'not-printable' }]],
    [{ id: 'a'.repeat(513), account: 'A', reason: 'r' }, [{ path: '/id', code: 'too-long' }]],
  ])('%j is refused with places and codes', (input, errors) => {
    expect(readTicket(input, context)).toEqual({ ok: false, error: errors });
  });

  it('is never refused with a value that was sent', () => {
    const result = readTicket({ id: 7, account: 'CANARY', reason: { secret: 'CANARY' } }, context);
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('CANARY');
  });

  it('keeps an id of any printable text', () => {
    const id = ' ~ NJ/26 \u00e9\u4e2d\u{1F4DF} "quoted" <b> ';
    expect(read({ ...base(), id }).externalId).toBe(id);
  });
});

describe('urgency', () => {
  it.each(['stat', 'Stat', ' STAT '])('%j is STAT', (urgency) => {
    expect(read({ ...base(), urgency })).toMatchObject({ urgency: 'stat', flags: [] });
  });
  it.each(['EMERGENCY', '', null, 1, true, ['STAT'], {}, 'constructor'])(
    '%j is unknown: urgent and flagged',
    (urgency) => {
      expect(read({ ...base(), urgency })).toMatchObject({ urgency: 'urgent', flags: ['urgency'] });
    },
  );
});

describe('call-back number', () => {
  const good = [
    '+12125550142',
    '212-555-0142',
    '(212) 555-0142',
    '1-212-555-0142',
    '+44 20 7946 0018',
    '212 555 0142 x12',
  ];
  it.each(good)('%j may be called', (callback) => {
    expect(read(patched(base(), { caller: { callback } })).flags).toEqual([]);
  });
  const bad = [
    null,
    '',
    '911',
    '988',
    '+1911',
    '411',
    '933',
    '611611',
    '+12125550100',
    '(212) 555-0100',
    '802-555-0199',
    '+19005550123',
    '900-555-0123',
    '212-976-5555',
    '5550142',
    'none',
    'call 2125550142',
    '+1',
    'tel:+12125550142',
    '+999999999999',
    2125550142,
    {},
    [],
    true,
    '1'.repeat(5000),
  ];
  it.each(bad)('%j is flagged', (callback) => {
    expect(read(patched(base(), { caller: { callback } })).flags).toContain('callback');
  });
  it('is flagged when there is no caller at all, or an odd one', () => {
    expect(read({ ...base(), caller: undefined }).flags).toContain('callback');
    expect(read({ ...base(), caller: '+12125550142' }).flags).toEqual(['callback', 'field']);
  });
});

describe('date of birth', () => {
  const bad = [
    '1960-11-31',
    '2023-02-29',
    '02/29/2025',
    '1870-01-01',
    '1899-12-31',
    '2199-01-01',
    '2027-06-03',
    '1960-2-9',
    '',
    '0000-00-00',
    19600229,
    null,
    '1960-02-29T00:00',
  ];
  it.each(bad)('%j is flagged', (dob) => {
    expect(read(patched(base(), { patient: { dob } })).flags).toEqual(['dob']);
  });
  it.each(['1960-02-29', '2027-06-01', '1908-01-01'])('%j is plausible', (dob) => {
    expect(read(patched(base(), { patient: { dob } })).flags).toEqual([]);
  });
  it('is flagged when the patient would be older than anybody', () => {
    expect(read(patched(base(), { patient: { dob: '1901-01-01' } })).flags).toEqual(['dob']);
  });
});

describe('taken_at', () => {
  it.each([
    null,
    undefined,
    '',
    'yesterday',
    '2026-11-28T08:15:00',
    '2026-11-31T08:15:00-05:00',
    '2027-06-01T02:00:00Z',
    1764335700,
  ])('%j is flagged', (taken_at) => {
    expect(read({ ...base(), taken_at }).flags).toEqual(['taken_at']);
  });
  it.each(['2026-11-28T08:15:00-05:00', '2026-11-28T13:15:00.123Z', '2027-06-01T00:05:00Z'])(
    '%j is plausible',
    (taken_at) => {
      expect(read({ ...base(), taken_at }).flags).toEqual([]);
    },
  );
});

describe('odd fields', () => {
  it.each([
    { caller: { name: 7 } },
    { patient: 'Silas' },
    { told_911: 'yes' },
    { language: ['en'] },
    { repeat_call: 'two' },
    { patient: { mrn: 2 ** 60 } },
    { extra: { deep: Number.POSITIVE_INFINITY } },
    { note: 'half a character \ud83d' },
    { patient: { name: 'Si\u202elas' } },
    { caller: { name: 'a\u0007' } },
  ])('%j is admitted and flagged', (patch) => {
    expect(read(patched(base(), patch)).flags).toContain('field');
  });

  it('that are null or new are no cause for a flag', () => {
    expect(
      read({ ...base(), triage: null, operator: null, told_911: null, something: { new: [1, 'two', null] } }).flags,
    ).toEqual([]);
  });

  it('nested deeper than the stack are kept as text', () => {
    for (const deep of [
      '['.repeat(100_000) + ']'.repeat(100_000),
      `${'{"a":'.repeat(20_000)}"CNRY"${'}'.repeat(20_000)}`,
    ]) {
      const ticket = read(JSON.parse(`{"id":"x","account":"A","reason":"r","note":{"n":${deep}}}`));
      expect(ticket.flags).toContain('field');
      expect(JSON.stringify(ticket.text)).toContain(deep.includes('CNRY') ? 'CNRY' : ']]]]');
      expect(() => canonicalText(ticket.text)).not.toThrow();
    }
  });

  it('named like parts of an object are fields like others', () => {
    const ticket = read(
      JSON.parse('{"id":"x","account":"A","reason":"r","__proto__":{"callback":"1"},"constructor":"c","toJSON":"t"}'),
    );
    expect(Object.keys(ticket.text)).toEqual(['id', 'account', 'reason', '__proto__', 'constructor', 'toJSON']);
    expect(canonicalText(ticket.text)).toContain('__proto__');
  });
});

describe('the hostile tickets of the data', () => {
  const cases = hostile.flatMap(({ case: name, input, checks }) =>
    (input.each_of ?? [input.patch ?? {}]).map((patch) => ({ name, patch, input, checks })),
  );
  it.each(cases.filter(({ checks }) => checks.flag && checks.flag !== 'loop'))(
    '$name: $patch is flagged',
    ({ patch, input, checks }) => {
      const result = readTicket(patched(ticketById(input.base!), patch), {
        now: context.now,
        ownNumbers: input.account_numbers ?? [],
      });
      expect(result.ok && result.value.flags).toContain(checks.flag);
    },
  );
});

describe('the same text', () => {
  const text = (document: unknown) => canonicalText(read(document).text);
  it('is the same whatever the order of keys and the way of writing', () => {
    const one = JSON.parse('{"id":"x","account":"A","reason":"\\u00e9","n":1.0,"o":{"b":1,"a":[1,2]}}');
    const other = JSON.parse('{"o":{"a":[1,2],"b":1},"n":1,"reason":"é","account":"A","id":"x"}');
    expect(text(one)).toBe(text(other));
  });
  it.each([
    { reason: 'Apixaban e-script shows 5 mg' },
    { caller: { callback: '+12125550190' } },
    { new: null },
    { operator: 'op17 ' },
  ])('is another with %j', (patch) => {
    expect(text(patched(base(), patch))).not.toBe(text(base()));
  });
  it('survives every ticket of the data', () => {
    expect(new Set(tickets.map(text)).size).toBe(tickets.length);
  });
});
