import { Command } from 'commander';
import type { TrainingDiff } from '../../flows/training/importTraining.ts';
import { importCommand } from './importCommand.ts';

const importTrainingCommand = () =>
  importCommand<TrainingDiff>({
    description: 'courses from a CSV file (user,course,until,evidence), all or none; exit 1 when a row cannot be',
    dryRun: 'say what would be put on record, and keep nothing',
    why: {
      user: 'user must be a Matrix id, @local:server',
      'course-unknown': 'no class of the policy asks for this course',
      until: 'until must be a day, 2027-06-30',
      over: 'the last day is over already',
      evidence: 'evidence is longer than 200 characters',
    },
    run: async (...asked) => (await import('../trainingFile.ts')).importTrainingFile(...asked),
    lines: ({ recorded, unchanged }) => [
      ...recorded.map((one) => `+ ${one.user_id} ${one.course} until ${one.until}`),
      `${recorded.length} recorded, ${unchanged} as they were`,
    ],
  });

/** Who passed which course (docs/training.md). */
export const trainingCommand = (): Command =>
  new Command('training')
    .description('who passed which course: in step with a learning system')
    .addCommand(importTrainingCommand());
