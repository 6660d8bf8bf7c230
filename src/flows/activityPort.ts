import type { Instant } from '../kernel/clock.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { ActivityCount, ActivityFact, Happened, KeyHolder, Stay } from '../policy/index.ts';

/** A line of the audit log, by its place. */
export interface LoggedEntry {
  readonly leaf: number;
  /** Business time. */
  readonly at: Instant;
  readonly action: string;
  readonly outcome: string;
  readonly code: string;
  /** What is sealed of it; null: its key was destroyed, or it cannot be read. */
  open(): Promise<EntryPayload | null>;
}

export interface EntryPayload {
  readonly actor: string;
  readonly room?: RoomId;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Somebody came into a room, or went. */
export interface Move {
  readonly room: RoomId;
  readonly user: UserId;
  readonly at: Instant;
  readonly comes: boolean;
}

export interface ActivityPosition {
  /** Index of the first leaf that was not read. */
  readonly leaf: number;
  readonly message: number;
  /** Since when there is a record. */
  readonly since: Instant;
}

export interface SenderDay {
  readonly sender: UserId;
  readonly day: string;
  readonly messages: number;
}

/** What was read at once, and up to where. */
export interface ActivityBatch {
  readonly from: ActivityPosition | null;
  readonly to: ActivityPosition;
  readonly counts: readonly (ActivityCount & { readonly day: string })[];
  readonly facts: readonly { readonly leaf: number; readonly fact: ActivityFact }[];
  readonly moves: readonly Move[];
  readonly senders: readonly SenderDay[];
}

/**
 * What is remembered of what happened: read from the audit log and the inbox, in order, each line once. One of the small doors beside
 * `Store.change`: nothing here is decided, and all of it could be read again.
 */
export interface ActivityRecord {
  position(): Promise<ActivityPosition | null>;
  entries(from: number, limit: number): Promise<readonly LoggedEntry[]>;
  /** Messages of people after this place, by sender and day there; at most `limit` places further. */
  messages(
    after: number,
    timeZone: string,
    limit: number,
  ): Promise<{ readonly upTo: number; readonly senders: readonly SenderDay[] }>;
  /** All of it or nothing. False: another process was quicker. */
  record(batch: ActivityBatch): Promise<boolean>;
  facts(since: Instant): Promise<readonly ActivityFact[]>;
  /** The days before `day`, of the `days` before it, on which each of these wrote anything, and that day itself. */
  volumes(
    senders: readonly UserId[],
    day: string,
    days: number,
  ): Promise<ReadonlyMap<UserId, { readonly messages: number; readonly before: readonly number[] }>>;
  /** From a day to another, that one excluded. */
  counts(from: string, to: string): Promise<readonly ActivityCount[]>;
  addAlarms(day: string, times: ReadonlyMap<string, number>): Promise<void>;
  stays(room: RoomId): Promise<readonly Stay[]>;
  /** Whose devices got keys of Wardroom's own messages there. */
  keyHolders(room: RoomId, range: Happened | null): Promise<readonly KeyHolder[]>;
}

/** A device of somebody, as it was first seen. */
export interface WatchedDevice {
  readonly user: UserId;
  readonly device: string;
  readonly firstSeen: Instant;
  readonly isSettled: boolean;
}

export interface WatchedDevicesRead {
  all(): Promise<readonly WatchedDevice[]>;
}

export interface WatchedDevicesWrite extends WatchedDevicesRead {
  save(device: WatchedDevice): Promise<void>;
}
