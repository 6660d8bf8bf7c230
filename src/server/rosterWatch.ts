import type { Alarms } from '../flows/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { Dispatch } from '../tickets/dispatchSchema.ts';
import { rosterFindings } from '../tickets/rosterFindings.ts';

interface RosterWatchParts {
  readonly dispatch: () => Dispatch;
  readonly accounts: readonly AccountId[];
  readonly clock: Clock;
  /** How far ahead, in milliseconds. */
  readonly aheadMs: number;
  readonly alarms: Alarms;
}

/**
 * Raises `schedule-gap` once for each hole in the schedules of the time to come, and for each agreement that ends in it. A hole that
 * reaches beyond that time is told again when its end comes into sight.
 */
export function createRosterWatch({ dispatch, accounts, clock, aheadMs, alarms }: RosterWatchParts): { look(): void } {
  const told = new Set<string>();
  return {
    look() {
      const now = clock.now();
      for (const account of accounts) {
        const gaps = rosterFindings(dispatch(), account, now, now + aheadMs).filter(
          ({ code, tier }) => (code === 'hole' && tier === 'primary') || code === 'agreement-ends',
        );
        // By their ends: the beginning of one that is open already moves with the time.
        const keys = gaps.map(({ code, role, until }) =>
          JSON.stringify([account, code, role, until === now + aheadMs ? null : until]),
        );
        if (keys.some((key) => !told.has(key))) alarms.raise('schedule-gap', { account });
        for (const key of keys) told.add(key);
      }
    },
  };
}
