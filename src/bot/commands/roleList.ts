import type { HeldRole } from '../../flows/heldRoles.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personNamed } from '../people.ts';
import { heldTable } from '../roles.ts';

export const roleList: Command = {
  name: 'role list',
  takes: ['[USER]'],
  summary: 'shows who holds which role, until when, and by when it has to be confirmed again',
  needs: 'an administrator',
  examples: [
    { say: 'role list', does: 'shows everybody who holds a role' },
    { say: 'role list @amsel:marlow.example', does: 'shows the roles of one person' },
  ],
  needsIdentity: false,
  prepare(given, { roles }) {
    const typed = given.maybe('USER');
    if (typed === null) return ok((tx) => roles.list(tx, null));
    const user = personNamed(typed);
    return user.ok ? ok((tx) => roles.list(tx, user.value)) : user;
  },
  say(data) {
    const held = data.held as readonly HeldRole[];
    return held.length === 0 ? ['No role is held.'] : [heldTable(held)];
  },
};
