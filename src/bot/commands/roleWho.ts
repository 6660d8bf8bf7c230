import type { HeldRole } from '../../flows/heldRoles.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { heldTable, roleNamed } from '../roles.ts';

export const roleWho: Command = {
  name: 'role who',
  takes: ['ROLE'],
  summary: 'shows who holds a role',
  needs: 'an administrator',
  examples: [{ say: 'role who physician', does: 'shows every physician' }],
  needsIdentity: false,
  prepare(given, api) {
    const role = roleNamed(given.word('ROLE'), api);
    return role.ok ? ok((tx) => api.roles.who(tx, role.value)) : role;
  },
  say(data) {
    const held = data.held as readonly HeldRole[];
    return held.length === 0 ? ['Nobody holds it.'] : [heldTable(held)];
  },
};
