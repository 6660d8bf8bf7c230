import type { Facts, PolicyRequest, RequestKind } from './request.ts';

/** Why not. `what` is for people: no names of persons, no health information. */
export interface Breach {
  readonly code: string;
  readonly what: string;
}

export interface Violation extends Breach {
  readonly rule: string;
  /** What the rule serves. */
  readonly regulation: string;
}

type Of<K extends RequestKind> = Extract<PolicyRequest, { kind: K }>;

/** One reason to say no. Rules know nothing of each other; the order they are asked in never matters. */
export interface Rule {
  readonly name: string;
  readonly regulation: string;
  readonly kinds: readonly RequestKind[];
  /** What is wrong with the request; empty: nothing, as far as this rule can tell. A rule that throws says no. */
  readonly check: (request: PolicyRequest, facts: Facts) => readonly Breach[];
}

/** A rule about requests of these kinds; it is never asked about others. */
export function rule<const K extends RequestKind>(
  description: Pick<Rule, 'name' | 'regulation'> & {
    readonly kinds: readonly K[];
    readonly check: (request: Of<K>, facts: Facts) => readonly Breach[];
  },
): Rule {
  const { kinds, check } = description;
  return {
    ...description,
    check: (request, facts) =>
      (kinds as readonly RequestKind[]).includes(request.kind) ? check(request as Of<K>, facts) : [],
  };
}

export const no = (code: string, what: string): readonly Breach[] => [{ code, what }];
export const fine: readonly Breach[] = [];
