import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config/index.ts';
import { configOf, withConfigOption } from './configFiles.ts';
import { CommandError, exitCode, printJson } from './exit.ts';
import { unreachable } from './unreachable.ts';

export const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** The key to use: named on the command line, else in the configuration. */
export function keyFileOf(config: Config, option: string | undefined): string {
  const path = option === undefined ? config.backup.key_file : resolve(option);
  if (path === undefined)
    throw new CommandError(
      exitCode.usage,
      'no key: make one with `wardroom backup --make-key KEYFILE`, keep a copy away from this machine, and name it in backup.key_file or by --key-file',
    );
  return path;
}

export const backupCommand = (): Command =>
  withConfigOption(
    new Command('backup').description(
      'write an encrypted backup of the database and the secrets, while Wardroom runs; every day, to another machine',
    ),
  )
    .argument('[file]', 'where to write it; must not be there yet')
    .option('--key-file <file>', 'age key, or only its public half (default: backup.key_file)')
    .option('--make-key <file>', 'make a key instead, mode 0600: without it no backup can be read')
    .option('--json', 'one JSON document on stdout')
    .action(
      async (
        file: string | undefined,
        options: { config?: string[]; keyFile?: string; makeKey?: string; json?: boolean },
      ) => {
        if (options.makeKey !== undefined) {
          const { makeKeyFile } = await import('../backup/seal.ts');
          const recipient = await makeKeyFile(resolve(options.makeKey));
          if (options.json) printJson({ key_file: resolve(options.makeKey), recipient });
          else process.stdout.write(`${recipient}\n`);
          return;
        }
        if (file === undefined) throw new CommandError(exitCode.usage, 'name the file to write');
        const config = configOf(options);
        const { makeBackup } = await import('../backup/backup.ts');
        const { withDatabase } = await import('../reachDatabase.ts');
        const keyFile = keyFileOf(config, options.keyFile);
        const report = await withDatabase(config, (reached) =>
          makeBackup(reached, resolve(file), keyFile, progress),
        ).catch(unreachable);
        if (options.json) printJson(report);
        else
          process.stdout.write(
            `${report.file}: ${report.bytes} bytes, ${Object.values(report.rows).reduce((a, b) => a + b, 0)} rows and ${report.secrets} secrets of schema ${report.schema}, in ${report.seconds} s\n`,
          );
      },
    );
