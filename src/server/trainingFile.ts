import { readFileSync } from 'node:fs';
import { Policies } from '../flows/policies.ts';
import { MOST_ROWS } from '../flows/roleRows.ts';
import {
  importTraining,
  readTrainingList,
  type TrainingDiff,
  type TrainingListFault,
} from '../flows/training/importTraining.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import { unreachable } from './cli/unreachable.ts';
import type { Config } from './config/index.ts';
import { withStore } from './openStore.ts';
import { withDatabase } from './reachDatabase.ts';

const WHY: Readonly<Record<TrainingListFault, string>> = {
  csv: 'cannot be read as CSV',
  columns: 'needs rows under the columns user, course and until (and evidence)',
  'too-many': `more than ${MOST_ROWS} rows`,
};

/** Puts the courses of a file on record. */
export async function importTrainingFile(
  config: Config,
  file: string,
  options: { readonly dryRun: boolean; readonly by: string },
): Promise<TrainingDiff> {
  let csv: string;
  try {
    csv = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(exitCode.usage, `${file}: cannot be read (${String((error as { code?: unknown }).code)})`);
  }
  const rows = readTrainingList(csv);
  if (!rows.ok) throw new CommandError(exitCode.usage, `${file}: ${WHY[rows.error]}`);
  return withDatabase(config, (reached) =>
    withStore(reached, async ({ store: open, clock }) => {
      const store = open();
      const policies = new Policies({ store, clock, file: null, preview: () => [] });
      await policies.refresh();
      const policy = policies.current();
      if (policy === null)
        throw new CommandError(exitCode.later, 'no policy is kept yet, or none that can be read: start Wardroom once');
      return importTraining({ store, clock, policy }, rows.value, options);
    }),
  ).catch(unreachable);
}
