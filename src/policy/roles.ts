/**
 * Who holds which role, and when. The record is what happened (granted, revoked, reviewed), in order; everything else is folded from it.
 * Access is given by role, ends by itself and is confirmed again (45 CFR 164.308(a)(3)(ii)(C), (a)(4)(ii)(C)).
 */
import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Policy } from './policySchema.ts';
import { addDays, durationMs, isDate, startOfDay } from './values.ts';

/** Who decided: a person, or the name of what did it for them (`import`, `api`, `expiry`). */
export type GrantedBy = string;

export type RoleEvent =
  | ({ readonly type: 'granted'; readonly at: Instant } & Grant)
  | {
      readonly type: 'revoked';
      readonly user: UserId;
      readonly role: string;
      readonly by: GrantedBy;
      readonly at: Instant;
    }
  | {
      /** Somebody confirmed that the person still needs it. */
      readonly type: 'reviewed';
      readonly user: UserId;
      readonly role: string;
      readonly by: GrantedBy;
      readonly at: Instant;
      readonly reviewBy: Instant;
    };

/** Holds from `from` up to but not including `until`; null: until it is revoked, and then there is a review date. */
export interface Grant {
  readonly user: UserId;
  readonly role: string;
  readonly from: Instant;
  readonly until: Instant | null;
  /** By when somebody has to confirm it. */
  readonly reviewBy: Instant;
  readonly by: GrantedBy;
}

/** They administer Wardroom or look into its log: only people of this hospital hold them, and giving one takes two. */
export const privilegedRoles: readonly string[] = ['admin', 'privacy-officer', 'security-officer'];

export type GrantFault = 'role-unknown' | 'empty-period' | 'too-long' | 'in-the-past';

/** The event of a grant under this policy, with its review date; or why there can be none. */
export function grantRole(
  { user, role, from, until, by }: Omit<Grant, 'reviewBy'>,
  policy: Policy,
  now: Instant,
): Result<RoleEvent, GrantFault> {
  const known = Object.hasOwn(policy.roles, role) ? policy.roles[role] : undefined;
  if (!known) return err('role-unknown');
  if (until !== null) {
    if (until <= from) return err('empty-period');
    if (until <= now) return err('in-the-past');
    if (until - from > durationMs(known.longest)) return err('too-long');
  }
  const reviewBy = Math.max(from, now) + durationMs(known.review_every);
  return ok({ type: 'granted', at: now, user, role, from, until, reviewBy, by });
}

/** The sign-off of a review under this policy. */
export function reviewRole(user: UserId, role: string, by: GrantedBy, policy: Policy, now: Instant): RoleEvent {
  const known = Object.hasOwn(policy.roles, role) ? policy.roles[role] : undefined;
  return { type: 'reviewed', user, role, by, at: now, reviewBy: now + durationMs(known?.review_every ?? '90d') };
}

/** The instant at which a date that is the last day is over; null when it is no date. */
export const endOfDay = (day: string, policy: Policy): Instant | null =>
  isDate(day) ? startOfDay(addDays(day, 1), policy.time_zone) : null;

/**
 * The grants that these events leave, in order. A revocation ends what holds and takes back what was to begin; a grant of what is held
 * already is one more, so that a later one never ends an earlier one before its time. `before`: what earlier events left.
 */
export function foldGrants(events: readonly RoleEvent[], before: readonly Grant[] = []): readonly Grant[] {
  const held = new Map<string, Grant[]>();
  for (const grant of before) {
    const key = `${grant.user}\0${grant.role}`;
    const grants = held.get(key);
    if (grants) grants.push(grant);
    else held.set(key, [grant]);
  }
  for (const event of events) {
    const key = `${event.user}\0${event.role}`;
    held.set(key, after(held.get(key) ?? [], event));
  }
  return [...held.values()].flat();
}

/** The grants of one role to one person after one more event. */
function after(grants: Grant[], event: RoleEvent): Grant[] {
  switch (event.type) {
    case 'granted': {
      const { user, role, from, until, reviewBy, by } = event;
      return [...grants, { user, role, from, until, reviewBy, by }];
    }
    case 'reviewed':
      return grants.map((grant) =>
        grant.from <= event.at ? { ...grant, reviewBy: Math.max(grant.reviewBy, event.reviewBy) } : grant,
      );
    case 'revoked':
      return grants.flatMap((grant) => {
        if (grant.until !== null && grant.until <= event.at) return [grant];
        return grant.from >= event.at ? [] : [{ ...grant, until: event.at }];
      });
  }
}

export const isInForce = ({ from, until }: Grant, now: Instant): boolean =>
  from <= now && (until === null || now < until);

/** The roles somebody holds now, sorted. */
export const rolesOf = (grants: readonly Grant[], user: UserId, now: Instant): readonly string[] =>
  unique(
    indexed(byUser, grants, (grant) => grant.user)
      .get(user)
      ?.filter((grant) => isInForce(grant, now))
      .map(({ role }) => role) ?? [],
  );

/** Who holds a role now, sorted. */
export const whoHolds = (grants: readonly Grant[], role: string, now: Instant): readonly UserId[] =>
  unique(
    indexed(byRole, grants, (grant) => grant.role)
      .get(role)
      ?.filter((grant) => isInForce(grant, now))
      .map(({ user }) => user) ?? [],
  );

type Index = WeakMap<readonly Grant[], Map<string, Grant[]>>;

/** A list of grants is looked through once, however many people and rooms it is asked about. */
const byUser: Index = new WeakMap();
const byRole: Index = new WeakMap();

function indexed(index: Index, grants: readonly Grant[], keyOf: (grant: Grant) => string): Map<string, Grant[]> {
  const known = index.get(grants);
  if (known) return known;
  const made = new Map<string, Grant[]>();
  for (const grant of grants) {
    const entries = made.get(keyOf(grant));
    if (entries) entries.push(grant);
    else made.set(keyOf(grant), [grant]);
  }
  index.set(grants, made);
  return made;
}

export interface Review {
  readonly user: UserId;
  readonly role: string;
  readonly reviewBy: Instant;
  readonly by: GrantedBy;
  readonly overdue: boolean;
}

/** What has to be confirmed at the latest `ahead` milliseconds from now, the most urgent first. What is overdue still holds. */
export function roleReview(grants: readonly Grant[], now: Instant, ahead = 0): readonly Review[] {
  const latest = new Map<string, Review>();
  for (const grant of grants) {
    if (!isInForce(grant, now)) continue;
    const { user, role, reviewBy, by, until } = grant;
    // What ends before its review has its answer.
    if (until !== null && until <= reviewBy) continue;
    const key = `${user}\0${role}`;
    if ((latest.get(key)?.reviewBy ?? -1) < reviewBy)
      latest.set(key, { user, role, reviewBy, by, overdue: reviewBy <= now });
  }
  return [...latest.values()]
    .filter(({ reviewBy }) => reviewBy <= now + ahead)
    .sort((a, b) => a.reviewBy - b.reviewBy || compare(a.user, b.user) || compare(a.role, b.role));
}

/** The next instant at which somebody begins or ceases to hold a role; null when there is none. */
export function nextRoleChange(grants: readonly Grant[], now: Instant): Instant | null {
  const instants = grants.flatMap(({ from, until }) => [from, ...(until === null ? [] : [until])]);
  return earliest(instants.filter((at) => at > now));
}

const earliest = (instants: readonly Instant[]): Instant | null => (instants.length > 0 ? Math.min(...instants) : null);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const unique = <T extends string>(values: readonly T[]): readonly T[] => [...new Set(values)].sort(compare);
