import { userInfo } from 'node:os';
import { Command } from 'commander';
import { configOf, filesOf, withConfigOption } from './configFiles.ts';
import { exitCode, printJson } from './exit.ts';

interface Options {
  readonly config?: string[];
  readonly dir?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly by?: string;
}

/** Why a row cannot be. */
const WHY: Readonly<Record<string, string>> = {
  user: 'user must be a Matrix id, @local:server',
  'course-unknown': 'no class of the policy asks for this course',
  until: 'until must be a day, 2027-06-30',
  over: 'the last day is over already',
  evidence: 'evidence is longer than 200 characters',
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const importCommand = (): Command =>
  withConfigOption(
    new Command('import').description(
      'courses from a CSV file (user,course,until,evidence), all or none; exit 1 when a row cannot be',
    ),
  )
    .argument('<file>')
    .option('--dry-run', 'say what would be put on record, and keep nothing')
    .option('--by <name>', 'who says so, for the audit log')
    .option('--dir <dir>', 'the embedded hospital of this directory (wardroom dev) instead')
    .option('--json', 'one JSON document on stdout')
    .action(async (file: string, options: Options) => {
      const { importTrainingFile } = await import('../trainingFile.ts');
      const { dryRun = false, by = `os:${userInfo().username}` } = options;
      const diff = await importTrainingFile(configOf({ config: await filesOf(options) }), file, { dryRun, by });
      if (diff.refused.length > 0) process.exitCode = exitCode.failed;
      if (options.json) {
        printJson(diff);
        return;
      }
      for (const { place, code } of diff.refused) say(`${file}: ${place}: ${WHY[code] ?? code}`);
      for (const one of diff.recorded) say(`+ ${one.user_id} ${one.course} until ${one.until}`);
      say(`${diff.recorded.length} recorded, ${diff.unchanged} as they were`);
      if (!diff.done) say('nothing was kept');
    });

/** Who passed which course (docs/training.md). */
export const trainingCommand = (): Command => {
  const training = new Command('training').description('who passed which course: in step with a learning system');
  training.addCommand(importCommand());
  return training;
};
