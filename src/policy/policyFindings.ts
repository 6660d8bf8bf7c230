import { documentation, inviteOnly, neverFederated } from './builtIn.ts';
import { type Agreement, EVERYONE, type Policy, type RoomClass } from './policySchema.ts';
import { durationMs } from './values.ts';

/** `error`: refused, the policy before it stays in force. `warning`: it holds, though it should be looked at. */
export interface PolicyFinding {
  readonly path: readonly PropertyKey[];
  readonly severity: 'error' | 'warning';
  readonly what: string;
}

/** How long documentation is kept (45 CFR 164.316(b)(2)(i)). */
const DOCUMENTATION_KEPT = durationMs('6y');

type Report = (path: readonly PropertyKey[], what: string, severity?: PolicyFinding['severity']) => void;

/** What no single key can tell: names that mean nothing, settings that contradict each other or the law. */
export function policyFindings(policy: Policy): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const report: Report = (path, what, severity = 'error') => findings.push({ path, severity, what });
  const { max_age: direct } = policy.direct_rooms;
  if (direct !== 'never' && durationMs(direct) < durationMs('1d'))
    report(['direct_rooms', 'max_age'], 'must be at least 1d');
  for (const [name, roomClass] of Object.entries(policy.classes)) {
    const at: Report = (path, what, severity) => report(['classes', name, ...path], what, severity);
    classRoles(roomClass, policy, at);
    classLaw(name, roomClass, at);
    classRetention(name, roomClass, at);
    if (name === 'on-call' && roomClass.training.length + roomClass.terms.length > 0)
      at(['training'], 'who lacks it is out of the room where they are called: pages go to the next step', 'warning');
    for (const [index, terms] of roomClass.terms.entries())
      if (!Object.hasOwn(policy.terms, terms)) at(['terms', index], 'are no terms under terms');
  }
  for (const [command, roles] of Object.entries(policy.commands))
    unknownRoles(roles, ['commands', command], policy, report);
  if (!Object.hasOwn(policy.commands, '*')) report(['commands'], 'must say who may give all other commands: "*"');
  unknownRoles(policy.texting.who, ['texting', 'who'], policy, report);
  unknownRoles(policy.texting.approve, ['texting', 'approve'], policy, report);
  agreements(policy, report);
  coverage(policy, report);
  return findings;
}

function unknownRoles(names: readonly string[], path: readonly PropertyKey[], policy: Policy, report: Report): void {
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(policy.roles, name)) report([...path, index], 'is no role under roles');
  }
}

const withoutEveryone = (names: readonly string[]) => names.filter((name) => name !== EVERYONE);

function classRoles(roomClass: RoomClass, policy: Policy, report: Report): void {
  const { roles, excluded_roles: excluded, post } = roomClass;
  for (const key of ['roles', 'post'] as const) {
    for (const [index, name] of roomClass[key].entries()) {
      if (name !== EVERYONE && !Object.hasOwn(policy.roles, name)) report([key, index], 'is no role under roles');
    }
    if (roomClass[key].includes(EVERYONE) && roomClass[key].length > 1) report([key], `${EVERYONE} stands alone`);
  }
  unknownRoles(excluded, ['excluded_roles'], policy, report);
  unknownRoles(roomClass.break_glass.roles, ['break_glass', 'roles'], policy, report);
  for (const [index, name] of excluded.entries()) {
    if (roles.includes(name)) report(['excluded_roles', index], 'is a member role, too');
  }
  if (roles.includes(EVERYONE)) {
    if (roomClass.phi) report(['roles'], 'whoever holds any role cannot be let into rooms with health information');
    return;
  }
  for (const [index, name] of post.entries()) {
    if (withoutEveryone([name]).length > 0 && !roles.includes(name)) report(['post', index], 'is no member role');
  }
}

function classLaw(name: string, roomClass: RoomClass, report: Report): void {
  if (roomClass.guests && roomClass.phi) {
    report(['guests'], 'must be false where messages may hold health information (45 CFR 164.312(a)(2)(i))');
  }
  if (neverFederated.includes(name) && roomClass.federation !== 'never') {
    const why = name === 'restricted-42cfr2' ? ' (42 CFR 2.32, 2.33)' : '';
    report(['federation'], `must be never: this class never federates${why}`);
  }
  if (inviteOnly.includes(name) && roomClass.join !== 'invite') report(['join'], 'must be invite for this class');
  if (roomClass.history_visibility === 'shared' && roomClass.phi) {
    report(
      ['history_visibility'],
      'shows new members all that was said before they had a need to know (45 CFR 164.514(d))',
      'warning',
    );
  }
  if (roomClass.guests && roomClass.federation !== 'never')
    report(['guests'], 'must be false where partners may be in');
}

function classRetention(name: string, { retention, recall }: RoomClass, report: Report): void {
  const { max_age: maxAge, min_age: minAge, publish } = retention;
  if (maxAge !== 'never' && durationMs(minAge) > durationMs(maxAge)) {
    report(['retention', 'min_age'], 'is longer than max_age');
  }
  if (maxAge !== 'never' && durationMs(maxAge) < durationMs('1d')) {
    report(['retention', 'max_age'], 'must be at least 1d');
  }
  if (documentation.includes(name) && durationMs(minAge) < DOCUMENTATION_KEPT) {
    report(['retention', 'min_age'], 'must be at least 6y (45 CFR 164.316(b)(2)(i))');
  }
  if (publish) {
    const what = "partners' servers that purge by it delete unacknowledged STAT messages, too";
    report(['retention', 'publish'], what, 'warning');
  }
  if (durationMs(recall) > durationMs('1d')) {
    report(['recall'], 'is long: what was acted on can be taken back (45 CFR 164.312(c)(1))', 'warning');
  }
}

function agreements(policy: Policy, report: Report): void {
  for (const [index, agreement] of policy.agreements.entries()) {
    for (const { path, what } of agreementFindings(agreement, policy)) report(['agreements', index, ...path], what);
    const twice = policy.agreements.findIndex(
      ({ domain, contract }) => domain === agreement.domain && contract === agreement.contract,
    );
    if (twice < index) report(['agreements', index, 'contract'], 'is given twice for this domain');
  }
}

/** What is wrong with one agreement under a policy; also asked before one is taken by command. */
export function agreementFindings(
  agreement: Agreement,
  policy: Policy,
): readonly Pick<PolicyFinding, 'path' | 'what'>[] {
  const findings: Pick<PolicyFinding, 'path' | 'what'>[] = [];
  if (agreement.until < agreement.from) findings.push({ path: ['until'], what: 'is before its beginning' });
  for (const [index, name] of agreement.classes.entries()) {
    const roomClass = Object.hasOwn(policy.classes, name) ? policy.classes[name] : undefined;
    if (roomClass === undefined) findings.push({ path: ['classes', index], what: 'is no class under classes' });
    else if (roomClass.federation === 'never')
      findings.push({ path: ['classes', index], what: 'is a class that never federates' });
  }
  return findings;
}

function coverage(policy: Policy, report: Report): void {
  for (const [index, { from, until, agreement }] of policy.coverage.entries()) {
    if (from !== undefined && until < from) report(['coverage', index, 'until'], 'is before its beginning');
    if (policy.coverage.findIndex((one) => one.agreement === agreement) < index) {
      report(['coverage', index, 'agreement'], 'is given twice');
    }
  }
}
