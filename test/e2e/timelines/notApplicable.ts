/**
 * What timelines.yaml expects and this installation cannot do, or does otherwise, each with its reason. Whatever is not here must hold;
 * an entry that no expectation needs any more fails a test.
 */
export interface NotApplicable {
  /** Absent: in every timeline. */
  readonly timeline?: string;
  readonly key: string;
  readonly value?: unknown;
  readonly why: string;
}

export const NOT_APPLICABLE: readonly NotApplicable[] = [
  {
    key: 'body_contains_canary',
    value: false,
    why: 'no text on any telephone holds one, which is checked with each; the search at the end covers all',
  },
  {
    timeline: 'restricted-account',
    key: 'room_class',
    value: 'restricted-42cfr2',
    why: 'room classes come with the policy',
  },
  { timeline: 'restricted-account', key: 'federated', value: false, why: 'so does who may be in a room of a class' },
];

/** Inputs that nothing in the real stack can bring yet. */
export const NOT_PLAYED: readonly { readonly timeline: string; readonly sig: string; readonly why: string }[] = [];

/** What is done sooner than the data say, because it can be known sooner. */
export const SOONER: readonly { readonly timeline: string; readonly t: string; readonly why: string }[] = [
  {
    timeline: 'undecryptable-on-new-device',
    t: '1:20',
    why: 'that nobody can read it is known when it is sent; the operator is told then, not a quarter of a minute later',
  },
];
