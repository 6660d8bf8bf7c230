import type { AnomalyRule } from '../anomaly.ts';

/** The cross-signing identity of an administrator is another one than before: they reset it, or somebody did. */
export const identityChange: AnomalyRule = {
  name: 'identity-change',
  title: 'Changed identity of an administrator',
  regulation: '45 CFR 164.312(d)',
  find: (facts) =>
    facts
      .filter(({ kind }) => kind === 'identity-changed')
      .map(({ person, at }) => ({ person, at, rooms: [], what: 'their identity is another one than was pinned' })),
};
