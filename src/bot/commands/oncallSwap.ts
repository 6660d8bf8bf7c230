import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import {
  changeIn,
  changeNeeds,
  changeOptions,
  changeReasons,
  changing,
  personNamed,
  saidChange,
} from '../schedules.ts';

export const oncallSwap: Command = {
  name: 'oncall swap',
  takes: ['ACCOUNT', 'ROLE', 'PERSON', 'OTHER', 'FROM', 'TO'],
  options: changeOptions,
  summary: 'two people trade their shifts in a period',
  needs: changeNeeds,
  examples: [
    {
      say: 'oncall swap LARK-CARD oncall-cardiology dr.fenn np.quist 2026-12-21T07:00 2027-01-04T07:00',
      does: 'each holds what the other would have held',
    },
  ],
  needsIdentity: false,
  reasons: changeReasons,
  prepare(given, api) {
    const of = changeIn(given, api);
    if (!of.ok) return of;
    const one = personNamed('PERSON', given.word('PERSON'), api);
    if (!one.ok) return one;
    const other = personNamed('OTHER', given.word('OTHER'), api);
    if (!other.ok) return other;
    // Who trades with nobody gives a shift away: `override` does that, and asks.
    if (one.value === '') return err({ argument: 'PERSON' });
    if (other.value === '' || other.value === one.value) return err({ argument: 'OTHER' });
    const [from, to] = [given.word('FROM'), given.word('TO')];
    return ok(changing(api, of.value, (schedules) => schedules.planSwap(of.value, [one.value, other.value], from, to)));
  },
  say: saidChange,
};
