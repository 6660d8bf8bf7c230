import type { Dispatch, Practice, Rotation } from './dispatchSchema.ts';
import { type Finding, protocolFindings } from './protocolFindings.ts';
import { urgencyOf } from './readTicket.ts';

type Path = readonly (string | number)[];

const URGENCY_WORDS = ['STAT', 'URGENT', 'ROUTINE', 'FYI'] as const;

/**
 * What no single key of dispatch.yaml can tell: names that mean nobody, accounts without a schedule or protocol, protocols that
 * do not do what they seem to. `error`: do not start with it. `warning`: it runs, by the site's defaults and with alarms.
 */
export function dispatchFindings(dispatch: Dispatch): readonly Finding[] {
  return [
    ...siteFindings(dispatch),
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
    ...Object.entries(practice.roles).flatMap(([role, { rotation, backup, overrides }]) => {
      const at: Path = [...path, 'roles', role];
      return [
        ...rotationFindings(rotation, [...at, 'rotation'], dispatch),
        ...rotationFindings(backup, [...at, 'backup'], dispatch),
        ...(overrides ?? []).flatMap(({ who }, index) =>
          who === '' || Object.hasOwn(dispatch.people, who) ? [] : [unknownPerson([...at, 'overrides', index, 'who'])],
        ),
      ];
    }),
  ];
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
