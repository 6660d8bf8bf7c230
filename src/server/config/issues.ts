/** Zod's findings as faults with their place. */
import type { z } from 'zod';
import { MISSING, wordIssues } from '../../kernel/issueWords.ts';
import type { Fault } from './fault.ts';
import type { Layers } from './layers.ts';

export { MISSING };

/** One fault per finding, at the line of the key it is about. */
export function issueFaults(issues: readonly z.core.$ZodIssue[], layers: Layers): Fault[] {
  return wordIssues(issues, layers.document).map(({ path, what }) => faultAt(path, what, layers));
}

/** A fault about the value at `path`. */
export function faultAt(path: readonly PropertyKey[], what: string, layers: Layers): Fault {
  return { ...layers.origin(path), key: path.map(String).join('.'), what };
}
