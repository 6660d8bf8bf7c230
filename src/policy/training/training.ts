/**
 * Training and terms: courses that people passed, up to when they count, and terms that they accepted (45 CFR 164.308(a)(5), 164.530(b); workforce
 * agreements, 164.308(a)(3)). Kept as what happened, in order.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import { EVERYONE, type RoomClass } from '../policySchema.ts';
import type { Facts, Training } from '../request.ts';
import { rolesOf } from '../roles.ts';

export type TrainingEvent =
  | {
      readonly type: 'passed';
      readonly user: UserId;
      readonly course: string;
      /** Up to but not including. */
      readonly until: Instant;
      /** The number of a certificate, or who vouches; nothing about a patient. */
      readonly evidence: string | null;
      readonly by: string;
      readonly at: Instant;
    }
  | {
      readonly type: 'withdrawn';
      readonly user: UserId;
      readonly course: string;
      readonly by: string;
      readonly at: Instant;
    }
  | {
      readonly type: 'accepted';
      readonly user: UserId;
      readonly terms: string;
      readonly version: number;
      readonly at: Instant;
    }
  /** They were told what they lack, or that something ends. */
  | { readonly type: 'told'; readonly user: UserId; readonly key: string; readonly at: Instant };

/** Somebody accepted terms in a version. */
export interface Accepted {
  readonly user: UserId;
  readonly terms: string;
  readonly version: number;
}

/** What stands of the courses: of each person and course the record that lasts longest, unless it was withdrawn since. */
export function foldTraining(events: readonly TrainingEvent[]): readonly Training[] {
  const records = new Map<string, Training>();
  for (const event of events) {
    if (event.type !== 'passed' && event.type !== 'withdrawn') continue;
    const { user, course } = event;
    const key = `${user} ${course}`;
    if (event.type === 'withdrawn') records.delete(key);
    else if ((records.get(key)?.until ?? 0) < event.until) records.set(key, { user, course, until: event.until });
  }
  return [...records.values()];
}

/** The latest version of each terms that each person accepted. */
export function foldAccepted(events: readonly TrainingEvent[]): readonly Accepted[] {
  const latest = new Map<string, Accepted>();
  for (const event of events) {
    if (event.type !== 'accepted') continue;
    const { user, terms, version } = event;
    const key = `${user} ${terms}`;
    if ((latest.get(key)?.version ?? 0) < version) latest.set(key, { user, terms, version });
  }
  return [...latest.values()];
}

/** What somebody lacks for a class. */
export interface Lacking {
  readonly courses: readonly string[];
  readonly terms: readonly string[];
}

export const lackingFor = (
  user: UserId,
  roomClass: Pick<RoomClass, 'training' | 'terms'>,
  { training, accepted = [], policy, now }: Pick<Facts, 'training' | 'accepted' | 'policy' | 'now'>,
): Lacking => ({
  courses: roomClass.training.filter(
    (course) => !training.some((one) => one.user === user && one.course === course && one.until > now),
  ),
  terms: roomClass.terms.filter((name) => {
    const version = Object.hasOwn(policy.terms, name) ? policy.terms[name]?.version : undefined;
    // Terms that there are not accept nobody.
    if (version === undefined) return true;
    return !accepted.some((one) => one.user === user && one.terms === name && one.version >= version);
  }),
});

/** Somebody, and a class that their roles would open. */
export interface Demand {
  readonly user: UserId;
  readonly class: string;
  readonly lacking: Lacking;
  /** Courses that count now, and until when. */
  readonly ends: readonly { readonly course: string; readonly until: Instant }[];
}

/** Whoever holds a role that opens rooms of a class which asks for courses or terms, and how they stand; of our own people. */
export function demands(facts: Facts, classes: readonly string[]): readonly Demand[] {
  const holders = [...new Set(facts.grants.map(({ user }) => user))].filter((user) =>
    user.endsWith(`:${facts.ownServer}`),
  );
  return classes.flatMap((name) => {
    const roomClass = Object.hasOwn(facts.policy.classes, name) ? facts.policy.classes[name] : undefined;
    if (roomClass === undefined || roomClass.training.length + roomClass.terms.length === 0) return [];
    return holders.flatMap((user): Demand[] => {
      const held = rolesOf(facts.grants, user, facts.now);
      const opens = roomClass.roles.includes(EVERYONE)
        ? held.length > 0
        : held.some((role) => roomClass.roles.includes(role));
      if (!opens || held.some((role) => roomClass.excluded_roles.includes(role))) return [];
      const ends = facts.training.filter(
        (one) => one.user === user && roomClass.training.includes(one.course) && one.until > facts.now,
      );
      return [{ user, class: name, lacking: lackingFor(user, roomClass, facts), ends }];
    });
  });
}
