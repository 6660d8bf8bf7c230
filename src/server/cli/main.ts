import { Command, CommanderError } from 'commander';
import { describeError } from '../log.ts';
import { packageVersion } from '../packageVersion.ts';
import { SecretFileError } from '../secretFile.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { configCommand } from './config.ts';
import { devCommand } from './dev.ts';
import { doctorCommand } from './doctor.ts';
import { CommandError, exitCode } from './exit.ts';
import { migrateCommand } from './migrate.ts';
import { oncallCommand } from './oncall.ts';
import { registrationCommand } from './registration.ts';
import { restoreCommand } from './restore.ts';
import { roleCommand } from './role.ts';
import { serveCommand } from './serve.ts';
import { trainingCommand } from './training.ts';

const program = new Command('wardroom')
  .description('Chat fit for hospitals: policy, on-call paging and audit for encrypted Matrix rooms.')
  .showHelpAfterError('(wardroom COMMAND --help explains)')
  .version(packageVersion())
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 done, or it holds; 1 it does not hold, or the work failed; 2 wrong usage or configuration; 3 not now, try again.',
  );

/** One line per command: the whole list of what the command line can do. */
for (const command of [
  serveCommand,
  migrateCommand,
  configCommand,
  registrationCommand,
  doctorCommand,
  backupCommand,
  restoreCommand,
  oncallCommand,
  roleCommand,
  trainingCommand,
  auditCommand,
  devCommand,
]) {
  program.addCommand(inheriting(command()));
}

/** Sub-commands end the process through the same door as the program. */
function inheriting(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help explains)');
  for (const sub of command.commands) inheriting(sub);
  return command;
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = endCode(error);
}

function endCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof CommandError) {
    if (error.message) process.stderr.write(`${error.message}\n`);
    return error.code;
  }
  if (error instanceof SecretFileError) {
    process.stderr.write(`${error.message}\n`);
    return exitCode.usage;
  }
  // Never its message: libraries quote what they choked on.
  process.stderr.write(`wardroom: ${JSON.stringify(describeError(error))}\n`);
  return exitCode.failed;
}
