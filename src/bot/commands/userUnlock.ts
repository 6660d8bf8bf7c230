import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { loginReasons } from '../logins.ts';
import { userNamed } from '../users.ts';

export const userUnlock: Command = {
  name: 'user unlock',
  takes: ['USER'],
  summary: 'lets somebody in again who was locked out or offboarded',
  needs: 'an administrator; Wardroom as server administrator of the homeserver',
  examples: [
    {
      say: 'user unlock @amsel:marlow.example',
      does: 'they may sign in; schedules that name them count again; roles that were ended are not given back',
    },
  ],
  needsIdentity: false,
  reasons: loginReasons,
  prepare(given, { logins }) {
    const user = userNamed(given.word('USER'));
    return user.ok ? ok((tx, order) => logins.unlock(tx, order, user.value)) : user;
  },
  finish: (data, { logins }, given) => logins.finishUnlocking(data, given),
  say: ({ user_id, back_on_schedules, account_not }) => [
    account_not === null
      ? `${String(user_id)} may sign in again.`
      : `The account of ${String(user_id)} is NOT unlocked. ${loginReasons[String(account_not)] ?? String(account_not)}`,
    ...(back_on_schedules === true
      ? ['They were offboarded: schedules that name them count again. Their roles do not: `role grant`.']
      : []),
  ],
};
