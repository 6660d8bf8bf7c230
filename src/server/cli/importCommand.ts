import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { Config } from '../config/index.ts';
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

/** What a list would change, or changed. */
interface Diff {
  /** Rows that cannot be: with any, nothing is done. */
  readonly refused: readonly { readonly place: string; readonly code: string }[];
  readonly done: boolean;
}

/** How one kind of list is brought in. */
export interface ListImport<T extends Diff> {
  readonly description: string;
  /** What `--dry-run` says. */
  readonly dryRun: string;
  /** What `--prune` does; absent: there is no such option. */
  readonly prune?: string;
  /** Why a row cannot be, by code. */
  readonly why: Readonly<Record<string, string>>;
  readonly run: (
    config: Config,
    file: string,
    options: { readonly dryRun: boolean; readonly prune: boolean; readonly by: string },
  ) => Promise<T>;
  /** What changed, a line each, and how much in all. */
  readonly lines: (diff: T) => readonly string[];
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `import FILE`: a list of people, all of it or none; exit 1 when a row cannot be, which is named by its line. */
export function importCommand<T extends Diff>(list: ListImport<T>): Command {
  const made = withConfigOption(new Command('import').description(list.description))
    .argument('<file>')
    .option('--dry-run', list.dryRun);
  if (list.prune !== undefined) made.option('--prune', list.prune);
  return made
    .option('--by <name>', 'who says so, for the audit log')
    .option('--dir <dir>', 'the embedded hospital of this directory (wardroom dev) instead')
    .option('--json', 'one JSON document on stdout')
    .action(async (file: string, options: Options) => {
      const { dryRun = false, prune = false, by = `os:${userInfo().username}` } = options;
      const diff = await list.run(configOf({ config: await filesOf(options) }), file, { dryRun, prune, by });
      if (diff.refused.length > 0) process.exitCode = exitCode.failed;
      if (options.json) {
        printJson(diff);
        return;
      }
      for (const { place, code } of diff.refused) say(`${file}: ${place}: ${list.why[code] ?? code}`);
      for (const line of list.lines(diff)) say(line);
      if (!diff.done) say('nothing was kept');
    });
}
