import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personNamed } from '../people.ts';
import { roleNamed, roleReasons } from '../roles.ts';
import { minuteOf } from '../times.ts';

interface Due {
  readonly user_id: string;
  readonly role: string;
  readonly review_by: string;
  readonly granted_by: string;
  readonly overdue: boolean;
}

export const roleReview: Command = {
  name: 'role review',
  takes: ['[USER]', '[ROLE]'],
  summary: 'shows which roles have to be confirmed again within 30 days, or confirms that somebody still needs one',
  needs: 'an administrator, a privacy officer or a security officer; nobody confirms their own',
  examples: [
    { say: 'role review', does: 'shows what is due, what is overdue first' },
    { say: 'role review @amsel:marlow.example physician', does: 'says that @amsel still needs it' },
  ],
  needsIdentity: false,
  reasons: roleReasons,
  prepare(given, api) {
    const typed = given.maybe('USER');
    if (typed === null) return ok((tx) => api.roles.due(tx));
    const user = personNamed(typed);
    if (!user.ok) return user;
    const named = given.maybe('ROLE');
    if (named === null) return err({ argument: 'ROLE', why: 'missing' });
    const role = roleNamed(named, api);
    return role.ok ? ok((tx, order) => api.roles.signOff(tx, order, user.value, role.value)) : role;
  },
  say(data) {
    if ('user_id' in data)
      return [
        `Confirmed: ${String(data.user_id)} still needs ${String(data.role)}. Next review by ${minuteOf(String(data.review_by))}.`,
      ];
    const due = data.due as readonly Due[];
    if (due.length === 0) return ['Nothing has to be confirmed within 30 days.'];
    return [
      {
        head: ['User', 'Role', 'Review by', 'Granted by'],
        rows: due.map((one) => [
          one.user_id,
          one.role,
          `${minuteOf(one.review_by)}${one.overdue ? ' OVERDUE' : ''}`,
          one.granted_by,
        ]),
      },
    ];
  },
};
