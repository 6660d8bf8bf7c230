import { isMap, LineCounter, type Node, parse, parseDocument } from 'yaml';
import { wordIssues } from '../kernel/issueWords.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { builtIn } from './builtIn.ts';
import { type PolicyFinding, policyFindings } from './policyFindings.ts';
import { type Policy, policySchema } from './policySchema.ts';

/** A policy that can be put in force, and what should be looked at. */
export interface ReadPolicy {
  readonly policy: Policy;
  readonly warnings: readonly PolicyFinding[];
}

/** With the line it stands in, counted from 1. */
export interface PlacedFinding extends PolicyFinding {
  readonly line: number;
}

/** Laid over the built-in policy entry by entry; every other key replaces what is built in. */
const LAID_OVER = ['classes', 'roles', 'commands'] as const;

/**
 * Reads a policy from a document (what YAML or JSON gave). Complete: everything that was not set has its default.
 * Either all is right, or every fault is listed. A complete policy reads as itself.
 */
export function readPolicy(document: unknown): Result<ReadPolicy, readonly PolicyFinding[]> {
  if (!isTree(document)) return err([{ path: [], severity: 'error', what: 'must be a mapping of keys' }]);
  const hidden = hiddenKey(document, []);
  if (hidden !== null) return err([{ path: hidden, severity: 'error', what: 'unknown key' }]);
  const merged = overBuiltIn(document);
  const parsed = policySchema.safeParse(merged);
  if (!parsed.success) {
    return err(wordIssues(parsed.error.issues, merged).map((worded) => ({ ...worded, severity: 'error' })));
  }
  const findings = policyFindings(parsed.data);
  const errors = findings.filter(({ severity }) => severity === 'error');
  return errors.length > 0 ? err(errors) : ok({ policy: parsed.data, warnings: findings });
}

/** Reads `policy.yaml`. An empty text means the built-in policy. */
export function parsePolicy(
  text: string,
): Result<{ readonly policy: Policy; readonly warnings: readonly PlacedFinding[] }, readonly PlacedFinding[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const lineAt = (offset: number | undefined): number => (offset === undefined ? 1 : lines.linePos(offset).line);
  if (document.errors.length > 0) {
    return err(
      document.errors.map(({ code, pos }) => ({
        path: [],
        severity: 'error',
        what: code === 'DUPLICATE_KEY' ? 'the same key twice' : `not YAML (${code})`,
        line: lineAt(pos[0]),
      })),
    );
  }
  const placed = (finding: PolicyFinding): PlacedFinding => {
    for (let length = finding.path.length; length > 0; length -= 1) {
      const path = finding.path.slice(0, length);
      const parent = length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
      const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined;
      const node = (pair?.key ?? document.getIn(path, true)) as Node | null | undefined;
      if (node?.range) return { ...finding, line: lineAt(node.range[0]) };
    }
    return { ...finding, line: 1 };
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    // The library's guard against documents that grow when they are unfolded.
    return err([{ path: [], severity: 'error', what: 'not YAML (aliases)', line: 1 }]);
  }
  const read = readPolicy(plain);
  if (!read.ok) return err(read.error.map(placed));
  return ok({ policy: read.value.policy, warnings: read.value.warnings.map(placed) });
}

/**
 * The policy with one setting changed: `path` as in `classes.clinical.retention.max_age`, `value` as it would stand in the file.
 * The whole result is checked, so that no change contradicts another setting.
 */
export function changePolicy(
  policy: Policy,
  path: string,
  value: string,
): Result<ReadPolicy, readonly PolicyFinding[]> {
  const keys = path.split('.');
  const fault = (what: string) => err([{ path: keys, severity: 'error' as const, what }]);
  if (keys.some((key) => key === '' || key === '__proto__')) return fault('unknown key');
  const copy = structuredClone(policy) as unknown as Tree; // walked by names, checked afterwards
  let parent: unknown = copy;
  for (const key of keys.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) return fault('unknown key');
    parent = (parent as Tree)[key];
  }
  if (typeof parent !== 'object' || parent === null) return fault('unknown key');
  if (Array.isArray(parent) && !/^\d{1,4}$/.test(keys.at(-1)!)) return fault('unknown key');
  try {
    (parent as Tree)[keys.at(-1)!] = parse(value, { maxAliasCount: 0 });
  } catch {
    return fault('not YAML');
  }
  return readPolicy(copy);
}

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where a key stands that no schema would see. */
function hiddenKey(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, below] of Object.entries(value)) {
    const found = key === '__proto__' ? [...path, key] : hiddenKey(below, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

/** A key without a value counts as not set. */
const written = (tree: Tree): [string, unknown][] => Object.entries(tree).filter(([, value]) => value !== null);

function overBuiltIn(document: Tree): Tree {
  const over = Object.fromEntries(written(document));
  for (const key of LAID_OVER) over[key] = lay(builtIn[key], over[key] ?? {});
  return over;
}

function lay(below: unknown, above: unknown): unknown {
  if (!isTree(below) || !isTree(above)) return above;
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of written(above)) merged.set(key, lay(merged.get(key), value));
  return Object.fromEntries(merged);
}
