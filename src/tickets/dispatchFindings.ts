import type { Dispatch, Practice, Rotation } from './dispatchSchema.ts';
import { isNumberOfService } from './phone.ts';
import { type Finding, protocolFindings } from './protocolFindings.ts';
import { urgencyOf } from './readTicket.ts';
import { wallInstant, wallOddity, wallText, weekdayOf } from './times.ts';

type Path = readonly (string | number)[];

const URGENCY_WORDS = ['STAT', 'URGENT', 'ROUTINE', 'FYI'] as const;

/**
 * What no single key of dispatch.yaml can tell: names that mean nobody, accounts without a schedule or protocol, protocols that
 * do not do what they seem to. `error`: do not start with it. `warning`: it runs, by the site's defaults and with alarms.
 */
export function dispatchFindings(dispatch: Dispatch): readonly Finding[] {
  return [
    ...siteFindings(dispatch),
    ...Object.entries(dispatch.people).flatMap(([name, { dnd_delegate: delegate }]) =>
      delegate === undefined || Object.hasOwn(dispatch.people, delegate)
        ? []
        : [unknownPerson(['people', name, 'dnd_delegate'])],
    ),
    ...loopFindings(dispatch),
    ...Object.entries(dispatch.practices).flatMap(([name, practice]) => practiceFindings(name, practice, dispatch)),
    ...accountFindings(dispatch),
    ...Object.entries(dispatch.protocols).flatMap(([name, protocol]) => {
      const { account, urgency } = partsOf(name);
      const practice = own(dispatch.practices, account);
      return protocolFindings(protocol, { urgency, practice, dispatch }).map((finding) => ({
        ...finding,
        path: ['protocols', name, ...finding.path],
      }));
    }),
  ];
}

/** Whoever rings such a telephone rings the service that asked for it. */
function loopFindings(dispatch: Dispatch): Finding[] {
  const isServices = isNumberOfService(dispatch);
  return Object.entries(dispatch.people).flatMap(([name, person]) =>
    (['cell', 'second'] as const).flatMap((phone): Finding[] => {
      const number = person[phone];
      const what = 'is a number of an answering service: it is never dialled, its steps are skipped';
      return number !== undefined && isServices(number)
        ? [{ path: ['people', name, phone], severity: 'warning', code: 'phone-loop', what }]
        : [];
    }),
  );
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | null =>
  Object.hasOwn(record, key) ? (record[key] ?? null) : null;

function partsOf(name: string) {
  const slash = name.lastIndexOf('/');
  return { account: name.slice(0, slash), urgency: urgencyOf(name.slice(slash + 1)) ?? 'urgent' };
}

const unknownPerson = (path: Path): Finding => ({
  path,
  severity: 'error',
  code: 'person-unknown',
  what: 'is nobody under people',
});

function people(names: readonly string[], path: Path, dispatch: Dispatch): Finding[] {
  return names.flatMap((name, index) =>
    Object.hasOwn(dispatch.people, name) ? [] : [unknownPerson([...path, index])],
  );
}

function siteFindings(dispatch: Dispatch): Finding[] {
  const { default_oncall: oncall, default_protocol: standard, alarms_to: alarms } = dispatch.site;
  const findings = people(oncall, ['site', 'default_oncall'], dispatch);
  if (Object.keys(dispatch.services).length > 0) {
    if (oncall.length === 0) {
      const what = 'nobody gets the tickets of an account without a schedule';
      findings.push({ path: ['site', 'default_oncall'], severity: 'error', code: 'nobody', what });
    }
    for (const word of URGENCY_WORDS) {
      if (own(dispatch.protocols, `${standard}/${word}`)) continue;
      const what = `there is no protocol ${standard}/${word}: the people of default_oncall and the operator are told at once`;
      findings.push({ path: ['site', 'default_protocol'], severity: 'warning', code: 'default-missing', what });
    }
  }
  return [
    ...findings,
    ...alarms.flatMap((name, index) =>
      name === 'dispatcher' || Object.hasOwn(dispatch.people, name)
        ? []
        : [unknownPerson(['site', 'alarms_to', index])],
    ),
  ];
}

function practiceFindings(name: string, practice: Practice, dispatch: Dispatch): Finding[] {
  const path: Path = ['practices', name];
  return [
    ...people(practice.default, [...path, 'default'], dispatch),
    ...people(practice.report_readers ?? [], [...path, 'report_readers'], dispatch),
    ...reportFindings(name, practice, dispatch),
    ...people(practice.cross_org_backup?.people ?? [], [...path, 'cross_org_backup', 'people'], dispatch),
    ...Object.entries(practice.roles).flatMap(([role, { rotation, backup, overrides }]) => {
      const at: Path = [...path, 'roles', role];
      return [
        ...rotationFindings(rotation, [...at, 'rotation'], dispatch),
        ...rotationFindings(backup, [...at, 'backup'], dispatch),
        ...(overrides ?? []).flatMap(({ who, from, to }, index) => [
          ...(who === '' || Object.hasOwn(dispatch.people, who)
            ? []
            : [unknownPerson([...at, 'overrides', index, 'who'])]),
          ...periodFindings([from, to], practice.tz, [...at, 'overrides', index], ['from', 'to']),
        ]),
        ...[rotation, backup].flatMap((one, index) =>
          one?.type === 'custom'
            ? one.blocks.flatMap(([from, to], block) =>
                periodFindings(
                  [from, to],
                  practice.tz,
                  [...at, index === 0 ? 'rotation' : 'backup', 'blocks', block],
                  [0, 1],
                ),
              )
            : [],
        ),
        ...(rotation?.type === 'weekly' ? anchorFindings(rotation, [...at, 'rotation', 'anchor']) : []),
        ...(backup?.type === 'weekly' ? anchorFindings(backup, [...at, 'backup', 'anchor']) : []),
      ];
    }),
  ];
}

/** `report_includes: all` adds to a report; it makes none. */
function reportFindings(name: string, { report_includes: includes }: Practice, dispatch: Dispatch): Finding[] {
  if (includes !== 'all') return [];
  const hasReport = URGENCY_WORDS.some((word) =>
    own(dispatch.protocols, `${name}/${word}`)?.steps.some(({ do: action }) => action === 'report'),
  );
  if (hasReport) return [];
  const what = 'no protocol of this practice has a report step: there is no report that could list all tickets';
  return [{ path: ['practices', name, 'report_includes'], severity: 'warning', code: 'no-report', what }];
}

/** Wall times over which the clock changes, and periods that are none. */
function periodFindings(
  walls: readonly [string, string],
  tz: string,
  path: Path,
  keys: readonly (string | number)[],
): Finding[] {
  const odd = walls.flatMap((wall, index): Finding[] => {
    const oddity = wallOddity(wall, tz);
    if (oddity === null) return [];
    const what =
      oddity === 'skipped'
        ? `${wall} does not exist in ${tz}: taken as ${wallText(wallInstant(wall, tz), tz)}`
        : `${wall} happens twice in ${tz}: the first is meant`;
    return [{ path: [...path, keys[index]!], severity: 'warning', code: 'clock-change', what }];
  });
  if (wallInstant(walls[0], tz) < wallInstant(walls[1], tz)) return odd;
  return [
    ...odd,
    { path: [...path, keys[1]!], severity: 'error', code: 'empty-period', what: 'is not after its beginning' },
  ];
}

function anchorFindings({ anchor, handover }: Extract<Rotation, { type: 'weekly' }>, path: Path): Finding[] {
  if (weekdayOf(anchor) === handover.slice(0, 3)) return [];
  const what = `is no ${handover.slice(0, 3)}: the first of the order begins on this date, and hands over on its weekday`;
  return [{ path, severity: 'error', code: 'anchor-weekday', what }];
}

function rotationFindings(rotation: Rotation | undefined, path: Path, dispatch: Dispatch): Finding[] {
  if (!rotation) return [];
  if (rotation.type !== 'custom') return people(rotation.order, [...path, 'order'], dispatch);
  return rotation.blocks.flatMap(([, , who], index) =>
    who === '' || Object.hasOwn(dispatch.people, who) ? [] : [unknownPerson([...path, 'blocks', index, 2])],
  );
}

/** Accounts whose tickets go to the site's default, and practices and protocols that no service can reach. */
function accountFindings(dispatch: Dispatch): Finding[] {
  const reachable = new Map<string, Path>();
  for (const [service, { accounts }] of Object.entries(dispatch.services)) {
    for (const [index, account] of accounts.entries()) {
      if (!reachable.has(account)) reachable.set(account, ['services', service, 'accounts', index]);
    }
  }
  const findings: Finding[] = [];
  for (const [account, path] of reachable) {
    if (!own(dispatch.practices, account)) {
      const what = 'has no practice: its tickets go to site.default_oncall';
      findings.push({ path, severity: 'warning', code: 'account-without-schedule', what });
      continue;
    }
    const missing = URGENCY_WORDS.filter((word) => !own(dispatch.protocols, `${account}/${word}`));
    if (missing.length === 0) continue;
    const what = `has no protocol for ${missing.join(', ')}: such tickets go to site.default_oncall`;
    findings.push({ path, severity: 'warning', code: 'account-without-protocol', what });
  }
  for (const account of Object.keys(dispatch.practices)) {
    if (reachable.has(account)) continue;
    const what = 'is an account of no service';
    findings.push({ path: ['practices', account], severity: 'warning', code: 'account-without-service', what });
  }
  for (const name of Object.keys(dispatch.protocols)) {
    const { account } = partsOf(name);
    if (account === dispatch.site.default_protocol || own(dispatch.practices, account)) continue;
    const what = 'is never used: the account has no practice';
    findings.push({ path: ['protocols', name], severity: 'warning', code: 'practice-unknown', what });
  }
  return findings;
}
