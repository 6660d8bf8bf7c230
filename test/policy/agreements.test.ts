import {
  agreementState,
  agreementWarnings,
  coverageState,
  nextAgreementChange,
  partnersOf,
} from '../../src/policy/agreements.ts';
import { decide } from '../../src/policy/decide.ts';
import { agreement, builtInPolicy, factsOf, policyOf, sampleAgreements, sampleCoverage, samples } from './support.ts';

const at = (text: string) => Date.parse(text);
const noon = (day: string) => at(`${day}T12:00:00Z`);

describe('agreements with partners', () => {
  it.each(samples.federation_cases)(
    '$domain in $class on $date: $expect',
    ({ domain, class: name, date, expect: expected, warn }) => {
      const now = noon(date);
      const violations = decide(
        { kind: 'federate', domain, class: name },
        factsOf({ now, agreements: sampleAgreements }),
      );
      expect(violations.length === 0 ? 'allow' : 'refuse').toBe(expected);
      const state = agreementState(sampleAgreements, domain, name, now, builtInPolicy);
      if (warn !== undefined) expect(state).toMatchObject({ state: 'in-force', warn: Number.parseInt(warn, 10) });
      else if (expected === 'allow') expect(state).toMatchObject({ state: 'in-force', warn: null });
    },
  );

  it('are all cases of the samples', () => {
    expect(samples.federation_cases).toHaveLength(9);
  });

  it.each([
    ['fenwickvale.example', 'intake', '2026-11-27', 'other-class'],
    ['fenwickvale.example', 'restricted-42cfr2', '2026-11-27', 'never-federates'],
    ['tamsin.example', 'clinical', '2026-12-02', 'ended'],
    ['tamsin.example.evil.example', 'clinical', '2026-11-27', 'not-on-file'],
    ['TAMSIN.example', 'clinical', '2026-11-27', 'not-on-file'],
    ['tamsin.example:8448', 'clinical', '2026-11-27', 'not-on-file'],
    ['tamsin.example', 'clinical', '2024-12-31', 'not-yet'],
    ['tamsin.example', 'moon', '2026-11-27', 'class-unknown'],
    ['tamsin.example', 'constructor', '2026-11-27', 'class-unknown'],
  ])('say why not: %s in %s on %s: %s', (domain, name, date, state) => {
    expect(agreementState(sampleAgreements, domain, name, noon(date), builtInPolicy).state).toBe(state);
  });

  it('hold to the last millisecond of their last day where the hospital is', () => {
    const policy = policyOf('time_zone: America/New_York');
    const state = (text: string) =>
      agreementState(sampleAgreements, 'tamsin.example', 'clinical', at(text), policy).state;
    expect(state('2026-12-01T04:59:59.999Z')).toBe('in-force');
    expect(state('2026-12-01T05:00:00.000Z')).toBe('ended');
  });

  it('warn 30, 7 and 1 days before the end, from the beginning of the day', () => {
    const warn = (text: string) => {
      const state = agreementState(sampleAgreements, 'tamsin.example', 'clinical', at(text), builtInPolicy);
      return state.state === 'in-force' && state.warn;
    };
    expect(warn('2026-10-30T23:59:59.999Z')).toBeNull();
    expect(warn('2026-10-31T00:00:00.000Z')).toBe(30);
    expect(warn('2026-11-22T23:59:59.999Z')).toBe(30);
    expect(warn('2026-11-23T00:00:00.000Z')).toBe(7);
    expect(warn('2026-11-29T00:00:00.000Z')).toBe(1);
    expect(warn('2026-11-30T23:59:59.999Z')).toBe(1);
  });

  it('that are renewed without a gap warn of nothing', () => {
    const renewed = [...sampleAgreements, { ...agreement('tamsin.example', ['clinical']), from: '2026-12-01' }];
    const state = agreementState(renewed, 'tamsin.example', 'clinical', noon('2026-11-30'), builtInPolicy);
    expect(state).toMatchObject({ state: 'in-force', contract: 'BAA-2024-03', warn: null });
    const late = [...sampleAgreements, { ...agreement('tamsin.example', ['clinical']), from: '2026-12-02' }];
    expect(agreementState(late, 'tamsin.example', 'clinical', noon('2026-11-30'), builtInPolicy)).toMatchObject({
      warn: 1,
    });
    expect(agreementState(late, 'tamsin.example', 'clinical', noon('2026-12-01'), builtInPolicy).state).toBe('not-yet');
  });

  it('that are revoked are over at once', () => {
    const now = noon('2026-11-27');
    const revoked = sampleAgreements.map((one) => ({ ...one, revoked_at: now }));
    expect(agreementState(revoked, 'fenwickvale.example', 'clinical', now, builtInPolicy).state).toBe('ended');
    expect(agreementState(revoked, 'fenwickvale.example', 'clinical', now - 1, builtInPolicy).state).toBe('in-force');
  });

  it('are warned of once per partner and end, the soonest first', () => {
    expect(agreementWarnings(sampleAgreements, noon('2026-11-24'), builtInPolicy)).toEqual([
      { domain: 'tamsin.example', contract: 'BAA-2024-03', daysLeft: 6, warn: 7, classes: ['clinical'] },
    ]);
    const both = agreementWarnings(sampleAgreements, noon('2027-06-30'), builtInPolicy);
    expect(both).toEqual([
      {
        domain: 'fenwickvale.example',
        contract: 'BAA-2025-77',
        daysLeft: 0,
        warn: 1,
        classes: ['clinical', 'transfer'],
      },
    ]);
  });

  it('name the servers of a class', () => {
    expect(partnersOf(sampleAgreements, 'clinical', noon('2026-11-27'), builtInPolicy)).toEqual([
      'fenwickvale.example',
      'tamsin.example',
    ]);
    expect(partnersOf(sampleAgreements, 'restricted-42cfr2', noon('2026-11-27'), builtInPolicy)).toEqual([]);
  });

  it('tell when to look again', () => {
    const next = (text: string) => nextAgreementChange(sampleAgreements, [], at(text), builtInPolicy);
    expect(next('2026-11-23T00:00:00Z')).toBe(at('2026-11-29T00:00:00Z'));
    expect(next('2026-11-29T00:00:00Z')).toBe(at('2026-12-01T00:00:00Z'));
    expect(next('2030-01-01T00:00:00Z')).toBeNull();
  });
});

describe('coverage by a partner', () => {
  const ask = (date: string, over: { ours?: string; theirs?: string } = {}) =>
    decide(
      { kind: 'cover', ours: 'LARK-CARD/oncall-cardiology', theirs: 'fenwickvale.example/hospitalist-night', ...over },
      factsOf({ now: noon(date), agreements: sampleAgreements, coverage: sampleCoverage }),
    ).map(({ code }) => code);

  it('is allowed while it is in force', () => {
    expect(ask('2026-11-27')).toEqual([]);
    expect(ask('2027-06-30')).toEqual([]);
  });

  it('ends with its last day', () => {
    expect(ask('2027-07-01')).toEqual(['coverage-ended']);
  });

  it('is for the roles it names only', () => {
    expect(ask('2026-11-27', { ours: 'BRINE-PEDS/oncall-peds' })).toEqual(['coverage-not-on-file']);
    expect(ask('2026-11-27', { theirs: 'tamsin.example/hospitalist-night' })).toEqual(['coverage-not-on-file']);
  });

  it('needs a partner: without an agreement it counts for nothing', () => {
    const state = coverageState(
      sampleCoverage,
      [],
      { ours: 'LARK-CARD/oncall-cardiology', theirs: 'fenwickvale.example/hospitalist-night' },
      noon('2026-11-27'),
      builtInPolicy,
    );
    expect(state.state).toBe('no-partner');
  });

  it("lets the partner into the covered account's room, and into no other", () => {
    const federate = (account: string | undefined, date = '2026-11-27') =>
      decide(
        { kind: 'federate', domain: 'fenwickvale.example', class: 'on-call', account },
        factsOf({ now: noon(date), agreements: sampleAgreements, coverage: sampleCoverage }),
      ).map(({ code }) => code);
    expect(federate('LARK-CARD')).toEqual([]);
    expect(federate('BRINE-PEDS')).toEqual(['other-class']);
    expect(federate(undefined)).toEqual(['other-class']);
    expect(federate('LARK-CARD', '2027-07-01')).toEqual(['not-on-file']);
  });
});
