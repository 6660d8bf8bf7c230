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

/** An embedded hospital's files where one is asked for, or where nothing else is configured and one is there. */
export async function filesOf(options: { readonly config?: string[]; readonly dir?: string }): Promise<string[]> {
  if (options.config && !options.dir) return options.config;
  const { devConfigFiles } = await import('../../dev/wardroomConfig.ts');
  const files = await devConfigFiles(options.dir);
  if (options.dir && !files)
    throw new CommandError(exitCode.usage, `${options.dir}: no embedded hospital (wardroom dev up)`);
  return files ?? defaultConfigFiles();
}
