import type { AnomalyRule } from '../anomaly.ts';

/** With fewer days of history nobody can say what is ordinary for somebody. */
const KNOWN_DAYS = 7;

/** Far more messages than somebody wrote on any day before: an account in other hands, or a program that writes. */
export const messageVolume: AnomalyRule = {
  name: 'message-volume',
  title: 'Message volume out of the ordinary',
  regulation: '45 CFR 164.308(a)(1)(ii)(D)',
  find: (facts, { volume }) =>
    facts.flatMap(({ kind, person, at, messages = 0, before = [] }) => {
      if (kind !== 'volume' || before.length < KNOWN_DAYS || messages < volume.least) return [];
      const most = Math.max(...before);
      if (messages <= most * volume.times) return [];
      const what = `${messages} messages on one day; the most before were ${most} (${before.length} days)`;
      return [{ person, at, rooms: [], what }];
    }),
};
