import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personNamed } from '../people.ts';
import { roleNamed, roleReasons } from '../roles.ts';

export const roleRevoke: Command = {
  name: 'role revoke',
  takes: ['USER', 'ROLE'],
  summary: 'takes a role from somebody, at once',
  needs: 'an administrator; another one left where the role is admin',
  examples: [
    { say: 'role revoke @amsel:marlow.example physician', does: 'ends it now, and takes back what was to begin' },
  ],
  needsIdentity: false,
  reasons: roleReasons,
  prepare(given, api) {
    const user = personNamed(given.word('USER'));
    if (!user.ok) return user;
    const role = roleNamed(given.word('ROLE'), api);
    return role.ok ? ok((tx, order) => api.roles.revoke(tx, order, user.value, role.value)) : role;
  },
  say: ({ user_id, role, roles }) => [
    `${String(user_id)} is no ${String(role)} any more.`,
    `Left: ${(roles as readonly string[]).join(', ') || 'no role'}.`,
  ],
};
