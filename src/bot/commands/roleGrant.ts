import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personNamed } from '../people.ts';
import { roleNamed, roleReasons } from '../roles.ts';
import { minuteOf } from '../times.ts';

export const roleGrant: Command = {
  name: 'role grant',
  takes: ['USER', 'ROLE'],
  options: { until: 'DATE' },
  summary: 'gives somebody a role, until the end of a day or until it is revoked',
  needs:
    'an administrator; another one who confirms it where the role opens Wardroom itself (admin, privacy-officer, security-officer), or it is for yourself',
  examples: [
    { say: 'role grant @amsel:marlow.example physician', does: 'until it is revoked; it comes up for review' },
    { say: 'role grant @amsel:marlow.example nurse --until 2027-06-30', does: 'up to and including that day' },
  ],
  needsIdentity: false,
  reasons: roleReasons,
  prepare(given, api) {
    const user = personNamed(given.word('USER'));
    if (!user.ok) return user;
    const role = roleNamed(given.word('ROLE'), api);
    if (!role.ok) return role;
    const until = given.option('until');
    if (until !== null && !/^\d{4}-\d{2}-\d{2}$/.test(until)) return err({ argument: 'DATE' });
    return ok((tx, order) => api.roles.grant(tx, order, user.value, role.value, until));
  },
  say: ({ user_id, role, until, review_by }) => [
    until === null
      ? `${String(user_id)} is ${String(role)} now, until it is revoked; to be confirmed again by ${minuteOf(String(review_by))}.`
      : `${String(user_id)} is ${String(role)} now, until ${minuteOf(String(until))}.`,
  ],
  confirmed: {
    show: ({ user_id, role, until }) => [
      `${String(user_id)} would become ${String(role)}, ${until === null ? 'until it is revoked' : `up to and including ${String(until)}`}.`,
    ],
    basis: (tx, plan, { roles }) => roles.grantBasis(tx, plan),
    apply: (tx, given, plan, { roles }) => roles.grantAsShown(tx, given, plan),
  },
};
