/** Who could have read what was said in a room (45 CFR 164.402(2)(ii), (iii)): from what is on record of its members. */
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { serverOf } from '../subjects.ts';
import type { Happened } from './incident.ts';

/** Somebody in a room. `from` null: already there when the record begins; `until` null: still there. */
export interface Stay {
  readonly user: UserId;
  readonly from: Instant | null;
  readonly until: Instant | null;
}

/** Which devices of somebody got the key of how many of Wardroom's own messages. */
export interface KeyHolder {
  readonly user: UserId;
  readonly devices: readonly string[];
  readonly messages: number;
}

export interface Reader {
  readonly user: UserId;
  readonly server: string;
  /** Null: before the record begins, or of no stay that is on record. */
  readonly from: Instant | null;
  readonly until: Instant | null;
  readonly isMember: boolean;
  /** Empty: no message of Wardroom's own went to them; what people wrote their clients encrypted. */
  readonly devices: readonly string[];
  readonly messages: number;
}

export interface RoomReaders {
  readonly room: RoomId;
  readonly readers: readonly Reader[];
  /** Servers that hold a copy of the room: encrypted, and by whom and when in clear. */
  readonly servers: readonly string[];
  /** Whether who came in later may read what was said before. */
  readonly laterToo: boolean;
}

/** What is known of a room. */
export interface RoomRecord {
  readonly room: RoomId;
  readonly stays: readonly Stay[];
  /** Who is in it now, by the homeserver. */
  readonly present: readonly UserId[];
  readonly holders: readonly KeyHolder[];
  readonly historyVisibility: string | null;
}

/** `range` null: at any time. Who is present without a stay on record was there before the record began. */
export function couldRead(record: RoomRecord, range: Happened | null): RoomReaders {
  const laterToo = record.historyVisibility === 'shared' || record.historyVisibility === 'world_readable';
  const unrecorded = record.present.filter(
    (user) => !record.stays.some((one) => one.user === user && one.until === null),
  );
  const all: readonly Stay[] = [...record.stays, ...unrecorded.map((user) => ({ user, from: null, until: null }))];
  const stays = all.filter(({ from, until }) => {
    if (range === null) return true;
    const cameInTime = laterToo || (from ?? Number.NEGATIVE_INFINITY) <= range.until;
    return cameInTime && (until ?? Number.POSITIVE_INFINITY) >= range.from;
  });
  const holders = new Map(record.holders.map((one) => [one.user, one]));
  const members = stays.map(({ user, from, until }): Reader => {
    const { devices = [], messages = 0 } = holders.get(user) ?? {};
    return { user, server: serverOf(user) ?? '', from, until, isMember: true, devices, messages };
  });
  const others = record.holders
    .filter(({ user }) => !stays.some((one) => one.user === user))
    .map(
      ({ user, devices, messages }): Reader => ({
        user,
        server: serverOf(user) ?? '',
        from: null,
        until: null,
        isMember: false,
        devices,
        messages,
      }),
    );
  const readers = [...members, ...others].sort((a, b) => compare(a.user, b.user) || (a.from ?? 0) - (b.from ?? 0));
  return { room: record.room, readers, servers: [...new Set(readers.map(({ server }) => server))].sort(), laterToo };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
