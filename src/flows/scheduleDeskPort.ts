import type { AccountId, UserId } from '../kernel/ids.ts';
import type { NonEmpty, Result } from '../kernel/result.ts';
import type { NamedPlace } from '../tickets/departures.ts';
import type { Tier } from '../tickets/schedule.ts';
import type { OnCallRead, ScheduleChange } from './onCallPort.ts';
import type { AuditEntry, Tx } from './ports.ts';

/** Something odd about what was asked, in words. */
export interface ScheduleFinding {
  readonly code: string;
  readonly what: string;
}

export interface WhoIsOnCall {
  readonly account: string;
  readonly at: string;
  readonly tz: string;
  /** `role` null: an account without roles. */
  readonly roles: readonly {
    readonly role: string | null;
    readonly holder: readonly string[];
    readonly backup: readonly string[];
    readonly alarms: readonly string[];
  }[];
  readonly findings: readonly ScheduleFinding[];
}

export interface ShownShifts {
  readonly account: string;
  readonly tz: string;
  /** Local times of the practice. `who` null or empty: nobody. */
  readonly shifts: readonly {
    readonly role: string;
    readonly tier: Tier;
    readonly from: string;
    readonly to: string;
    readonly who: string | null;
    readonly via: string;
  }[];
}

export interface DryRun {
  readonly account: string;
  readonly at: string;
  readonly tz: string;
  readonly urgency: string;
  readonly protocol: string;
  readonly alarms: readonly string[];
  readonly alarms_to: readonly string[];
  readonly findings: readonly ScheduleFinding[];
  readonly steps: readonly {
    readonly step: number;
    readonly repeat: number;
    readonly local: string;
    readonly do: string;
    readonly to: string | null;
    readonly people: readonly string[];
    readonly how: string;
  }[];
}

export interface Gaps {
  readonly days: number;
  readonly gaps: readonly { readonly code: string; readonly account: string | null; readonly what: string }[];
  /** What could not be looked at. */
  readonly notes: readonly string[];
}

/** Changes that were thought out and not made yet. */
export interface PlannedChanges {
  readonly changes: readonly ScheduleChange[];
  readonly findings: readonly ScheduleFinding[];
}

/** Why it cannot be done: the argument that cannot be meant, as a command names it, or a code. */
export type ScheduleRefusal =
  | { readonly code: 'bad-argument'; readonly argument: string; readonly why?: 'missing' }
  | { readonly code: 'nothing-to-swap' };

type Answered<T> = Result<T, ScheduleRefusal>;

export interface ChangeOf {
  readonly account: AccountId;
  readonly role: string;
  readonly tier: Tier;
  readonly reason: string | null;
}

/** Schedules as they are at one moment. Accounts, roles and people must exist; times are as a scheduler writes them. */
export interface Schedules {
  who(account: AccountId, asked: { readonly time: string | null; readonly role: string | null }): Answered<WhoIsOnCall>;
  shifts(
    account: AccountId,
    asked: { readonly from: string | null; readonly days: number; readonly role: string | null },
  ): Answered<ShownShifts>;
  dryRun(account: AccountId, time: string | null, urgency: string | null): Answered<DryRun>;
  /** From now until a time, or until the shift that runs now would end. */
  planSet(of: ChangeOf, person: string, until: string | null): Answered<PlannedChanges>;
  planOverride(of: ChangeOf, person: string, from: string, to: string): Answered<PlannedChanges>;
  planSwap(of: ChangeOf, people: readonly [string, string], from: string, to: string): Answered<PlannedChanges>;
  /** Everything that the schedule of this account is made of, as a JSON value. */
  basisOf(account: AccountId): unknown;
}

/** Schedules for who administers them: looks, and changes inside the transaction of a command. */
export interface ScheduleDesk {
  /** The roles of an account's practice; null where it has none. */
  rolesOf(account: AccountId): readonly string[] | null;
  /** A person's key, for the key or the Matrix id; empty for `nobody`; null: there is none. */
  personNamed(typed: string): string | null;
  people(): readonly string[];
  /** Where dispatch.yaml, and the changes made to it, name somebody, whether or not they left. */
  placesNaming(user: UserId): Promise<readonly NamedPlace[]>;
  /** With the changes that stand now. */
  at(changes: OnCallRead): Promise<Schedules>;
  /** Holes, agreements that end, and people whom no page reaches: asks the homeserver about their devices. */
  gaps(account: AccountId | null, days: number): Promise<Gaps>;
  keep(
    tx: Tx,
    changes: NonEmpty<ScheduleChange>,
    by: UserId,
  ): Promise<{ readonly ids: readonly number[]; readonly audit: NonEmpty<AuditEntry> }>;
  /** Null when there is none of that number that stands. */
  withdraw(
    tx: Tx,
    id: number,
    by: UserId,
  ): Promise<{ readonly change: ScheduleChange; readonly audit: AuditEntry } | null>;
}
