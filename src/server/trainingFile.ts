import { importTraining, readTrainingList, type TrainingDiff } from '../flows/training/importTraining.ts';
import type { Config } from './config/index.ts';
import { readListFile, withPolicyInForce } from './listFile.ts';

/** Puts the courses of a file on record. */
export async function importTrainingFile(
  config: Config,
  file: string,
  options: { readonly dryRun: boolean; readonly by: string },
): Promise<TrainingDiff> {
  const rows = readListFile(file, readTrainingList, 'user, course and until (and evidence)');
  return withPolicyInForce(config, (place) => importTraining(place, rows, options));
}
