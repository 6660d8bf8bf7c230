import type { RoomId } from '../../kernel/ids.ts';
import { err, type PortFailure } from '../../kernel/result.ts';
import type { Correction, ObservedRoom } from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Alarms, AuditEntry } from '../ports.ts';
import { extendHolds } from '../retention/holds.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import { type KeptRooms, newKept } from './keptRooms.ts';

export interface FollowParts {
  readonly rooms: KeptRooms;
  readonly keeper: RoomKeeper;
  readonly alarms: Alarms;
  readonly now: () => number;
  /** Whether Wardroom made the room for itself: what it says goes on in the old one, and people have to know. */
  readonly isOwn: boolean;
}

const OWN_ROOM: PortFailure = { kind: 'permanent', code: 'own-room' };

/**
 * A room was upgraded: its replacement is kept in its place, if it says itself that it is one and we can be in it (Matrix specification,
 * "Room upgrades"). `later`: the homeserver did not answer. A replacement that is none is not looked at again, and people are told.
 */
export async function followUpgrade(
  { rooms, keeper, alarms, now, isOwn }: FollowParts,
  kept: KeptRoom,
  { replacement, by }: Extract<Correction, { kind: 'follow-upgrade' }>,
): Promise<'followed' | 'not' | 'later'> {
  const old = kept.roomId;
  if (old === null || rooms.of(replacement) !== null) return 'not';
  const entry = { action: 'room.upgraded', actor: 'wardroom', room: old, detail: { replacement, by } } as const;
  const entered = isOwn ? err(OWN_ROOM) : await keeper.enter(replacement);
  const observed = entered.ok ? await keeper.observe(replacement) : entered;
  if (!observed.ok && observed.error.kind !== 'permanent') return 'later';
  if (observed.ok && succeeds(observed.value, old)) {
    const successor = newKept(kept.key, kept.subject, now(), replacement);
    const done: AuditEntry = { ...entry, outcome: 'ok' };
    // The successor first: a room is kept under one key only.
    await rooms.save(
      [successor, { ...kept, key: `${kept.key} ${old}`, state: 'replaced', replacedBy: replacement }],
      [done],
      (tx) => extendHolds(tx, old, replacement, now()),
    );
    return 'followed';
  }
  const code = observed.ok ? 'not-its-successor' : observed.error.code;
  await rooms.save([{ ...kept, replacedBy: replacement }], [{ ...entry, outcome: 'failed', code }]);
  alarms.raise('room-upgrade-not-followed', { room: old });
  return 'not';
}

function succeeds({ state }: ObservedRoom, old: RoomId): boolean {
  const create = state.find(({ type, state_key: key }) => type === 'm.room.create' && key === '');
  const predecessor = (create?.content as { predecessor?: { room_id?: unknown } } | null | undefined)?.predecessor;
  return predecessor?.room_id === old;
}
