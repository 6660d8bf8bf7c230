import type { Dispatch, Practice, Rotation } from './dispatchSchema.ts';
import type { Protocol } from './protocol.ts';

/** Somebody who left for good, as dispatch.yaml knows them: Matrix ids. */
export interface Departure {
  readonly user: string;
  /** Who takes what schedules name them for; null: nobody. */
  readonly to: string | null;
}

/** A place of dispatch.yaml that still names somebody. */
export interface NamedPlace {
  /** Null: of the whole site. */
  readonly account: string | null;
  /** The key, as in dispatch.yaml. */
  readonly path: string;
}

type Role = Practice['roles'][string];

/**
 * The schedules without who left, in the order in which they left: whoever takes over stands wherever they stood, for as long as dispatch.yaml names
 * them. Without anybody a shift is a hole, which falls to the practice's default list and is told of like every hole; lists are one shorter.
 */
export const withoutDeparted = (dispatch: Dispatch, departures: readonly Departure[]): Dispatch =>
  departures.reduce(withoutOne, dispatch);

function withoutOne(dispatch: Dispatch, { user, to }: Departure): Dispatch {
  const gone = keyOf(dispatch, user);
  if (gone === null) return dispatch;
  const next = to === null ? null : keyOf(dispatch, to);
  const { [gone]: _gone, ...others } = dispatch.people;
  const people = Object.fromEntries(
    Object.entries(others).map(([key, person]) => {
      if (person.dnd_delegate !== gone) return [key, person];
      const { dnd_delegate: _delegate, ...rest } = person;
      return [key, next === null || next === key ? rest : { ...rest, dnd_delegate: next }];
    }),
  );
  const list = (names: readonly string[]) => [
    ...new Set(names.flatMap((name) => (name === gone ? (next ?? []) : [name]))),
  ];
  const one = (name: string) => (name === gone ? (next ?? '') : name);
  const { site } = dispatch;
  return {
    ...dispatch,
    site: { ...site, default_oncall: list(site.default_oncall), alarms_to: list(site.alarms_to) },
    people,
    practices: mapped(dispatch.practices, (practice) =>
      placesIn(practice, gone).length === 0 ? practice : inPractice(practice, list, one),
    ),
    // A step for somebody by name, whom nobody follows, is for nobody that is known: it falls to the site's default, with an alarm.
    protocols: next === null ? dispatch.protocols : mapped(dispatch.protocols, (protocol) => stepsFor(protocol, one)),
  };
}

function inPractice(
  practice: Practice,
  list: (names: readonly string[]) => string[],
  one: (name: string) => string,
): Practice {
  const rotation = (of: Rotation): Rotation =>
    of.type === 'custom'
      ? { ...of, blocks: of.blocks.map(([from, to, who]) => [from, to, one(who)]) }
      : { ...of, order: of.order.map(one) };
  const role = (of: Role): Role => ({
    ...of,
    ...(of.rotation === undefined ? {} : { rotation: rotation(of.rotation) }),
    ...(of.backup === undefined ? {} : { backup: rotation(of.backup) }),
    ...(of.overrides === undefined ? {} : { overrides: of.overrides.map((each) => ({ ...each, who: one(each.who) })) }),
  });
  const { cross_org_backup: coverage, report_readers: readers } = practice;
  return {
    ...practice,
    default: list(practice.default),
    roles: mapped(practice.roles, role),
    ...(coverage?.people === undefined ? {} : { cross_org_backup: { ...coverage, people: list(coverage.people) } }),
    ...(readers === undefined ? {} : { report_readers: list(readers) }),
  };
}

const stepsFor = (protocol: Protocol, one: (name: string) => string): Protocol => ({
  ...protocol,
  steps: protocol.steps.map((step) => (step.to === undefined ? step : { ...step, to: one(step.to) })),
});

/** Where dispatch.yaml, with the changes made since, names somebody: what has to be taken out of it by hand. */
export function placesNaming(dispatch: Dispatch, user: string): readonly NamedPlace[] {
  const key = keyOf(dispatch, user);
  if (key === null) return [];
  const { site, practices, protocols, people } = dispatch;
  return [
    ...(site.default_oncall.includes(key) ? [{ account: null, path: 'site.default_oncall' }] : []),
    ...(site.alarms_to.includes(key) ? [{ account: null, path: 'site.alarms_to' }] : []),
    ...Object.entries(practices).flatMap(([account, practice]) =>
      placesIn(practice, key).map((path) => ({ account, path: `practices.${account}.${path}` })),
    ),
    ...Object.entries(protocols).flatMap(([name, { steps }]) =>
      steps.some(({ to }) => to === key)
        ? [{ account: name.slice(0, name.lastIndexOf('/')), path: `protocols.${name}` }]
        : [],
    ),
    ...Object.entries(people).flatMap(([name, person]) =>
      person.dnd_delegate === key ? [{ account: null, path: `people.${name}.dnd_delegate` }] : [],
    ),
  ];
}

function placesIn(practice: Practice, key: string): readonly string[] {
  const inRotation = (rotation: Rotation | undefined) =>
    rotation?.type === 'custom' ? rotation.blocks.some(([, , who]) => who === key) : rotation?.order.includes(key);
  return [
    ...(practice.default.includes(key) ? ['default'] : []),
    ...Object.entries(practice.roles).flatMap(([name, { rotation, backup, overrides }]) => [
      ...(inRotation(rotation) ? [`roles.${name}.rotation`] : []),
      ...(inRotation(backup) ? [`roles.${name}.backup`] : []),
      ...(overrides?.some(({ who }) => who === key) ? [`roles.${name}.overrides`] : []),
    ]),
    ...(practice.cross_org_backup?.people?.includes(key) ? ['cross_org_backup.people'] : []),
    ...(practice.report_readers?.includes(key) ? ['report_readers'] : []),
  ];
}

const keyOf = ({ people }: Dispatch, user: string): string | null =>
  Object.entries(people).find(([, { mxid }]) => mxid === user)?.[0] ?? null;

const mapped = <T>(record: Readonly<Record<string, T>>, work: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, work(value)]));
