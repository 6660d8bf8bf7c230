import type { Instant } from '../kernel/clock.ts';
import type { Consent } from './record/consent.ts';
import { standing } from './record/standing.ts';
import type { TextRequest } from './request.ts';
import { applies, type Context, contextOf, type Rule } from './rule.ts';
import { rules as allRules } from './rules/index.ts';
import { type Denial, denialCodes, type Evidence, type Verdict } from './verdict.ts';

/**
 * Whether a text may go to a patient's telephone now, by everything that is on record. Unknown means no: every rule that applies is asked, one
 * no is a no, a rule that throws says no, and what no rule allows stays here. The order of the rules does not matter.
 */
export function mayText(request: TextRequest, consent: Consent, rules: readonly Rule[] = allRules): Verdict {
  const context = contextOf(request, consent);
  const asked = rules.filter((rule) => isAsked(rule, request));
  const denials = asked.flatMap((rule) => denialsOf(rule, context)).sort(inOrder);
  // T1 is named before H1, which stands on it.
  const basis = asked.flatMap((rule) => basisOf(rule, context)).sort((a, b) => compare(b.rule.id, a.rule.id));
  const language = languageOf(request, consent);
  const [named] = basis;
  if (denials.length === 0 && named !== undefined) {
    const { id: rule, cite } = named.rule;
    return { allow: true, rule, cite, evidence: basis.flatMap(({ evidence }) => evidence), language };
  }
  const all = denials.length > 0 ? denials : [UNALLOWED];
  const { code, rule, cite, what, evidence } = all[0] ?? UNALLOWED;
  const ends = all.map(({ until }) => until);
  const until = ends.every((end) => end !== null) ? Math.max(...ends) : null;
  return { allow: false, code, rule, cite, what, until, evidence, denials: all, language };
}

/** How often it is looked again, when what held a text back has passed. */
const LOOKS = 20;

/**
 * The first instant from `request.at` on at which the text may go, as far as the record says today; null: not by waiting. With the sends that
 * there have been: what is sent meanwhile can put it off.
 */
export function nextAllowed(request: TextRequest, consent: Consent, rules: readonly Rule[] = allRules): Instant | null {
  let at = request.at;
  for (let look = 0; look < LOOKS; look += 1) {
    const verdict = mayText({ ...request, at }, consent, rules);
    if (verdict.allow) return at;
    if (verdict.until === null || verdict.until <= at) return null;
    at = verdict.until;
  }
  return null;
}

const isAsked = (rule: Rule, { kind, channel, at, policy }: TextRequest): boolean =>
  rule.kinds.includes(kind) &&
  (rule.channels?.includes(channel) ?? true) &&
  applies(rule, at) &&
  !(rule.canBeOff && policy.off.includes(rule.id));

function denialsOf(rule: Rule, context: Context): readonly Denial[] {
  const { id, cite, check } = rule;
  try {
    return check(context).map(({ code, what, until, evidence }) => ({
      code,
      rule: id,
      cite,
      what,
      until: until ?? null,
      evidence: evidence ?? [],
    }));
  } catch {
    // Whatever went wrong: it could not be told that this is allowed.
    return [
      {
        code: 'rule-failed',
        rule: id,
        cite,
        what: 'It could not be told whether this is allowed.',
        until: null,
        evidence: [],
      },
    ];
  }
}

interface Basis {
  readonly rule: Rule;
  readonly evidence: readonly Evidence[];
}

function basisOf(rule: Rule, context: Context): readonly Basis[] {
  if (rule.basis === undefined) return [];
  try {
    const evidence = rule.basis(context);
    return evidence === null ? [] : [{ rule, evidence }];
  } catch {
    // What fails to allow does not.
    return [];
  }
}

const UNALLOWED: Denial = {
  code: 'nothing-allows-it',
  rule: 'mayText',
  cite: '47 CFR 64.1200(a)(1)',
  what: 'Nothing says that this is allowed.',
  until: null,
  evidence: [],
};

function languageOf({ patient, channel, to, at }: TextRequest, consent: Consent): string | null {
  if (patient === null) return null;
  const state = standing(consent, patient, channel, to, at);
  return state.inForce ? state.language : (state.records.at(-1)?.language ?? null);
}

const inOrder = (a: Denial, b: Denial): number =>
  denialCodes.indexOf(a.code) - denialCodes.indexOf(b.code) || compare(a.rule, b.rule);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
