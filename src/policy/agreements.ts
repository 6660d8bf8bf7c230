/**
 * Agreements with partners: what is on file, since when, until when and for which classes. No agreement, no access
 * (business associate contracts, 45 CFR 164.308(b)(1), 164.314(a), 164.504(e)). Dates are days in the policy's time zone, the last one inclusive.
 */
import type { Instant } from '../kernel/clock.ts';
import type { Agreement, Coverage, Policy } from './policySchema.ts';
import { addDays, dayAt, daysBetween, startOfDay } from './values.ts';

/** An agreement as it is kept. */
export interface KeptAgreement extends Agreement {
  /** Since when it counts no more, whatever its dates say. */
  readonly revoked_at?: Instant | undefined;
}

export type AgreementState =
  /** `warn`: the smallest of `warn_before` that is reached, in days; null when the end is further off. */
  | {
      readonly state: 'in-force';
      readonly contract: string;
      readonly daysLeft: number;
      readonly endsAt: Instant;
      readonly warn: number | null;
    }
  | { readonly state: 'not-yet'; readonly contract: string; readonly beginsAt: Instant }
  | { readonly state: 'ended'; readonly contract: string; readonly endedAt: Instant }
  /** There is an agreement in force; it does not name this class. */
  | { readonly state: 'other-class'; readonly contract: string }
  | { readonly state: 'never-federates' }
  | { readonly state: 'class-unknown' }
  | { readonly state: 'not-on-file' };

interface Period {
  readonly begins: Instant;
  readonly ends: Instant;
  readonly agreement: KeptAgreement;
}

const periodOf = (agreement: KeptAgreement, policy: Pick<Policy, 'time_zone'>): Period => {
  const ends = startOfDay(addDays(agreement.until, 1), policy.time_zone);
  return {
    agreement,
    begins: startOfDay(agreement.from, policy.time_zone),
    ends: Math.min(ends, agreement.revoked_at ?? ends),
  };
};

const current = ({ begins, ends }: Period, now: Instant) => begins <= now && now < ends;

/** Where an agreement stands in its life, whatever its classes. */
export function agreementPhase(
  agreement: KeptAgreement,
  now: Instant,
  policy: Pick<Policy, 'time_zone'>,
): 'in-force' | 'not-yet' | 'ended' | 'revoked' {
  const { begins, ends } = periodOf(agreement, policy);
  if (agreement.revoked_at !== undefined && agreement.revoked_at <= now) return 'revoked';
  if (now < begins) return 'not-yet';
  return now < ends ? 'in-force' : 'ended';
}

/** Whether people of a server may be in rooms of a class now, and why not. Names are compared whole: a look-alike is not on file. */
export function agreementState(
  agreements: readonly KeptAgreement[],
  domain: string,
  className: string,
  now: Instant,
  policy: Policy,
): AgreementState {
  const roomClass = Object.hasOwn(policy.classes, className) ? policy.classes[className] : undefined;
  if (!roomClass) return { state: 'class-unknown' };
  if (roomClass.federation === 'never') return { state: 'never-federates' };
  const ofDomain = agreements.filter((one) => one.domain === domain).map((one) => periodOf(one, policy));
  const ofClass = ofDomain.filter(({ agreement }) => agreement.classes.includes(className));
  const today = latestEnd(ofClass.filter((period) => current(period, now)));
  if (today) return inForce(today, ofClass, now, policy);
  const elsewhere = latestEnd(ofDomain.filter((period) => current(period, now)));
  if (elsewhere) return { state: 'other-class', contract: elsewhere.agreement.contract };
  const coming = ofClass
    .filter(({ begins, ends }) => begins > now && begins < ends)
    .sort((a, b) => a.begins - b.begins)[0];
  if (coming) return { state: 'not-yet', contract: coming.agreement.contract, beginsAt: coming.begins };
  const past = latestEnd(ofClass.filter(({ ends }) => ends <= now));
  if (past) return { state: 'ended', contract: past.agreement.contract, endedAt: past.ends };
  return { state: 'not-on-file' };
}

const latestEnd = (periods: readonly Period[]): Period | null =>
  periods.reduce<Period | null>((best, next) => (best === null || next.ends > best.ends ? next : best), null);

/** An agreement that another one continues without a gap ends with that one: nobody is warned of a renewal that is signed. */
function inForce(from: Period, all: readonly Period[], now: Instant, policy: Policy): AgreementState {
  let last = from;
  for (;;) {
    const next = all.filter(({ begins, ends }) => begins <= last.ends && ends > last.ends);
    const further = latestEnd(next);
    if (!further) break;
    last = further;
  }
  const lastDay = dayAt(last.ends - 1, policy.time_zone);
  const daysLeft = daysBetween(dayAt(now, policy.time_zone), lastDay);
  const reached = policy.warn_before.filter((days) => daysLeft <= days);
  return {
    state: 'in-force',
    contract: from.agreement.contract,
    daysLeft,
    endsAt: last.ends,
    warn: reached.length > 0 ? Math.min(...reached) : null,
  };
}

/** Servers whose people may be in rooms of a class now, sorted. */
export const partnersOf = (
  agreements: readonly KeptAgreement[],
  className: string,
  now: Instant,
  policy: Policy,
): readonly string[] =>
  [...new Set(agreements.map(({ domain }) => domain))]
    .filter((domain) => agreementState(agreements, domain, className, now, policy).state === 'in-force')
    .sort();

export interface AgreementWarning {
  readonly domain: string;
  readonly contract: string;
  readonly daysLeft: number;
  readonly warn: number;
  readonly classes: readonly string[];
}

/** Which agreements end soon, one entry per partner and end. Say each one once per `warn`. */
export function agreementWarnings(
  agreements: readonly KeptAgreement[],
  now: Instant,
  policy: Policy,
): readonly AgreementWarning[] {
  const warnings = new Map<string, AgreementWarning>();
  for (const { domain, classes } of agreements) {
    for (const className of classes) {
      const state = agreementState(agreements, domain, className, now, policy);
      if (state.state !== 'in-force' || state.warn === null) continue;
      const { contract, daysLeft, warn } = state;
      const key = JSON.stringify([domain, contract, daysLeft]);
      const named = warnings.get(key)?.classes ?? [];
      warnings.set(key, { domain, contract, daysLeft, warn, classes: [...new Set([...named, className])].sort() });
    }
  }
  return [...warnings.values()].sort((a, b) => a.daysLeft - b.daysLeft || (a.domain < b.domain ? -1 : 1));
}

/** Whether any agreement with this server is in force now. */
export const isPartner = (
  agreements: readonly KeptAgreement[],
  domain: string,
  now: Instant,
  policy: Policy,
): boolean => agreements.some((one) => one.domain === domain && current(periodOf(one, policy), now));

export type CoverageState =
  | { readonly state: 'in-force'; readonly agreement: string; readonly domain: string; readonly endsAt: Instant }
  | { readonly state: 'not-yet' | 'ended' | 'no-partner'; readonly agreement: string; readonly domain: string }
  | { readonly state: 'not-on-file' };

/** The server of `DOMAIN/ROLE`. */
const domainOf = (theirs: string): string => theirs.slice(0, theirs.lastIndexOf('/'));

/**
 * Whether a partner's role covers ours now: the coverage agreement counts on its days, and only while a business associate agreement
 * with the partner is in force.
 */
export function coverageState(
  coverage: readonly Coverage[],
  agreements: readonly KeptAgreement[],
  { ours, theirs }: { readonly ours: string; readonly theirs: string },
  now: Instant,
  policy: Policy,
): CoverageState {
  const states = coverage
    .filter((one) => one.ours === ours && one.theirs === theirs)
    .map((one) => stateOf(one, agreements, now, policy));
  const rank = ['in-force', 'no-partner', 'not-yet', 'ended'];
  return states.sort((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state))[0] ?? { state: 'not-on-file' };
}

/** Servers that cover a role of this account now. */
export const coveringServers = (
  coverage: readonly Coverage[],
  agreements: readonly KeptAgreement[],
  account: string,
  now: Instant,
  policy: Policy,
): readonly string[] => [
  ...new Set(
    coverage
      .filter(({ ours }) => ours.slice(0, ours.indexOf('/')) === account)
      .filter((one) => stateOf(one, agreements, now, policy).state === 'in-force')
      .map(({ theirs }) => domainOf(theirs)),
  ),
];

function stateOf(one: Coverage, agreements: readonly KeptAgreement[], now: Instant, policy: Policy): CoverageState {
  const { agreement } = one;
  const domain = domainOf(one.theirs);
  const endsAt = startOfDay(addDays(one.until, 1), policy.time_zone);
  if (now >= endsAt) return { state: 'ended', agreement, domain };
  if (one.from !== undefined && now < startOfDay(one.from, policy.time_zone))
    return { state: 'not-yet', agreement, domain };
  if (!isPartner(agreements, domain, now, policy)) return { state: 'no-partner', agreement, domain };
  return { state: 'in-force', agreement, domain, endsAt };
}

/** The next instant at which an agreement or coverage begins, ends, or is to be warned of; null when there is none. */
export function nextAgreementChange(
  agreements: readonly KeptAgreement[],
  coverage: readonly Coverage[],
  now: Instant,
  policy: Policy,
): Instant | null {
  const start = (day: string) => startOfDay(day, policy.time_zone);
  const instants = [
    ...agreements.flatMap((one) => {
      const { begins, ends } = periodOf(one, policy);
      return [begins, ends, ...policy.warn_before.map((days) => start(addDays(one.until, -days)))];
    }),
    ...coverage.flatMap(({ from, until }) => [...(from === undefined ? [] : [start(from)]), start(addDays(until, 1))]),
  ].filter((at) => at > now);
  return instants.length > 0 ? Math.min(...instants) : null;
}
