/** Zod's findings in the words of whoever wrote the document. Nothing here repeats a value that was set. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

export interface Worded {
  readonly path: readonly PropertyKey[];
  readonly what: string;
}

/** Said of what is not there. */
export const MISSING = 'is missing';

/** One line per finding; each unknown key is one. `document` is what was parsed. */
export function wordIssues(issues: readonly Issue[], document: unknown): Worded[] {
  return issues.flatMap((issue): Worded[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], what: 'unknown key' }))
      : [{ path: issue.path, what: describe(issue, present(document, issue.path)) }],
  );
}

function describe(issue: Issue, isPresent: boolean): string {
  if (!isPresent && issue.code !== 'custom') return MISSING;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_key':
      return 'is not an allowed key';
    case 'invalid_union':
      return union(issue);
    default:
      return issue.message;
  }
}

/** Of the alternatives, the one that came furthest says best what is wrong. */
function union(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const deepest = issue.errors.flat().reduce<Issue | null>((best, next) => {
    return best === null || next.path.length > best.path.length ? next : best;
  }, null);
  if (deepest === null) return 'has none of the allowed forms';
  const inner =
    deepest.code === 'unrecognized_keys' ? `unknown key ${deepest.keys.join(', ')}` : describe(deepest, true);
  return deepest.path.length === 0 ? inner : `${deepest.path.map(String).join('.')}: ${inner}`;
}

const article = (type: string): string => {
  const words: Record<string, string> = {
    int: 'a whole number',
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    boolean: 'true or false',
  };
  return words[type] ?? `a ${type}`;
};

function present(document: unknown, path: readonly PropertyKey[]): boolean {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return true;
}
