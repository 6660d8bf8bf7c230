import type { AnomalyRule } from '../anomaly.ts';

/** A new device of an administrator that they did not sign: nobody can tell that it is theirs. */
export const unverifiedDevice: AnomalyRule = {
  name: 'unverified-device',
  title: 'New unverified device of an administrator',
  regulation: '45 CFR 164.312(d), 164.308(a)(5)(ii)(C)',
  find: (facts) =>
    facts
      .filter(({ kind }) => kind === 'device-unverified')
      .map(({ person, at }) => ({ person, at, rooms: [], what: 'a new device that their identity does not sign' })),
};
