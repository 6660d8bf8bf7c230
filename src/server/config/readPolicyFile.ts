import { err, ok, type Result } from '../../kernel/result.ts';
import type { Policy } from '../../policy/policySchema.ts';
import { readPolicy } from '../../policy/readPolicy.ts';
import type { Fault } from './fault.ts';
import { faultAt } from './issues.ts';
import { readLayers } from './layers.ts';
import { policyShape } from './policy.ts';
import { settingsShape } from './settings.ts';

export { policyShape };

/** The policy as the files say it, or every fault in it. */
export type PolicyFile = Result<{ readonly policy: Policy; readonly warnings: readonly Fault[] }, readonly Fault[]>;

/**
 * Reads the policy: the file of `policy_file`, if there is one, and on top of it what the other files say of it, over the built-in one.
 * `files` were read before: faults of theirs that are not about the policy are not repeated.
 */
export function readPolicyFile(file: string | undefined, files: readonly string[]): PolicyFile {
  const own = file === undefined ? null : readLayers([file]);
  if (own && !own.complete) return err(own.faults);
  const layers = file === undefined ? readLayers(files) : readLayers([file, ...files]);
  const known = ([key]: [string, unknown]) => Object.hasOwn(policyShape, key);
  const unknown = Object.entries(own?.document ?? {}).filter((entry) => !known(entry));
  // `texting` of the policy is what may be sent; of the other files, by which carriers. Each stands in its own file.
  const isShared = ([key]: [string, unknown]) => Object.hasOwn(settingsShape, key);
  const said = Object.entries(layers.document).filter((entry) => known(entry) && !isShared(entry));
  const shared = Object.entries(own?.document ?? {}).filter((entry) => known(entry) && isShared(entry));
  const read = readPolicy(Object.fromEntries([...said, ...shared]));
  const faults = [
    ...(own?.faults ?? []),
    ...unknown.map(([key]) => faultAt([key], 'unknown key', layers)),
    ...(read.ok ? [] : read.error.map(({ path, what }) => faultAt(path, what, layers))),
  ];
  if (faults.length > 0 || !read.ok) return err(faults);
  const { policy, warnings } = read.value;
  return ok({ policy, warnings: warnings.map(({ path, what }) => faultAt(path, what, layers)) });
}

/** What is wrong with it, and what should be looked at. */
export const policyProblems = (
  file: PolicyFile,
): { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] } =>
  file.ok ? { faults: [], warnings: file.value.warnings } : { faults: file.error, warnings: [] };
