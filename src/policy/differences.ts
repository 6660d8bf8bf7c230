/** A setting that is not the same in two policies. `undefined`: it is not there. */
export interface Difference {
  /** `classes.clinical.retention.max_age`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every setting that differs, in the order of their paths. Lists are compared as a whole. */
export function differences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isTree(before) && isTree(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => differences(own(before, key), own(after, key), path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

/** What stands at a path; `undefined` where nothing does. */
export function settingAt(policy: unknown, path: string): unknown {
  let value: unknown = policy;
  for (const key of path.split('.'))
    value = Array.isArray(value) ? value[Number(key)] : isTree(value) ? own(value, key) : undefined;
  return value;
}

const own = (tree: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(tree, key) ? tree[key] : undefined;
