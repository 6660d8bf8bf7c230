import type { UserId } from '../../kernel/ids.ts';
import { type Facts, isPartner, serverOf, spaceForUs } from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { RoomKeeper, StateChanged } from '../roomKeeperPort.ts';
import { type KeptRooms, newKept } from './keptRooms.ts';

/** Invitations that wait for an agreement: more than so many are somebody's mischief. */
const MOST = 200;

export interface InvitationParts {
  readonly rooms: KeptRooms;
  readonly keeper: RoomKeeper;
  readonly now: () => number;
}

/** A partner's Wardroom made a space for our people: kept in mind until an agreement lets us go there. */
export async function noteInvitation(parts: InvitationParts, change: StateChanged, facts: Facts): Promise<boolean> {
  const { room, sender, stateKey, membership } = change;
  const server = serverOf(sender);
  if (membership !== 'invite' || stateKey !== facts.bot || server === null || server === facts.ownServer) return false;
  // Others may invite the bot as they like: it goes nowhere by itself.
  const known = parts.rooms.of(room);
  if (sender !== `@wardroom:${server}` || (known !== null && known.subject.kind !== 'mirrored')) return false;
  if (parts.rooms.all().filter(({ state }) => state === 'invited').length >= MOST) return false;
  // One that it was taken out of before, when an agreement had ended, is looked at like a new one.
  const waiting = known ?? newKept(room, { kind: 'mirrored', role: '', server }, parts.now(), room);
  await parts.rooms.save(
    [{ ...waiting, subject: { kind: 'mirrored', role: '', server }, state: 'invited' }],
    [{ action: 'room.invited', outcome: 'ok', actor: sender, room, detail: { server } }],
  );
  return true;
}

/** Goes where an agreement lets us go; what turns out to be something else is left again. Resolves to the spaces that are ours to fill now. */
export async function acceptInvitations(
  { rooms, keeper }: InvitationParts,
  facts: Facts,
): Promise<readonly KeptRoom[]> {
  const accepted: KeptRoom[] = [];
  for (const kept of rooms.all()) {
    const { subject, roomId } = kept;
    if (kept.state !== 'invited' || subject.kind !== 'mirrored' || roomId === null) continue;
    const { server } = subject;
    if (!isPartner(facts.agreements, server, facts.now, facts.policy)) continue;
    const entry = { actor: 'wardroom', room: roomId } as const;
    const entered = await keeper.enter(roomId);
    const observed = entered.ok ? await keeper.observe(roomId) : entered;
    if (!observed.ok) {
      // The partner may be away; an invitation that was withdrawn is over.
      if (observed.error.kind !== 'permanent') continue;
      const { code } = observed.error;
      await rooms.save(
        [{ ...kept, state: 'closed' }],
        [{ ...entry, action: 'room.not_entered', outcome: 'failed', code }],
      );
      continue;
    }
    const space = spaceForUs(observed.value, `@wardroom:${server}` as UserId, facts);
    const detail = { server, role: space?.role ?? null };
    if (space === null) {
      await keeper.leave(roomId);
      await rooms.save([{ ...kept, state: 'closed' }], [{ ...entry, action: 'room.left', outcome: 'refused', detail }]);
      continue;
    }
    const now: KeptRoom = { ...kept, subject: { kind: 'mirrored', ...space }, state: 'kept' };
    await rooms.save([now], [{ ...entry, action: 'room.entered', outcome: 'ok', detail }]);
    accepted.push(now);
  }
  return accepted;
}
