import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import {
  changeIn,
  changeNeeds,
  changeOptions,
  changeReasons,
  changing,
  confirmedChange,
  personNamed,
  saidChange,
} from '../schedules.ts';

export const oncallOverride: Command = {
  name: 'oncall override',
  takes: ['ACCOUNT', 'ROLE', 'PERSON', 'FROM', 'TO'],
  options: changeOptions,
  summary: 'somebody holds a role from one time to another, whatever the rotation says',
  needs: `${changeNeeds}; a code where it leaves nobody on call`,
  examples: [
    {
      say: 'oncall override LARK-CARD oncall-cardiology np.quist 2026-12-24T07:00 2026-12-26T07:00',
      does: 'np.quist holds the role on these days; times are local to the practice, TO is not included',
    },
    {
      say: 'oncall override LARK-CARD oncall-cardiology nobody 2026-12-24 2026-12-25',
      does: 'makes a hole on purpose: shows it and asks',
    },
  ],
  needsIdentity: false,
  reasons: changeReasons,
  prepare(given, api) {
    const of = changeIn(given, api);
    if (!of.ok) return of;
    const person = personNamed('PERSON', given.word('PERSON'), api);
    if (!person.ok) return person;
    const [from, to] = [given.word('FROM'), given.word('TO')];
    return ok(changing(api, of.value, (schedules) => schedules.planOverride(of.value, person.value, from, to)));
  },
  say: saidChange,
  confirmed: confirmedChange,
};
