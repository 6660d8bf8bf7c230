/**
 * Whether a change of the policy weakens what it protects, so that a second person has to agree (45 CFR 164.308(a)(4), 164.308(a)(8)).
 * A setting that is not named here weakens when it changes: unknown means that somebody looks at it.
 */
import { EVERYONE, type Policy } from './policySchema.ts';
import { durationMs } from './values.ts';

export interface Weakening {
  /** `classes.clinical.guests`. */
  readonly path: string;
  readonly why: string;
}

/** Why the change of one setting weakens; null when it does not. `undefined` stands for what is not there. */
type Judge = (before: unknown, after: unknown) => string | null;

/** A change that may go either way without harm. */
const harmless: Judge = () => null;

const longer =
  (why: string): Judge =>
  (before, after) =>
    lengthOf(after) > lengthOf(before) ? why : null;

const shorter =
  (why: string): Judge =>
  (before, after) =>
    lengthOf(after) < lengthOf(before) ? why : null;

const either =
  (...judges: readonly Judge[]): Judge =>
  (before, after) =>
    judges.map((judge) => judge(before, after)).find((why) => why !== null) ?? null;

/** Of values in order from strict to open, a later one weakens; one that is not among them does, too. */
const opener =
  (order: readonly unknown[], why: string): Judge =>
  (before, after) => {
    const [from, to] = [order.indexOf(before), order.indexOf(after)];
    return from >= 0 && to >= 0 && to <= from ? null : why;
  };

const more =
  (why: string): Judge =>
  (before, after) =>
    added(before, after).length > 0 ? why : null;

const fewer =
  (why: string): Judge =>
  (before, after) =>
    added(after, before).length > 0 ? why : null;

const greater =
  (why: string): Judge =>
  (before, after) =>
    typeof before === 'number' && typeof after === 'number' && after <= before ? null : why;

const NEW_ROLE = 'somebody can be given access by it';

/** By path; `*` stands for one name. The first that fits decides. */
const judges: readonly (readonly [string, Judge])[] = [
  ['time_zone', (before, after) => (before === after ? null : 'agreements and roles end at another hour')],
  ['warn_before', fewer('partners and administrators are warned less often')],

  ['roles.*.title', harmless],
  ['roles.*.review_every', longer('access is confirmed less often')],
  ['roles.*.longest', longer('access can be given for longer')],

  ['classes.*.title', harmless],
  ['classes.*.told', harmless],
  ['classes.*.phi', opener([true, false], 'rules for health information hold no more')],
  ['classes.*.roles', more('more people may be in its rooms')],
  ['classes.*.excluded_roles', fewer('people who were kept out may come in')],
  ['classes.*.membership', harmless],
  ['classes.*.federation', opener(['never', 'agreement', 'coverage'], 'people of other organisations may come in')],
  ['classes.*.join', opener(['invite', 'restricted'], 'people join without being invited')],
  ['classes.*.history_visibility', opener(['joined', 'invited', 'shared'], 'new members read more of the past')],
  ['classes.*.guests', opener([false, true], 'accounts without a name may come in')],
  ['classes.*.post', more('more people may write')],
  ['classes.*.room_version', harmless],
  ['classes.*.encryption.messages', greater('one key opens more messages')],
  ['classes.*.encryption.period', longer('one key opens more messages')],
  [
    'classes.*.retention.max_age',
    either(longer('health information is kept longer'), shorter('messages are deleted sooner, and do not come back')),
  ],
  ['classes.*.retention.min_age', shorter('messages can be deleted sooner')],
  ['classes.*.retention.cross_org', opener(['min_of_both', 'own'], "the partner's shorter time counts no more")],
  ['classes.*.retention.publish', opener([false, true], 'servers that purge delete unacknowledged STAT messages')],
  ['classes.*.recall', longer('what others acted on can be taken back')],
  ['classes.*.break_glass.longest', longer('emergency access lasts longer')],
  ['classes.*.break_glass.roles', more('more people may take emergency access')],
  ['classes.*.break_glass.past', longer('emergency access shows more of the past')],
  ['classes.*.break_glass.messages', greater('emergency access shows more of the past')],
  ['classes.*.training', fewer('people come in without a course')],
  ['classes.*.terms', fewer('people come in without having accepted terms')],
  ['terms.*', harmless],
  ['classes.*.naming', opener(['opaque', 'unit'], 'names of rooms say more')],

  [
    'direct_rooms.max_age',
    either(
      longer('notices and transcripts are kept longer'),
      shorter('messages are deleted sooner, and do not come back'),
    ),
  ],

  ['oversight.review_day', harmless],
  ['oversight.refusals_of_one', greater('more refusals pass unnoticed')],
  ['oversight.refusals_of_all', greater('more refusals pass unnoticed')],
  ['oversight.volume.times', greater('more messages than usual pass unnoticed')],
  ['oversight.volume.least', greater('more messages than usual pass unnoticed')],

  ['texting.content', opener([false, true], 'health information may leave as a text, unencrypted')],
  ['texting.who', more('more people may text patients')],
  ['texting.approve', more('more people may let go what was held')],
  ['texting.second_person', opener([true, false], 'health information leaves without a second look')],
  ['texting.reminders.per_day', greater('patients get more texts')],
  ['texting.reminders.per_week', greater('patients get more texts')],
  ['texting.answers.per_hour', greater('patients get more texts')],
  ['texting.answer_within', longer('patients may wait longer before anybody is told')],
  ['texting.longest', harmless],

  ['commands.*', more('more people may give this command')],
];

/**
 * What a change of the settings at and below `path` weakens; empty: one person may make it. The empty path means the whole policy.
 * A class or role that is new is judged by what can be done with it; one that is taken away takes its rules along.
 */
export function weakens(before: Policy, after: Policy, path = ''): readonly Weakening[] {
  const keys = path === '' ? [] : path.split('.');
  const names = [...Object.keys(before.commands), ...Object.keys(after.commands)];
  return compare(at(spelledOut(before, names), keys), at(spelledOut(after, names), keys), keys);
}

/** With the roles of these commands named, where they only come from "*". */
function spelledOut(policy: Policy, names: readonly string[]): Policy {
  const { commands } = policy;
  const roles = (name: string) => (Object.hasOwn(commands, name) ? commands[name] : commands['*']) ?? [];
  return { ...policy, commands: Object.fromEntries([...names].sort().map((name) => [name, [...roles(name)]])) };
}

function compare(before: unknown, after: unknown, keys: readonly string[]): readonly Weakening[] {
  if (same(before, after)) return [];
  const path = keys.join('.');
  const named = judges.find(([pattern]) => fits(pattern, keys));
  if (named) {
    const why = judge(named[1], before, after);
    return why === null ? [] : [{ path, why }];
  }
  const whole = entryChange(before, after, keys);
  if (whole !== null) return whole === '' ? [] : [{ path, why: whole }];
  if (isTree(before) && isTree(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => compare(own(before, name), own(after, name), [...keys, name]));
  }
  return [{ path, why: 'nothing says that this is harmless' }];
}

/** A judge that cannot tell has not said that it is harmless. */
function judge(one: Judge, before: unknown, after: unknown): string | null {
  try {
    return one(before, after);
  } catch {
    return 'it could not be told whether this is harmless';
  }
}

/** A class, role or command that comes or goes as a whole; null: it is something else. An empty text: harmless. */
function entryChange(before: unknown, after: unknown, [section, name, ...rest]: readonly string[]): string | null {
  if (name === undefined || rest.length > 0 || (before !== undefined && after !== undefined)) return null;
  if (section === 'classes') return after === undefined ? 'its rooms are kept no more' : '';
  if (section === 'roles') return after === undefined ? '' : NEW_ROLE;
  return null;
}

function fits(pattern: string, keys: readonly string[]): boolean {
  const parts = pattern.split('.');
  return parts.length === keys.length && parts.every((part, index) => part === '*' || part === keys[index]);
}

/** Milliseconds; what is kept for ever is longer than all. */
const lengthOf = (value: unknown): number => (value === 'never' ? Number.POSITIVE_INFINITY : durationMs(String(value)));

/** What the second list has and the first has not. Whoever holds any role is more than any list; a list that is not there names nobody. */
function added(before: unknown, after: unknown): readonly unknown[] {
  const [had, has] = [listOf(before), listOf(after)];
  return had.includes(EVERYONE) ? [] : has.filter((name) => !had.includes(name));
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (tree: Tree, key: string): unknown => (Object.hasOwn(tree, key) ? tree[key] : undefined);

const at = (policy: Policy, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (isTree(value) ? own(value, key) : undefined), policy);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
