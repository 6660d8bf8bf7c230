import { resolve } from 'node:path';
import { Command } from 'commander';
import { keyFileOf, progress } from './backup.ts';
import { configOf, withConfigOption } from './configFiles.ts';
import { printJson } from './exit.ts';
import { unreachable } from './unreachable.ts';

export const restoreCommand = (): Command =>
  withConfigOption(
    new Command('restore').description(
      'put a backup into an empty database, and its secrets into place; Wardroom must not run. Nothing is changed unless all of it can be read',
    ),
  )
    .argument('<file>', 'what `wardroom backup` wrote')
    .option('--key-file <file>', 'age key (default: backup.key_file)')
    .option('--check', 'only read it to its end, and say what it holds')
    .option('--json', 'one JSON document on stdout')
    .action(async (file: string, options: { config?: string[]; keyFile?: string; check?: boolean; json?: boolean }) => {
      const config = configOf(options);
      const keyFile = keyFileOf(config, options.keyFile);
      const { withDatabase } = await import('../reachDatabase.ts');
      const { checkBackup, restoreBackup } = await import('../backup/restore.ts');
      const path = resolve(file);
      const report = await (options.check
        ? checkBackup(path, keyFile)
        : withDatabase(config, (reached) => restoreBackup(reached, path, keyFile, progress))
      ).catch(unreachable);
      if (options.json) return printJson(report);
      const log = report.audit === null ? 'no audit log yet' : `audit log of ${report.audit.size} entries`;
      process.stdout.write(
        `${options.check ? 'can be restored' : 'restored'}: ${Object.values(report.rows).reduce((a, b) => a + b, 0)} rows, ${report.secrets} secrets, ${log}; made ${report.made_at}, schema ${report.schema}; in ${report.seconds} s\n`,
      );
      if (!options.check)
        process.stdout.write(
          'what came after the backup is not there: tell the answering services to send again what they sent since then\n',
        );
    });
