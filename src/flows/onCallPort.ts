import type { Instant } from '../kernel/clock.ts';
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

export interface OnCallRead {
  /** Those that stand, in the order in which they were made: of two for the same time the later counts. */
  all(): Promise<readonly KeptScheduleChange[]>;
  /** Grows with every change. */
  version(): Promise<number>;
}

export interface OnCallWrite extends OnCallRead {
  /** Resolves to its id. */
  add(change: ScheduleChange, by: string, at: Instant): Promise<number>;
  /** False when there is none that stands. */
  withdraw(id: number, at: Instant): Promise<boolean>;
}
