import type { Facts, PolicyRequest } from './request.ts';
import type { Rule, Violation } from './rule.ts';
import { rules as allRules } from './rules/index.ts';

/**
 * What stands against a request; empty: it is allowed. Unknown means no: a rule that throws is a violation, and so is a request that no
 * rule is about. The order of the rules does not matter.
 */
export function decide(request: PolicyRequest, facts: Facts, rules: readonly Rule[] = allRules): readonly Violation[] {
  const asked = rules.filter(({ kinds }) => kinds.includes(request.kind));
  if (asked.length === 0) return [{ ...UNJUDGED, code: 'request-unknown', what: 'Nothing says that this is allowed.' }];
  return asked.flatMap((rule) => violationsOf(rule, request, facts)).sort(inOrder);
}

const UNJUDGED = { rule: 'decide', regulation: '45 CFR 164.312(a)(1)' };

function violationsOf({ name, regulation, check }: Rule, request: PolicyRequest, facts: Facts): Violation[] {
  try {
    return check(request, facts).map((breach) => ({ ...breach, rule: name, regulation }));
  } catch {
    // Whatever went wrong: it could not be told that this is allowed.
    return [{ code: 'rule-failed', rule: name, regulation, what: 'It could not be told whether this is allowed.' }];
  }
}

const inOrder = (a: Violation, b: Violation): number => compare(a.rule, b.rule) || compare(a.code, b.code);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
