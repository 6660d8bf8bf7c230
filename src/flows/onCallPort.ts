import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Tier } from '../tickets/schedule.ts';

/** A change to a schedule of dispatch.yaml: from `from` up to but not including `to`, local wall times of the practice. */
export interface ScheduleChange {
  readonly account: string;
  readonly role: string;
  readonly tier: Tier;
  readonly from: string;
  readonly to: string;
  /** A person's key; empty: nobody, on purpose. */
  readonly who: string;
  readonly reason: string | null;
}

export interface KeptScheduleChange extends ScheduleChange {
  readonly id: number;
  readonly madeBy: string;
  readonly madeAt: Instant;
}

/** Somebody who left for good: no schedule calls them, whatever it says. */
export interface KeptDeparture {
  readonly user: UserId;
  /** Who takes what schedules name them for; null: nobody, which leaves holes. */
  readonly to: UserId | null;
}

export interface OnCallRead {
  /** Those that stand, in the order in which they were made: of two for the same time the later counts. */
  all(): Promise<readonly KeptScheduleChange[]>;
  /** Who left and did not come back, in the order in which they left. */
  departures(): Promise<readonly KeptDeparture[]>;
  /** Grows with every change and every departure. */
  version(): Promise<number>;
}

export interface OnCallWrite extends OnCallRead {
  /** Resolves to its id. */
  add(change: ScheduleChange, by: string, at: Instant): Promise<number>;
  /** False when there is none that stands. */
  withdraw(id: number, at: Instant): Promise<boolean>;
  /** Once: who left already stays as they left. */
  depart(departure: KeptDeparture, by: string, at: Instant): Promise<void>;
  /** They are back; what schedules name them for is theirs again. False: they had not left. */
  comeBack(user: UserId, at: Instant): Promise<boolean>;
}
