import fc from 'fast-check';
import { detect, type Known, nothingKnown } from '../../src/texts/index.ts';
import { everyday, handmade, known, takenFor } from './support.ts';

/** The rules that speak of a text, and the words that they speak of. */
const found = (text: string, about: Known = nothingKnown) =>
  detect(text, about).map(({ start, end, rule }) => `${rule}: ${text.slice(start, end)}`);
const rulesOf = (text: string, about: Known = nothingKnown) => [
  ...new Set(detect(text, about).map(({ rule }) => rule)),
];

describe('texts by hand', () => {
  it('are enough of them', () => {
    expect(handmade.length).toBeGreaterThanOrEqual(200);
  });

  it.each(handmade)('are taken for $expected: $text', ({ expected, text }) => {
    expect(takenFor(text)).toBe(expected);
  });
});

describe('sentences as staff write them', () => {
  const practice: Known = { ...known, names: [], dates: [], others: [] };
  const isHeld = ({ text }: { text: string }) => !['plain', 'reminder'].includes(takenFor(text, practice));
  const of = (kind: string) => everyday.filter(({ expected }) => expected === kind);

  it('go out when they tell nothing', () => {
    expect(
      of('clean')
        .filter(isHeld)
        .map(({ text }) => text),
    ).toEqual([]);
  });

  it('are kept back, nine of ten, when they tell of health in no doctor’s words', () => {
    expect(of('phi').filter(isHeld).length / of('phi').length).toBeGreaterThanOrEqual(0.9);
  });
});

describe('what has a form of its own', () => {
  it.each([
    ['ssn', '219-09-9999'],
    ['ssn', '900-70-0001'],
    ['npi', '1234567893'],
    ['mbi', '1EG4-TE5-MK73'],
    ['card', '4111111111111111'],
    ['card', '378282246310005'],
    ['phone', '(415) 555-2671'],
    ['phone', '+1 415 555 2671 x12'],
    ['phone', '+49 30 901820'],
    ['email', 'a.b+c@mail.example'],
    ['url', 'https://x.example/y'],
    ['ip', '192.0.2.14'],
    ['ip', '2001:db8::1'],
    ['zip', '60201-4419'],
    ['address', '450 N Maple Ave Apt 3'],
    ['address', 'Calle Ocho 1200'],
    ['address', 'PO Box 12'],
    ['coordinates', '41.8781, -87.6298'],
    ['mrn', 'MRN: 00-44-71'],
    ['health-plan', 'member ID XYZ12345'],
    ['account', 'acct #8814-22'],
    ['vin', '1HGCM82633A004352'],
    ['plate', 'license plate ABC 1234'],
    ['dea', 'AB1234563'],
    ['device', '(01)00844588003288'],
    ['device', 'serial no. XK9931'],
    ['number', '88120034'],
    ['icd-10', 'E11.9'],
    ['dose', '2.5 mg'],
    ['lab', 'INR 3.4'],
    ['drug', 'secukinumab'],
    ['drug', 'zofenopril'],
    ['age', '91 years old'],
  ])('is found as %s: %s', (rule, text) => {
    expect(rulesOf(`It is ${text} now`)).toContain(rule);
  });

  it.each([
    ['ssn', '000-12-3456'],
    ['ssn', '666-12-3456'],
    ['ssn', '219-00-9999'],
    ['ssn', '219-09-0000'],
    ['npi', '1234567890'],
    ['card', '4111111111111112'],
    ['vin', '1HGCM82633A004353'],
    ['dea', 'AB1234567'],
    ['ip', '300.1.2.3'],
    ['mbi', '1SG4-TE5-MK73'],
    ['age', '89 years old'],
    ['age', '90 minutes'],
    ['drug', 'April'],
    ['address', '2 pm see Dr'],
  ])('is not taken for %s where its own rules say no: %s', (rule, text) => {
    expect(rulesOf(`It is ${text} now`)).not.toContain(rule);
  });
});

describe('days', () => {
  it.each([
    '3/4',
    '03/04/2026',
    '3-4-26',
    '3.4.2026',
    '2026-03-04',
    '2026/3/4',
    'March 4',
    'Mar 4th, 2026',
    '4 March',
    '4th of March 2026',
    '04-Mar-2026',
    '04MAR26',
    'March 2026',
    'in March',
    'since January',
    'Tuesday',
    'next Tues 2pm',
    'Wed 10am',
    'on Sat',
    'tomorrow',
    'yesterday',
    '3 weeks ago',
    'on the 12th',
    '4 de marzo de 2026',
    'el lunes',
    'pasado mañana',
  ])('are found however they are written: %s', (day) => {
    expect(rulesOf(`We said ${day} ok`)).toEqual(['date']);
  });

  it.each([
    '24/7',
    '1/2 hour',
    'you may come',
    'march over',
    'the sun is out',
    'we sat down',
    'May I ask',
    'second floor',
    'the 2nd floor',
  ])('are not seen in: %s', (words) => {
    expect(rulesOf(words)).toEqual([]);
  });

  it('of birth are told from those of an appointment', () => {
    expect(rulesOf('DOB 3/4/61')).toContain('birth-date');
    expect(rulesOf('3/4/1961')).toContain('birth-date');
    for (const written of ['3/4/61', '03-04-1961', '4.3.1961', 'March 4, 1961', '4 Mar 61', '03041961'])
      expect([written, rulesOf(`for ${written}`, { ...known })]).toEqual([
        written,
        expect.arrayContaining(['birth-date']),
      ]);
    expect(rulesOf('see you on 3/4', known)).toEqual(['date']);
  });
});

describe('names', () => {
  it('on record are found whole, with a slip, in any case, under any accent, as initials', () => {
    const about = { ...nothingKnown, names: ['Jürgen Brzęczyszczykiewicz', 'Ann O’Rourke-Smith'] };
    for (const text of [
      'Brzęczyszczykiewicz',
      'brzeczyszczykiewicz',
      'BRZECZYSZCZYKIEWICZ',
      'Brzeczysczykiewicz',
      'O’Rourke',
      'orourke',
      'Smith',
      'J.B.',
    ])
      expect([text, rulesOf(`for ${text} now`, about)]).toEqual([text, expect.arrayContaining(['name-patient'])]);
  });

  it('on record that are everyday words are names only when written large', () => {
    const about = { ...nothingKnown, names: ['Will Long'] };
    expect(rulesOf('it will not take long', about)).toEqual([]);
    expect(rulesOf('Mr Long is here', about)).toContain('name-patient');
    expect(rulesOf('Hi Will, all set', about)).toEqual(['name-addressed']);
  });

  it('by which the patient is called are those of a reminder, and another one is not', () => {
    const about = { ...nothingKnown, names: ['William Okafor'], contacts: ['Ngozi Okafor'] };
    for (const name of ['William', 'Bill', 'will'.replace('w', 'W'), 'Willy', 'Ngozi', 'Wiliam'])
      expect([name, rulesOf(`Hi ${name}, all set`, about)]).toEqual([name, ['name-addressed']]);
    expect(rulesOf('Hi Rosa, all set', about)).toEqual(['name-other']);
    expect(rulesOf('Hi Rosa, all set')).toEqual(['name-addressed']);
  });

  it('of who works there are nobody’s', () => {
    for (const text of [
      'Dr. Rosa Amsel is out',
      'Nurse Kelly will help you',
      'This is Kelly from the office',
      'Ask for Kelly at the front desk',
      'We are ready. - Kelly',
      'Thank you, Kelly Brandt',
      'Kelly Brandt RN',
    ])
      expect([text, rulesOf(text)]).toEqual([text, []]);
  });

  it('in no list are found by what stands around them', () => {
    for (const text of [
      'patient Kowalewska is here',
      'Mrs. Czarnecka called',
      'Oluwaseun Adebayor is here',
      'your husband Tomasz called',
      'Tell Emeka we called',
      'Czarnecka, Bronislawa',
      'bronislawa czarnecka, dob soon',
    ])
      expect([text, rulesOf(text)]).toEqual([text, expect.arrayContaining(['name'])]);
  });
});

describe('spans', () => {
  it.each([
    ['Hi, your m\u{435}th\u{200b}adone is here', 'm\u{435}th\u{200b}adone'],
    [
      '\u{1f44d}\u{1f3fd} \u{ff14}\u{ff11}\u{ff11}\u{ff11} 1111 1111 1111 ok',
      '\u{ff14}\u{ff11}\u{ff11}\u{ff11} 1111 1111 1111',
    ],
    ['so d e p r e s s i o n it is', 'd e p r e s s i o n'],
    ['two one nine - oh nine - nine nine nine nine!', 'two one nine - oh nine - nine nine nine nine'],
  ])('lie in the text as it was written: %s', (text, words) => {
    expect(found(text).map((one) => one.replace(/^[a-z0-9-]+: /, ''))).toContain(words);
  });

  it('lie within the text, whatever it is, and are the same each time', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 80, unit: 'binary' }), fc.string({ maxLength: 80, unit: 'grapheme' })),
        (text) => {
          const findings = detect(text, known);
          for (const { start, end } of findings) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(text.length);
          }
          expect(detect(text, known)).toEqual(findings);
        },
      ),
    );
  });
});

describe('what is known', () => {
  const words = fc.array(
    fc.oneof(
      fc.string({ maxLength: 12, unit: 'binary' }),
      fc.constantFrom('Rosa (Delgado', '*+?', "'Abd", '王', '', '2026-13-99'),
    ),
    { maxLength: 3 },
  );
  const anything = fc.record({
    names: words,
    contacts: words,
    dates: words,
    others: words,
    ownPhones: words,
    ownNames: words,
    ownHosts: words,
    ownPlaces: words,
  });

  it('may be written in any way: nothing of it makes the detector fail', () => {
    fc.assert(
      fc.property(anything, (about) => {
        expect(() => detect('Hi Rosa (Delgado), *+? on 12/4/61, call 212-555-0142', about)).not.toThrow();
      }),
    );
  });

  it('of the practice, when it is empty, excuses nothing', () => {
    const empty = { ...nothingKnown, ownPhones: [''], ownNames: [''], ownHosts: [''], ownPlaces: [''], others: [''] };
    expect(takenFor('call 212-555-0177', empty)).toBe('content');
    expect(takenFor('patient Kowalewska, 450 Maple Ave', empty)).toBe('content');
    expect(takenFor('lives in Evanston', empty)).toBe('content');
  });
});

describe('a disguise', () => {
  const SECRETS = ['methadone', 'chemotherapy', '219-09-9999', 'Delgado', '212-555-0142'];
  const HOMOGLYPHS: Readonly<Record<string, string>> = {
    a: '\u{430}',
    e: '\u{435}',
    o: '\u{43e}',
    c: '\u{441}',
    p: '\u{440}',
  };
  const disguises: Readonly<Record<string, (text: string) => string>> = {
    'zero-width characters': (text) => [...text].join('\u{200b}'),
    'soft hyphens': (text) => [...text].join('\u{ad}'),
    'word joiners': (text) => [...text].join('\u{2060}'),
    'text direction': (text) => `\u{202d}${text}\u{202c}`,
    'full width': (text) =>
      [...text].map((c) => (/[!-~]/.test(c) ? String.fromCodePoint(c.charCodeAt(0) + 0xfee0) : c)).join(''),
    'Cyrillic letters': (text) => [...text].map((c) => HOMOGLYPHS[c] ?? c).join(''),
    accents: (text) => [...text].map((c) => (/[a-z]/i.test(c) ? `${c}\u{301}` : c)).join(''),
    spaces: (text) => [...text].join(' '),
    'full stops': (text) => [...text].join('.'),
    'mathematical letters': (text) =>
      [...text].map((c) => (/[a-z]/.test(c) ? String.fromCodePoint(0x1d41a + c.charCodeAt(0) - 97) : c)).join(''),
    'digits for letters': (text) => (/\d/.test(text) ? text : text.replaceAll('o', '0').replaceAll('e', '3')),
    capitals: (text) => text.toUpperCase(),
  };

  it.each(Object.entries(disguises))('of %s hides nothing', (_, disguise) => {
    for (const secret of SECRETS)
      expect([secret, takenFor(`ok ${disguise(secret)} ok`)]).toEqual([secret, takenFor(`ok ${secret} ok`)]);
    expect(takenFor(`ok ${disguise('methadone')} ok`)).toBe('sensitive');
  });
});

describe('the time it takes', () => {
  it('stays short for texts that are made to take long', () => {
    for (const unit of [
      'a',
      'A1',
      '1-',
      'a@',
      'a.',
      '12 a',
      'Rosa, ',
      'one ',
      '12 North Maple ',
      '(01)',
      'mrn is ',
      '\u{301}',
      '\u{439}',
    ]) {
      const text = unit.repeat(Math.ceil(1600 / unit.length)).slice(0, 1600);
      const began = performance.now();
      detect(text, known);
      // Tens of milliseconds on a quiet machine; what is quadratic in the wrong place takes seconds.
      expect([unit, performance.now() - began < 2000]).toEqual([unit, true]);
    }
  });

  it('is not spent on what no carrier takes: that is not read, and so held', () => {
    expect(detect('a '.repeat(2001))).toEqual([{ start: 0, end: 4002, rule: 'too-long', kind: 'health' }]);
  });
});
