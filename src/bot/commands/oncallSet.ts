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

export const oncallSet: Command = {
  name: 'oncall set',
  takes: ['ACCOUNT', 'ROLE', 'PERSON'],
  options: { until: 'TIME', ...changeOptions },
  summary: 'somebody takes over now, until the shift that runs now would end',
  needs: `${changeNeeds}; a code where it leaves nobody on call`,
  examples: [
    {
      say: 'oncall set LARK-CARD oncall-cardiology np.quist',
      does: 'np.quist holds the role until the shift would end',
    },
    {
      say: 'oncall set LARK-CARD oncall-cardiology @jory:larkmoor.example --until 2026-12-01T07:00 --reason dr.fenn is ill',
      does: 'until a time, local to the practice; write no patient data',
    },
    {
      say: 'oncall set LARK-CARD oncall-cardiology nobody --until 2026-11-29T18:00',
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
    const until = given.option('until');
    return ok(changing(api, of.value, (schedules) => schedules.planSet(of.value, person.value, until)));
  },
  say: saidChange,
  confirmed: confirmedChange,
};
