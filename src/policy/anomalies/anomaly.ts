/** What looks like an incident: rules over plain facts of what happened (45 CFR 164.308(a)(1)(ii)(D), (a)(6)(ii)). */
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import type { Oversight } from '../policySchema.ts';

/** Something that happened that a rule may look at. `person`: a Matrix id, or the name of what did it. */
export interface ActivityFact {
  readonly kind: 'refused' | 'exported' | 'break-glass' | 'device-unverified' | 'identity-changed' | 'volume';
  readonly at: Instant;
  readonly person: string;
  readonly room?: RoomId;
  /** Of a refusal: why. */
  readonly code?: string;
  /** Of `volume`: messages of that day so far, and of each of the days before on which there were any. */
  readonly messages?: number;
  readonly before?: readonly number[];
}

/** Stands for everybody together. */
export const EVERYBODY = 'everybody';

/** What a rule found. One of a rule, a person and a day opens one draft. */
export interface Anomaly {
  readonly person: string;
  readonly at: Instant;
  readonly rooms: readonly RoomId[];
  /** Codes, ids and numbers only. */
  readonly what: string;
}

export interface AnomalyRule {
  /** Part of what tells drafts apart; never changed. */
  readonly name: string;
  readonly title: string;
  readonly regulation: string;
  /** `facts` in the order in which they happened. */
  readonly find: (facts: readonly ActivityFact[], settings: Oversight, timeZone: string) => readonly Anomaly[];
}

export const roomsOf = (facts: readonly ActivityFact[]): readonly RoomId[] => [
  ...new Set(facts.flatMap(({ room }) => (room === undefined ? [] : [room]))),
];

export function byPerson(facts: readonly ActivityFact[]): ReadonlyMap<string, readonly ActivityFact[]> {
  const persons = new Map<string, ActivityFact[]>();
  for (const fact of facts) {
    const known = persons.get(fact.person);
    if (known) known.push(fact);
    else persons.set(fact.person, [fact]);
  }
  return persons;
}

/** Each moment at which so many happened within the time before it: those that did. */
export function crowds(
  facts: readonly ActivityFact[],
  many: number,
  withinMs: number,
): readonly (readonly ActivityFact[])[] {
  return facts.flatMap((last, index) => {
    const first = facts[index - many + 1];
    return first !== undefined && last.at - first.at <= withinMs ? [facts.slice(index - many + 1, index + 1)] : [];
  });
}

export const counted = (codes: readonly (string | undefined)[]): string =>
  [...new Set(codes)]
    .map((code) => `${codes.filter((one) => one === code).length} ${code ?? 'without a code'}`)
    .join(', ');
