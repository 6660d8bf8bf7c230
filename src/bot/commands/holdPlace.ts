import { Phi } from '../../kernel/phi.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { dayGiven, scopeGiven } from '../holds.ts';
import { retentionReasons } from '../retention.ts';
import { minuteOf } from '../times.ts';

export const holdPlace: Command = {
  name: 'hold place',
  takes: ['[ROOM...]'],
  options: {
    reason: 'TEXT',
    until: 'DATE',
    person: 'USER',
    patient: 'REF',
    ticket: 'ID',
    class: 'CLASS',
    from: 'DATE',
    to: 'DATE',
  },
  summary:
    'keeps messages whatever their age (legal hold): of a room, a person, a patient, a ticket, a class, of days; all that is named has to be so',
  needs: 'a privacy officer or an administrator; --reason',
  examples: [
    { say: 'hold place 4 West 2 --reason Case 26-114, letter of 3 November', does: 'nothing in that room is deleted' },
    {
      say: 'hold place --patient P-1003 --class clinical --from 2026-10-01 --reason Request of counsel',
      does: 'holds what was written about a patient since October',
    },
  ],
  needsIdentity: false,
  reasons: retentionReasons,
  prepare(given, api) {
    const reason = given.option('reason');
    if (reason === null) return err({ argument: '--reason', why: 'missing' });
    const scope = scopeGiven(given, api);
    if (!scope.ok) return scope;
    const [from, to, until] = [dayGiven(given, 'from'), dayGiven(given, 'to'), dayGiven(given, 'until')];
    for (const day of [from, to, until]) if (!day.ok) return day;
    if (!from.ok || !to.ok || !until.ok) return err({ argument: 'DATE' });
    const days = { from: from.value, to: to.value, until: until.value };
    return ok((tx, order) => api.retention.placeHold(tx, order, scope.value, days, new Phi(reason)));
  },
  say: ({ hold_id, covers, until }) => [
    `\`${String(hold_id)}\` stands${until === null ? '' : ` until ${minuteOf(String(until))}`}: nothing it covers is deleted (${Object.entries(
      covers as Record<string, string>,
    )
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}).`,
  ],
};
