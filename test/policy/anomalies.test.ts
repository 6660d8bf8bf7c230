import fc from 'fast-check';
import type { RoomId } from '../../src/kernel/ids.ts';
import { anomalyRules } from '../../src/policy/anomalies/index.ts';
import { type ActivityFact, findAnomalies } from '../../src/policy/index.ts';
import { policyOf } from '../flows/controlRig.ts';

const { oversight } = policyOf();
const start = Date.parse('2026-11-28T15:00:00Z');
const MINUTE = 60_000;
const zone = 'America/New_York';

const fact = (kind: ActivityFact['kind'], minutes = 0, more: Partial<ActivityFact> = {}): ActivityFact => ({
  kind,
  at: start + minutes * MINUTE,
  person: '@ash:example',
  ...more,
});
const times = (count: number, make: (index: number) => ActivityFact) =>
  Array.from({ length: count }, (_, n) => make(n));
const found = (facts: readonly ActivityFact[]) =>
  findAnomalies(facts, oversight, zone).drafts.map(({ rule, person, day }) => `${rule} ${person} ${day}`);

describe('what looks like an incident', () => {
  it.each<[string, readonly ActivityFact[], readonly string[]]>([
    ['nine refusals in an hour are nothing', times(9, (n) => fact('refused', n)), []],
    [
      'ten refusals of one person in an hour are',
      times(10, (n) => fact('refused', n * 6, { code: 'role-missing' })),
      ['refusals-of-one @ash:example 2026-11-28'],
    ],
    ['ten refusals in more than an hour are nothing', times(10, (n) => fact('refused', n * 7)), []],
    ['ten refusals of ten people are nothing', times(10, (n) => fact('refused', n, { person: `@p${n}:example` })), []],
    [
      'fifty of fifty people are',
      times(50, (n) => fact('refused', n, { person: `@p${n}:example` })),
      ['refusals-of-all everybody 2026-11-28'],
    ],
    ['an export at ten in the morning is nothing', [fact('exported')], []],
    ['an export at eight in the evening is', [fact('exported', 10 * 60)], ['export-at-night @ash:example 2026-11-28']],
    ['at 5:59, too', [fact('exported', 19 * 60 + 59)], ['export-at-night @ash:example 2026-11-29']],
    ['at six it is nothing', [fact('exported', 20 * 60)], []],
    [
      'reading by break-glass is, each day',
      [fact('break-glass'), fact('break-glass', 1), fact('break-glass', 24 * 60)],
      ['break-glass @ash:example 2026-11-28', 'break-glass @ash:example 2026-11-29'],
    ],
    ['an unverified device is', [fact('device-unverified')], ['unverified-device @ash:example 2026-11-28']],
    ['a changed identity is', [fact('identity-changed')], ['identity-change @ash:example 2026-11-28']],
    [
      'more than five times the busiest day is',
      [fact('volume', 0, { messages: 501, before: [100, 20, 20, 20, 20, 20, 20] })],
      ['message-volume @ash:example 2026-11-28'],
    ],
    ['five times it is not', [fact('volume', 0, { messages: 500, before: [100, 20, 20, 20, 20, 20, 20] })], []],
    ['few messages never are', [fact('volume', 0, { messages: 299, before: [1, 1, 1, 1, 1, 1, 1] })], []],
    [
      'of whom there is no history nobody can say',
      [fact('volume', 0, { messages: 9000, before: [1, 1, 1, 1, 1, 1] })],
      [],
    ],
  ])('%s', (_, facts, expected) => expect(found(facts)).toEqual(expected));

  it('is found anew on the next day, although yesterday’s refusals are still within the hour', () => {
    const midnight = 14 * 60;
    const facts = times(30, (n) => fact('refused', midnight - 15 + n));
    expect(found(facts)).toEqual([
      'refusals-of-one @ash:example 2026-11-28',
      'refusals-of-one @ash:example 2026-11-29',
    ]);
  });

  it('says codes and numbers, and the rooms', () => {
    const room = '!a:example' as RoomId;
    const facts = times(10, (n) => fact('refused', n, { code: n < 7 ? 'role-missing' : 'not-admin', room }));
    const { drafts } = findAnomalies(facts, oversight, zone);
    expect(drafts[0]).toMatchObject({
      what: '10 refusals within an hour (7 role-missing, 3 not-admin)',
      rooms: [room],
      regulation: expect.stringContaining('164.308'),
    });
  });

  it('is one draft of a rule, a person and a day, in whatever order the facts come', () => {
    const any = fc.record({
      kind: fc.constantFrom<ActivityFact['kind']>('refused', 'exported', 'break-glass', 'device-unverified'),
      at: fc.integer({ min: start, max: start + 3 * 24 * 60 * MINUTE }),
      person: fc.constantFrom('@a:example', '@b:example'),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 120 }), (facts) => {
        const { drafts, failed } = findAnomalies(facts, oversight, zone);
        expect(failed).toEqual([]);
        expect(new Set(drafts.map(({ key }) => key)).size).toBe(drafts.length);
        expect(found([...facts].reverse()).sort()).toEqual(found(facts).sort());
      }),
    );
  });

  it('is found by the other rules although one of them fails, and that it failed is said', () => {
    const broken = {
      ...anomalyRules[0]!,
      name: 'broken',
      find: () => {
        throw new Error('x');
      },
    };
    const { drafts, failed } = findAnomalies([fact('break-glass')], oversight, zone, [broken, ...anomalyRules]);
    expect([drafts.map(({ rule }) => rule), failed]).toEqual([['break-glass'], ['broken']]);
  });

  it('is found in a flood of refusals without holding up anything else', () => {
    const flood = times(50_000, (n) => fact('refused', n / 1_000, { code: `c${n % 5}` }));
    const begun = performance.now();
    expect(found(flood)).toEqual(['refusals-of-one @ash:example 2026-11-28', 'refusals-of-all everybody 2026-11-28']);
    // A hundredth of a second for a thousand is plenty; what grows with the square takes minutes.
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it('has rules whose names tell drafts apart', () => {
    expect(new Set(anomalyRules.map(({ name }) => name)).size).toBe(anomalyRules.length);
  });
});
