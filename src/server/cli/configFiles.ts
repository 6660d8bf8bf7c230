import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Config, faultLine, loadConfig } from '../config/index.ts';
import { CommandError, exitCode } from './exit.ts';

const defaults: readonly string[] = ['config/wardroom.yaml', 'config/dispatch.yaml'];

/** What is read when no `--config` is given. */
export const defaultConfigFiles = (): string[] => [...defaults];

/** `--config FILE`, given several times: files merge, later ones win. */
export function withConfigOption(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    `configuration file, may be given several times, later ones win (default: ${defaults.join(', ')})`,
    (file: string, files: string[] | undefined) => [...(files ?? []), file],
  );
}

/** The checked configuration, or every fault at once and exit code 2. */
export function configOf(options: { readonly config?: readonly string[] | undefined }): Config {
  const loaded = loadConfig(options.config ?? defaults);
  if (!loaded.ok) throw new CommandError(exitCode.usage, loaded.error.map(faultLine).join('\n'));
  return loaded.value;
}

/**
 * The files for a command that looks into the database: those that are named; those of the embedded hospital in `--dir`; else the
 * default ones where an installation was set up with them, and else an embedded hospital that is there. Says so when it takes that.
 */
export async function filesOf(options: {
  readonly config?: string[];
  readonly dir?: string;
}): Promise<readonly string[]> {
  if (options.config && !options.dir) return options.config;
  if (!options.dir && isSetUp()) return defaults;
  const { devConfigFiles } = await import('../../dev/wardroomConfig.ts');
  const files = await devConfigFiles(options.dir);
  if (options.dir && !files)
    throw new CommandError(exitCode.usage, `${options.dir}: no embedded hospital (wardroom dev up)`);
  if (!options.dir && files)
    process.stderr.write('of the embedded hospital (wardroom dev), as nothing else is set up here\n');
  return files ?? defaults;
}

/** With the default files, a database is named or a registration was made. */
function isSetUp(): boolean {
  if (!defaults.every((file) => existsSync(file))) return false;
  const loaded = loadConfig(defaults);
  // What is wrong with them is said by whoever reads them next.
  if (!loaded.ok) return true;
  const { appservice, database } = loaded.value;
  return database.url !== undefined || database.url_file !== undefined || existsSync(appservice.registration_file);
}
