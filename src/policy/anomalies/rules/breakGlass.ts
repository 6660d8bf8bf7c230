import { type AnomalyRule, roomsOf } from '../anomaly.ts';

/** Emergency access is allowed, and looked at afterwards every time (45 CFR 164.312(a)(2)(ii)). */
export const breakGlass: AnomalyRule = {
  name: 'break-glass',
  title: 'Reading by break-glass',
  regulation: '45 CFR 164.312(a)(2)(ii), 164.308(a)(1)(ii)(D)',
  find: (facts) =>
    facts
      .filter(({ kind }) => kind === 'break-glass')
      .map((one) => ({ person: one.person, at: one.at, rooms: roomsOf([one]), what: 'emergency access to a room' })),
};
