import type { Alarms } from '../flows/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { Dispatch } from '../tickets/dispatchSchema.ts';
import { usersOf } from '../tickets/onCall.ts';
import { peopleOnDuty, type RosterFinding, rosterFindings } from '../tickets/rosterFindings.ts';
import type { DeviceFinding } from './oncall/devices.ts';

export interface RosterWatchParts {
  readonly dispatch: () => Dispatch;
  readonly accounts: readonly AccountId[];
  readonly clock: Clock;
  /** How far ahead, in milliseconds. */
  readonly aheadMs: number;
  /** Which of these people, keys and Matrix users, no page reaches. */
  readonly unreachable: (people: ReadonlyMap<string, string>) => Promise<readonly DeviceFinding[]>;
  readonly alarms: Alarms;
}

export interface RosterWatch {
  look(): Promise<void>;
}

/**
 * Raises `schedule-gap` once for each hole in the schedules of the time to come, and for each agreement that ends in it or has ended.
 * Raises `oncall-unreachable` when somebody on duty in that time has no device that could be sent keys, or none that was seen lately.
 * Each is raised again only after it was well.
 */
export function createRosterWatch(parts: RosterWatchParts): RosterWatch {
  const gaps = gapWatch(parts);
  const people = peopleWatch(parts);
  return {
    async look() {
      const now = parts.clock.now();
      gaps(now);
      await people(now);
    },
  };
}

function gapWatch({ dispatch, accounts, aheadMs, alarms }: RosterWatchParts) {
  const told = new Map<AccountId, readonly RosterFinding[]>();
  return (now: number): void => {
    for (const account of accounts) {
      const gaps = rosterFindings(dispatch(), account, now, now + aheadMs).filter(
        ({ code, tier }) => (code === 'hole' && tier === 'primary') || code.startsWith('agreement-'),
      );
      const before = told.get(account) ?? [];
      if (gaps.some((gap) => !before.some((one) => isSame(gap, one)))) alarms.raise('schedule-gap', { account });
      told.set(account, gaps);
    }
  };
}

/** A hole is cut to the time that is looked at: what touches the one of the look before is the same one. */
function isSame(one: RosterFinding, other: RosterFinding): boolean {
  if (one.code !== other.code || one.role !== other.role) return false;
  return (one.from ?? 0) <= (other.until ?? 0) && (other.from ?? 0) <= (one.until ?? 0);
}

/** One alarm for all: who is on duty for many accounts would raise as many. */
function peopleWatch({ dispatch, accounts, aheadMs, unreachable, alarms }: RosterWatchParts) {
  let told: ReadonlySet<string> = new Set();
  return async (now: number): Promise<void> => {
    const current = dispatch();
    const onDuty = usersOf(
      current,
      accounts.flatMap((account) => peopleOnDuty(current, account, now, now + aheadMs)),
    );
    if (onDuty.size === 0) return;
    const found = await unreachable(onDuty);
    const notAsked = found.filter(({ code }) => code === 'not-asked').map(({ person }) => person);
    // Nobody could be asked about: that is no news of anybody.
    if (notAsked.includes('')) return;
    const bad = found.filter(({ code }) => code !== 'not-asked').map(({ person }) => person);
    if (bad.some((person) => !told.has(person))) alarms.raise('oncall-unreachable', {});
    told = new Set([...bad, ...notAsked.filter((person) => told.has(person))]);
  };
}
