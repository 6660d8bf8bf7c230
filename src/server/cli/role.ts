import { userInfo } from 'node:os';
import { Command } from 'commander';
import { configOf, filesOf, withConfigOption } from './configFiles.ts';
import { exitCode, printJson } from './exit.ts';

interface Options {
  readonly config?: string[];
  readonly dir?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly by?: string;
}

/** Why a row cannot be. */
const WHY: Readonly<Record<string, string>> = {
  user: 'user must be a Matrix id, @local:server',
  until: 'until must be a day, 2027-06-30',
  twice: 'the same person and role stand above',
  'needs-second-person': 'this role opens Wardroom itself: give it by command, two administrators',
  'role-unknown': 'there is no such role in the policy',
  'not-on-file': 'no agreement with this organisation is in force',
  'empty-period': 'the last day is over already',
  'too-long': 'that is longer than the policy lets this role be given for',
  'is-wardroom': 'Wardroom itself holds no roles',
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const importCommand = (): Command =>
  withConfigOption(
    new Command('import').description(
      'roles from a CSV file (user,role,until), all or none; exit 1 when a row cannot be',
    ),
  )
    .argument('<file>')
    .option('--dry-run', 'say what would be granted and revoked, and keep nothing')
    .option('--prune', 'revoke what is held and not in the file (never admin, privacy-officer, security-officer)')
    .option('--by <name>', 'who says so, for the audit log')
    .option('--dir <dir>', 'the embedded hospital of this directory (wardroom dev) instead')
    .option('--json', 'one JSON document on stdout')
    .action(async (file: string, options: Options) => {
      const { importRoleFile } = await import('../roleFile.ts');
      const { dryRun = false, prune = false, by = `os:${userInfo().username}` } = options;
      const diff = await importRoleFile(configOf({ config: await filesOf(options) }), file, { dryRun, prune, by });
      if (diff.refused.length > 0) process.exitCode = exitCode.failed;
      if (options.json) {
        printJson(diff);
        return;
      }
      for (const { place, code } of diff.refused) say(`${file}: ${place}: ${WHY[code] ?? code}`);
      for (const one of diff.granted)
        say(`+ ${one.user_id} ${one.role}${one.until === null ? '' : ` until ${one.until}`}`);
      for (const one of diff.revoked) say(`- ${one.user_id} ${one.role}`);
      say(`${diff.granted.length} granted, ${diff.revoked.length} revoked, ${diff.unchanged} as they were`);
      if (!diff.done) say('nothing was kept');
    });

/** Who holds which role (docs/administrator.md). */
export const roleCommand = (): Command => {
  const role = new Command('role').description('who holds which role: in step with a personnel system');
  role.addCommand(importCommand());
  return role;
};
