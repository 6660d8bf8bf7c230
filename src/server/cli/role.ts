import { Command } from 'commander';
import type { RoleDiff } from '../../flows/importRoles.ts';
import { importCommand } from './importCommand.ts';

const importRoleCommand = () =>
  importCommand<RoleDiff>({
    description: 'roles from a CSV file (user,role,until), all or none; exit 1 when a row cannot be',
    dryRun: 'say what would be granted and revoked, and keep nothing',
    prune: 'revoke what is held and not in the file (never admin, privacy-officer, security-officer)',
    why: {
      user: 'user must be a Matrix id, @local:server',
      until: 'until must be a day, 2027-06-30',
      twice: 'the same person and role stand above',
      'needs-second-person': 'this role opens Wardroom itself: give it by command, two administrators',
      'role-unknown': 'there is no such role in the policy',
      'not-on-file': 'no agreement with this organisation is in force',
      'empty-period': 'the last day is over already',
      'too-long': 'that is longer than the policy lets this role be given for',
      'is-wardroom': 'Wardroom itself holds no roles',
    },
    run: async (...asked) => (await import('../roleFile.ts')).importRoleFile(...asked),
    lines: ({ granted, revoked, unchanged }) => [
      ...granted.map((one) => `+ ${one.user_id} ${one.role}${one.until === null ? '' : ` until ${one.until}`}`),
      ...revoked.map((one) => `- ${one.user_id} ${one.role}`),
      `${granted.length} granted, ${revoked.length} revoked, ${unchanged} as they were`,
    ],
  });

/** Who holds which role (docs/administrator.md). */
export const roleCommand = (): Command =>
  new Command('role')
    .description('who holds which role: in step with a personnel system')
    .addCommand(importRoleCommand());
