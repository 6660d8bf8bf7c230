import fc from 'fast-check';
import { gateRules } from '../../src/texts/gate/rules/index.ts';
import {
  type ConsentFacts,
  type ConsentScope,
  cautiousGatePolicy,
  type Finding,
  type GatePolicy,
  type GateRule,
  judgeText,
  outcomes,
  type TextToJudge,
} from '../../src/texts/index.ts';

const NOTICE = 'You have a message from Lark Street Clinic. Call 212-555-0100.';
const finding = (rule: string, kind: Finding['kind'], start = 0, end = 4): Finding => ({ start, end, rule, kind });
const drug = finding('drug', 'health');
const date = finding('date', 'identifier');
const ssn = finding('ssn', 'identifier');
const hiv = finding('sensitive-hiv', 'sensitive');
const otherName = finding('name-other', 'identifier');

const consent = (covers: readonly ConsentScope[], over: Partial<ConsentFacts> = {}): ConsentFacts => ({
  covers,
  riskNotice: true,
  denials: [],
  ...over,
});
const policy: GatePolicy = { ...cautiousGatePolicy };
const textsContent: GatePolicy = { ...policy, classes: [...policy.classes, 'content'], secondPerson: [] };
const reply = (findings: readonly Finding[] | null, over: Partial<TextToJudge> = {}): TextToJudge => ({
  text: 'Yes, we are open until five.',
  to: 'patient',
  from: { kind: 'person', roles: ['nurse'] },
  content: { kind: 'free', findings },
  consent: consent(['reminder', 'clinical_link', 'content']),
  policy,
  release: null,
  notice: NOTICE,
  ...over,
});
const reminder = (over: Partial<TextToJudge> = {}): TextToJudge =>
  reply([], {
    from: { kind: 'automatic' },
    content: { kind: 'template', contentClass: 'reminder', state: 'approved' },
    consent: consent(['reminder']),
    ...over,
  });
const outcome = (text: TextToJudge) => {
  const { verdict, reasons } = judgeText(text);
  return [verdict, ...reasons.map(({ code }) => code)];
};
const denial = { code: 'suppressed', what: 'The phone was stopped.', rule: 'T3', regulation: '47 CFR 64.1200(a)(10)' };

describe('a text', () => {
  it.each<[string, TextToJudge, readonly string[]]>([
    ['an answer in which nothing is found', reply([]), ['allow']],
    ['to a patient who agreed to reminders only', reply([], { consent: consent(['reminder']) }), ['allow']],
    ['an appointment in own words', reply([date], { consent: consent(['reminder']) }), ['allow']],
    [
      'an appointment in own words, to who agreed to notices only',
      reply([date], { consent: consent(['clinical_link']) }),
      ['rewrite', 'not-covered'],
    ],
    ['health, where the practice does not text it', reply([drug]), ['rewrite', 'class-not-allowed', 'second-person']],
    ['health, where everything is in place', reply([drug], { policy: textsContent }), ['allow']],
    [
      'health, to who did not agree to it',
      reply([drug], { policy: textsContent, consent: consent(['clinical_link']) }),
      ['rewrite', 'not-covered'],
    ],
    [
      'health, to who was never warned',
      reply([drug], { policy: textsContent, consent: consent(['content'], { riskNotice: false }) }),
      ['rewrite', 'no-risk-notice'],
    ],
    [
      'health, to who agreed to reminders only: not even the notice is covered',
      reply([drug], { policy: textsContent, consent: consent(['reminder']) }),
      ['block', 'not-covered', 'not-covered'],
    ],
    ['an identifier alone', reply([ssn]), ['rewrite', 'class-not-allowed', 'second-person']],
    [
      'with no notice to send instead',
      reply([drug], { notice: null }),
      ['block', 'no-notice', 'class-not-allowed', 'second-person'],
    ],
    ['HIV, where everything is in place', reply([hiv], { policy: textsContent }), ['block', 'sensitive']],
    [
      'HIV, released by a physician',
      reply([hiv], { policy: textsContent, release: { roles: ['physician'], isAuthor: false } }),
      ['block', 'sensitive'],
    ],
    ['whose content nobody could tell', reply(null), ['block', 'content-unknown']],
    ['without a consent on record', reply([], { consent: null }), ['block', 'consent-unknown']],
    ['without any scope', reply([], { consent: consent([]) }), ['block', 'not-covered', 'not-covered']],
    [
      'to a stopped phone',
      reply([], { consent: consent(['content'], { denials: [denial] }) }),
      ['block', 'suppressed'],
    ],
    [
      'of somebody without a role for it',
      reply([], { from: { kind: 'person', roles: ['billing'] } }),
      ['block', 'texting-role-missing'],
    ],
    ['own words that nobody wrote', reply([], { from: { kind: 'automatic' } }), ['block', 'automatic-words']],
    ['of four parts', reply([], { text: 'a'.repeat(460) }), ['block', 'too-long']],
    ['of no words', reply([], { text: ' \n' }), ['block', 'empty']],
    ['that names somebody else', reply([otherName], { policy: textsContent }), ['hold', 'other-person']],
    [
      'that names somebody else, released by a physician',
      reply([otherName], { policy: textsContent, release: { roles: ['physician'], isAuthor: false } }),
      ['allow'],
    ],
    [
      'that names somebody else, released by its own author',
      reply([otherName], { policy: textsContent, release: { roles: ['physician'], isAuthor: true } }),
      ['hold', 'other-person'],
    ],
    [
      'that names somebody else, released without a role for it',
      reply([otherName], { policy: textsContent, release: { roles: ['nurse'], isAuthor: false } }),
      ['hold', 'other-person'],
    ],
    [
      'in a script that is not read',
      reply([finding('script', 'health')], { policy: textsContent }),
      ['hold', 'script-not-read'],
    ],
    ['a reminder', reminder(), ['allow']],
    [
      'a reminder that is not approved',
      reminder({ content: { kind: 'template', contentClass: 'reminder', state: 'draft' } }),
      ['block', 'template-not-approved'],
    ],
    [
      'a reminder that was retired',
      reminder({ content: { kind: 'template', contentClass: 'reminder', state: 'retired' } }),
      ['block', 'template-not-approved'],
    ],
    ['a reminder of 161 characters', reminder({ text: 'a'.repeat(161) }), ['block', 'too-long']],
    ['a reminder to who agreed to content only', reminder({ consent: consent(['content']) }), ['block', 'not-covered']],
    [
      'marketing to who agreed to reminders',
      reminder({ content: { kind: 'template', contentClass: 'marketing', state: 'approved' } }),
      ['block', 'not-covered', 'class-not-allowed'],
    ],
    [
      'the answer to HELP, to somebody nobody knows',
      reminder({ content: { kind: 'template', contentClass: 'service', state: 'approved' }, consent: null }),
      ['allow'],
    ],
    [
      'a page to a clinician',
      reminder({ to: 'staff', content: { kind: 'template', contentClass: 'page', state: 'approved' }, consent: null }),
      ['allow'],
    ],
    ['a reminder to a clinician', reminder({ to: 'staff' }), ['block', 'not-a-page']],
    ['own words to a clinician', reply([], { to: 'staff' }), ['block', 'not-a-page']],
    [
      'a page to a patient',
      reminder({ content: { kind: 'template', contentClass: 'page', state: 'approved' } }),
      ['block', 'page-to-patient'],
    ],
  ])('%s', (_, text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });

  it('that becomes the notice is sent as the notice, and its sender is told why and where', () => {
    const verdict = judgeText(reply([finding('drug', 'health', 4, 9)], { policy: { ...policy, secondPerson: [] } }));
    expect(verdict).toEqual({
      verdict: 'rewrite',
      contentClass: 'content',
      send: NOTICE,
      parts: 1,
      reasons: [
        {
          code: 'class-not-allowed',
          outcome: 'rewrite',
          rule: 'texting-policy',
          regulation: '45 CFR 164.530(c), 164.522(b)',
          what: 'It holds health information or names somebody, and the practice does not text that.',
          spans: [{ start: 4, end: 9, rule: 'drug' }],
        },
      ],
    });
  });

  it('that a rule fails over is blocked', () => {
    const fails: GateRule = {
      name: 'fails',
      regulation: '45 CFR 164.530(c)',
      check: () => {
        throw new Error('Rosa Delgado');
      },
    };
    const verdict = judgeText(reply([]), [...gateRules, fails]);
    expect(verdict).toMatchObject({ verdict: 'block', send: null, reasons: [{ code: 'rule-failed', rule: 'fails' }] });
    expect(JSON.stringify(verdict)).not.toContain('Rosa');
  });
});

describe('the gate', () => {
  const findings = fc.array(fc.constantFrom(drug, date, ssn, hiv, otherName, finding('name-addressed', 'identifier')), {
    maxLength: 4,
  });
  const scopes = fc.subarray<ConsentScope>(['reminder', 'clinical_link', 'content', 'marketing']);
  const texts: fc.Arbitrary<TextToJudge> = fc.record({
    text: fc.constantFrom('Hello', '', 'a'.repeat(500), 'a'.repeat(161)),
    to: fc.constantFrom('patient', 'staff'),
    from: fc.oneof(
      fc.constant({ kind: 'automatic' as const }),
      fc.record({ kind: fc.constant('person' as const), roles: fc.subarray(['nurse', 'billing']) }),
    ),
    content: fc.oneof(
      fc.record({ kind: fc.constant('free' as const), findings: fc.option(findings) }),
      fc.record({
        kind: fc.constant('template' as const),
        contentClass: fc.constantFrom('service', 'reminder', 'notice', 'marketing', 'page'),
        state: fc.constantFrom('draft', 'approved', 'retired'),
      }),
    ),
    consent: fc.option(
      fc.record({ covers: scopes, riskNotice: fc.boolean(), denials: fc.constantFrom([], [], [denial]) }),
    ),
    policy: fc.constantFrom(policy, textsContent, { ...policy, senders: [], classes: [] }),
    release: fc.option(fc.record({ roles: fc.subarray(['physician', 'nurse']), isAuthor: fc.boolean() })),
    notice: fc.option(fc.constant(NOTICE)),
  });
  const strictness = (text: TextToJudge) => outcomes.indexOf(judgeText(text).verdict);

  it('gives the same verdict in whatever order its rules are asked', () => {
    fc.assert(
      fc.property(texts, fc.shuffledSubarray([...gateRules], { minLength: gateRules.length }), (text, order) => {
        expect(judgeText(text, order)).toEqual(judgeText(text));
      }),
    );
  });

  it('is never milder for one finding more, one scope less, one denial more, or less that is known', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(drug, date, ssn, hiv), (text, more) => {
        const now = strictness(text);
        if (text.content.kind === 'free' && text.content.findings !== null) {
          const found = text.content.findings;
          expect(strictness({ ...text, content: { kind: 'free', findings: null } })).toBeGreaterThanOrEqual(now);
          // An appointment's day is covered by the consent for reminders alone, plain words by others as well.
          if (more !== date)
            expect(
              strictness({ ...text, content: { kind: 'free', findings: [...found, more] } }),
            ).toBeGreaterThanOrEqual(now);
        }
        if (text.consent) {
          const { covers, denials } = text.consent;
          for (const scope of covers)
            expect(
              strictness({ ...text, consent: { ...text.consent, covers: covers.filter((one) => one !== scope) } }),
            ).toBeGreaterThanOrEqual(now);
          expect(strictness({ ...text, consent: { ...text.consent, denials: [...denials, denial] } })).toBe(
            text.to === 'staff' ? now : outcomes.length - 1,
          );
          expect(strictness({ ...text, consent: { ...text.consent, riskNotice: false } })).toBeGreaterThanOrEqual(now);
        }
        expect(strictness({ ...text, release: null })).toBeGreaterThanOrEqual(now);
        expect(strictness({ ...text, notice: null })).toBeGreaterThanOrEqual(now);
        for (const denied of text.policy.classes)
          expect(
            strictness({
              ...text,
              policy: { ...text.policy, classes: text.policy.classes.filter((one) => one !== denied) },
            }),
          ).toBeGreaterThanOrEqual(now);
      }),
    );
  });

  it('sends the text only when nothing stands against it, the notice only in its stead, and else nothing', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { verdict, send, parts, reasons } = judgeText(text);
        if (verdict === 'allow') expect([send, reasons]).toEqual([text.text, []]);
        else if (verdict === 'rewrite') expect(send).toBe(text.notice);
        else expect([send, parts]).toEqual([null, 0]);
        if (verdict !== 'allow') expect(reasons.length).toBeGreaterThan(0);
      }),
    );
  });

  it('lets a text that holds something sensitive go in no case at all', () => {
    fc.assert(
      fc.property(texts, findings, (text, others) => {
        const content = { kind: 'free' as const, findings: [...others, hiv] };
        expect(judgeText({ ...text, content })).toMatchObject({ verdict: 'block', send: null });
      }),
    );
  });
});
