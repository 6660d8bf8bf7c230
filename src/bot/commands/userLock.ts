import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { loginReasons } from '../logins.ts';
import { userNamed } from '../users.ts';

export const userLock: Command = {
  name: 'user lock',
  takes: ['USER'],
  summary: 'shuts somebody out of the homeserver on every device, until it is unlocked',
  needs: 'an administrator or security officer, and a code; not the last administrator, not yourself',
  examples: [{ say: 'user lock @amsel:marlow.example', does: 'shows what a lock does and what not, and asks' }],
  needsIdentity: false,
  reasons: loginReasons,
  prepare(given, { logins }) {
    const user = userNamed(given.word('USER'));
    return user.ok ? ok((tx, order) => logins.lock(tx, order, user.value)) : user;
  },
  finish: (data, { logins }, given) => logins.finishLocking(data, given),
  say: ({ user_id }) => [
    `${String(user_id)} is locked out: no device of theirs reaches the homeserver. \`user unlock\` lets them in again.`,
    'Roles, rooms and duties are as they were. Whoever calls them gets no answer: ladders go on as for somebody who does not look.',
  ],
  confirmed: {
    show: ({ user_id, roles, devices }) => [
      `A lock shuts ${String(user_id)} out on ${String(devices)} devices, at once; they can sign in nowhere until it is unlocked.`,
      `It ends nothing else: they stay ${(roles as readonly string[]).join(', ') || 'without a role'}, in their rooms and on their shifts, and their devices ` +
        'still get keys, so that they can read on when unlocked. What a device has stored stays readable on it.',
      'Whom pages call instead: `oncall set`, `oncall override`. Who leaves for good: `user offboard`. A phone in wrong hands: `device wipe`.',
    ],
    basis: (tx, plan, { logins }) => logins.lockBasis(tx, plan),
    apply: (tx, given, plan, { logins }) => logins.lockAsShown(tx, given, plan),
  },
};
