import { fine, no, rule } from '../rule.ts';
import { holdsOne, serverOf } from '../subjects.ts';

/** Who gives commands holds a role for it and belongs to this hospital. */
export const commandRole = rule({
  name: 'command-role',
  regulation: '45 CFR 164.308(a)(4)(ii)(B)',
  kinds: ['command'],
  check: ({ by, command }, facts) => {
    const { commands } = facts.policy;
    const roles = Object.hasOwn(commands, command) ? commands[command] : commands['*'];
    if (serverOf(by) !== facts.ownServer) return no('not-this-hospital', 'Commands are for people of this hospital.');
    if (roles !== undefined && holdsOne(by, roles, facts)) return fine;
    return no('command-role-missing', `This command is for: ${(roles ?? []).join(', ') || 'nobody'}.`);
  },
});
