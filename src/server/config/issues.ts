/** Zod's findings in an operator's words. Nothing here repeats a value that was set. */
import type { z } from 'zod';
import type { Fault } from './fault.ts';
import type { Layers } from './layers.ts';

export const MISSING = 'is missing';

type Issue = z.core.$ZodIssue;

/** One fault per finding, at the line of the key it is about. */
export function issueFaults(issues: readonly Issue[], layers: Layers): Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => faultAt([...issue.path, key], 'unknown key', layers));
    }
    return [faultAt(issue.path, describe(issue, present(layers.document, issue.path)), layers)];
  });
}

/** A fault about the value at `path`. */
export function faultAt(path: readonly PropertyKey[], what: string, layers: Layers): Fault {
  return { ...layers.origin(path), key: path.map(String).join('.'), what };
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
