import { type Instant, isoInstant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { type Grant, isInForce } from '../policy/index.ts';

/** A role that somebody holds, as answers show it. */
export interface HeldRole {
  readonly user_id: UserId;
  readonly role: string;
  /** RFC 3339; null: until it is revoked. */
  readonly until: string | null;
  readonly review_by: string;
  readonly overdue: boolean;
  /** Who gave it: a Matrix id, or the name of what did it for them (`api:roles`, `configuration`). */
  readonly by: string;
}

/** What is held now, by person and role; of several grants of one role the one that ends last. */
export function heldRoles(
  grants: readonly Grant[],
  now: Instant,
  accept: (grant: Grant) => boolean = () => true,
): readonly HeldRole[] {
  const longest = new Map<string, Grant>();
  for (const grant of grants) {
    if (!isInForce(grant, now) || !accept(grant)) continue;
    const key = `${grant.user}\0${grant.role}`;
    const known = longest.get(key);
    if (known === undefined || endOf(grant) >= endOf(known)) longest.set(key, grant);
  }
  return [...longest.values()]
    .map(({ user, role, until, reviewBy, by }) => ({
      user_id: user,
      role,
      until: until === null ? null : isoInstant(until),
      review_by: isoInstant(reviewBy),
      overdue: reviewBy <= now,
      by,
    }))
    .sort((a, b) => compare(a.user_id, b.user_id) || compare(a.role, b.role));
}

const endOf = ({ until }: Grant): Instant => until ?? Number.POSITIVE_INFINITY;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
