import { type Departure, withoutDeparted } from './departures.ts';
import type { Dispatch, Practice } from './dispatchSchema.ts';
import type { Tier } from './schedule.ts';

/** A change to a schedule that was made while Wardroom runs. */
export interface RosterChange {
  readonly account: string;
  readonly role: string;
  readonly tier: Tier;
  readonly from: string;
  readonly to: string;
  readonly who: string;
}

/**
 * dispatch.yaml with the changes that were made since, after its own overrides: the later counts. A change to a practice, a role or a
 * person that is not in dispatch.yaml any more changes nothing. Who left is in none of it.
 */
export function effectiveDispatch(
  dispatch: Dispatch,
  changes: readonly RosterChange[],
  departures: readonly Departure[] = [],
): Dispatch {
  const practices: Record<string, Practice> = { ...dispatch.practices };
  for (const { account, role, tier, from, to, who } of changes) {
    const practice = Object.hasOwn(practices, account) ? practices[account] : undefined;
    const known = practice && Object.hasOwn(practice.roles, role) ? practice.roles[role] : undefined;
    if (!practice || !known || (who !== '' && !Object.hasOwn(dispatch.people, who))) continue;
    const overrides = [...(known.overrides ?? []), { from, to, who, tier }];
    practices[account] = { ...practice, roles: { ...practice.roles, [role]: { ...known, overrides } } };
  }
  return withoutDeparted({ ...dispatch, practices }, departures);
}
