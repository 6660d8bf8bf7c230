import fc from 'fast-check';
import {
  type ConsentEvent,
  type ConsentRule,
  consentRules,
  defaultTextingRules,
  foldConsent,
  mayText,
  nextAllowed,
  readConsent,
  scopes,
  type TextRequest,
  textKinds,
} from '../../src/consent/index.ts';
import {
  against,
  granted,
  NOON,
  reassigned,
  request,
  restarted,
  reviewed,
  revoked,
  verified,
  warned,
} from './support.ts';

const PHONE = '+12125550142';
const OTHER = '+17735550163';
const reminder = granted('2026-01-01', 'P-1', PHONE);

const instant = fc
  .integer({ min: Date.parse('2026-11-01'), max: Date.parse('2026-11-25T20:00Z') })
  .map((at) => new Date(at).toISOString());
const to = fc.constantFrom(PHONE, PHONE, OTHER);
const patient = fc.constantFrom('P-1', 'P-1', 'P-2');
const topics = fc.option(fc.subarray([...scopes], { minLength: 1 }));
const revocation = fc
  .tuple(instant, to, topics, fc.constantFrom('sms' as const, 'paper' as const), fc.boolean())
  .map(([at, number, of, method, review]): ConsentEvent => revoked(at, number, { topics: of, method, review }));
const event: fc.Arbitrary<ConsentEvent> = fc.oneof(
  fc
    .tuple(
      instant,
      patient,
      to,
      fc.subarray(['reminder', 'clinical_link', 'content', 'marketing'] as const, { minLength: 1 }),
    )
    .map(([at, who, number, of]) => granted(at, who, number, { scopes: of })),
  revocation,
  fc.tuple(instant, to).map(([at, number]) => reassigned(at, number)),
  fc.tuple(instant, to).map(([at, number]) => restarted(at, number)),
  fc
    .tuple(instant, to)
    .map(([at, number]) => restarted(at, number, { method: 'voice', reviewedBy: '@birch:one.example' })),
  fc.tuple(instant, patient, to).map(([at, who, number]) => warned(at, who, number)),
  fc.tuple(instant, patient, to).map(([at, who, number]) => verified(at, who, number)),
);
const history = fc.array(event, { maxLength: 12 }).chain((events) =>
  fc
    .array(fc.tuple(instant, fc.nat(), fc.constantFrom('confirmed' as const, 'mistaken' as const)), { maxLength: 3 })
    .map((reviews) => [
      ...events,
      ...reviews.flatMap(([at, index, decision]) => {
        const of = events[index % Math.max(1, events.length)];
        return of === undefined ? [] : [reviewed(at, of, decision)];
      }),
    ]),
);
const asked: fc.Arbitrary<TextRequest> = fc
  .tuple(
    fc.constantFrom(...textKinds.filter((kind) => kind !== 'opt_out_confirmation')),
    fc.boolean(),
    fc.constantFrom('all' as const, 'topic' as const),
  )
  .map(([kind, contentTexts, revocationOf]) =>
    request({ kind, answers: NOON, policy: { ...defaultTextingRules, contentTexts, revocation: revocationOf } }),
  );

describe('a revocation', () => {
  it('never turns a no into a yes', () => {
    fc.assert(
      fc.property(history, revocation, asked, (events, stop, one) => {
        const before = mayText(one, foldConsent(events)).allow;
        const after = mayText(one, foldConsent([...events, stop])).allow;
        return before || !after;
      }),
      { numRuns: 1500 },
    );
  });

  it('that is the last word on a telephone lets nothing through to it', () => {
    fc.assert(
      fc.property(
        history,
        fc.constantFrom('reminder', 'clinical', 'clinical_link', 'marketing', 'notice'),
        (events, kind) => {
          const last = revoked('2026-11-25T20:00Z', PHONE);
          const verdict = mayText(
            request({ kind: kind as TextRequest['kind'], at: NOON + 3_600_000 * 2 }),
            foldConsent([last, ...events]),
          );
          return !verdict.allow;
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the verdict', () => {
  it('is the same in whatever order events and rules come', () => {
    fc.assert(
      fc.property(history, asked, fc.func(fc.integer()), (events, one, by) => {
        const shuffled = [...events].sort((a, b) => by(a.id) - by(b.id));
        const otherwise = [...consentRules].sort((a, b) => by(a.id) - by(b.id));
        expect(mayText(one, foldConsent(shuffled), otherwise)).toEqual(mayText(one, foldConsent(events)));
      }),
      { numRuns: 300 },
    );
  });

  it('is no where a rule breaks', () => {
    const broken: ConsentRule = {
      ...(consentRules[0] as ConsentRule),
      id: 'T99',
      check: () => {
        throw new Error('P-1 is ill');
      },
    };
    const verdict = mayText(request(), foldConsent([reminder]), [...consentRules, broken]);
    expect(verdict).toMatchObject({ allow: false, code: 'rule-failed', rule: 'T99' });
    expect(JSON.stringify(verdict)).not.toContain('ill');
  });

  it('is no where no rule allows it', () => {
    expect(mayText(request(), foldConsent([reminder]), [])).toMatchObject({ allow: false, code: 'nothing-allows-it' });
    expect(
      mayText(request({ at: Date.parse('1999-01-05T18:00Z') }), foldConsent([{ ...reminder, at: 0, from: 0 }])),
    ).toMatchObject({
      allow: false,
      code: 'nothing-allows-it',
    });
  });

  it('is no where part of the record cannot be read', () => {
    for (const kind of textKinds)
      expect([
        kind,
        mayText(request({ kind, answers: NOON }), readConsent([reminder, { type: 'revoked' }])).allow,
      ]).toEqual([kind, false]);
  });

  it('names the rule, its citation and what it rests on, and neither words nor numbers', () => {
    const yes = mayText(request(), foldConsent([{ ...reminder, evidence: 'signed, in the blue folder' }]));
    expect(yes).toEqual({
      allow: true,
      rule: 'T1',
      cite: '47 CFR 64.1200(a)(1), (a)(2), (f)(9)',
      evidence: [{ event: reminder.id, type: 'granted', at: reminder.at, method: 'paper' }],
      language: 'en',
    });
    const stop = revoked('2026-11-20', PHONE, { evidence: 'she said: leave me alone' });
    const refused = mayText(request(), foldConsent([reminder, stop]));
    expect(refused).toMatchObject({
      allow: false,
      code: 'stopped',
      rule: 'T3',
      cite: '47 CFR 64.1200(a)(10)',
      evidence: [{ event: stop.id }],
    });
    expect(JSON.stringify([yes, refused])).not.toMatch(/blue folder|leave me alone|5550142/);
  });

  it('says the most important thing first: stopped before asleep', () => {
    const night = Date.parse('2026-11-26T08:00Z');
    expect(against([reminder, revoked('2026-11-20', PHONE)], { at: night })).toEqual([
      ['T3', 'stopped'],
      ['T8', 'quiet-hours'],
    ]);
  });
});

describe('when it may go instead', () => {
  const next = (events: readonly ConsentEvent[], change: Partial<TextRequest>) => {
    const at = nextAllowed(request(change), foldConsent(events));
    return at === null ? null : new Date(at).toISOString();
  };

  it('is now, where nothing speaks against it', () => {
    expect(next([reminder], {})).toBe(new Date(NOON).toISOString());
  });

  it('is the next morning', () => {
    expect(next([reminder], { at: Date.parse('2026-11-26T03:00Z') })).toBe('2026-11-26T13:00:00.000Z');
  });

  it('is when hours and limits both let it', () => {
    const evening = Date.parse('2026-11-25T01:30Z');
    expect(next([reminder], { sends: [{ kind: 'reminder', at: evening }], at: evening + 1 })).toBe(
      '2026-11-26T01:30:00.000Z',
    );
    const late = Date.parse('2026-11-25T03:30Z');
    expect(next([reminder], { sends: [{ kind: 'reminder', at: late }], at: late + 1 })).toBe(
      '2026-11-26T13:00:00.000Z',
    );
  });

  it('passes over days without hours: in Alabama Sundays and holidays', () => {
    const signed = granted('2026-01-01', 'P-1', PHONE, { scopes: ['marketing'] });
    const alabama = { kind: 'marketing' as const, whereabouts: { zip: '35203' } };
    // Saturday evening to Monday morning; the evening before Thanksgiving to Friday morning.
    expect(next([signed], { ...alabama, at: Date.parse('2026-11-29T02:00Z') })).toBe('2026-11-30T14:00:00.000Z');
    expect(next([signed], { ...alabama, at: Date.parse('2026-11-26T02:00Z') })).toBe('2026-11-27T14:00:00.000Z');
  });

  it('is never, where time changes nothing', () => {
    expect(next([reminder, revoked('2026-11-20', PHONE)], {})).toBeNull();
    expect(next([], {})).toBeNull();
    expect(
      next([reminder], { policy: { ...defaultTextingRules, caps: { reminder: { perDay: 0, perWeek: 0 } } } }),
    ).toBeNull();
  });

  it('is never, where consent ends before', () => {
    const until = Date.parse('2026-11-26T05:00Z');
    expect(next([{ ...reminder, until }], { at: Date.parse('2026-11-26T03:00Z') })).toBeNull();
  });
});
