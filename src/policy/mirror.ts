/** The other side of a role space: a partner's space for our people of a role, which our Wardroom fills. */
import type { UserId } from '../kernel/ids.ts';
import { isPartner } from './agreements.ts';
import type { Correction } from './correction.ts';
import { type ObservedRoom, own, Room, treeOf } from './observedRoom.ts';
import { Power } from './power.ts';
import type { Facts } from './request.ts';
import { privilegedRoles, whoHolds } from './roles.ts';
import { isOurs, serverOf } from './subjects.ts';

/** The space, by what its owner made it for. */
export interface MirroredSpace {
  readonly role: string;
  /** Whose space it is. */
  readonly server: string;
}

/** What a space that Wardroom made for a role is found again by, and a partner's Wardroom knows it by. */
export const spaceKey = (role: string, server: string): string => `space:${role}:${server}`;

/**
 * For which role of ours a room was made that we were invited to; null: it is no space for our people. Only what its maker said counts,
 * and only if it was the maker who invited.
 */
export function spaceForUs(observed: ObservedRoom, inviter: UserId, facts: Facts): MirroredSpace | null {
  const room = new Room(observed);
  const server = serverOf(inviter);
  const marker = room.event('org.wardroom.room');
  const isSpace = own(room.content('m.room.create') ?? {}, 'type') === 'm.space';
  if (server === null || room.creator !== inviter || marker?.sender !== inviter || !isSpace) return null;
  const key = own(treeOf(marker.content), 'key');
  const role = Object.keys(facts.policy.roles).find((one) => key === spaceKey(one, facts.ownServer));
  return role === undefined ? null : { role, server };
}

const RULE = { rule: 'mirror', regulation: '45 CFR 164.308(a)(3)(ii)(C), (b)(1)' };
const PRESENT: readonly string[] = ['join', 'invite', 'knock'];

/**
 * Who of our own people holds the role is in, nobody else of them is; the partner looks after everything else. Without an agreement in
 * force nobody of ours is.
 */
export function planMirror(observed: ObservedRoom, space: MirroredSpace, facts: Facts): readonly Correction[] {
  const room = new Room(observed);
  if (room.members.get(facts.bot)?.membership !== 'join') return [];
  const holders = mirrored(space, facts);
  const power = new Power(room);
  const mayRemove = (user: UserId) =>
    power.of(facts.bot) >= power.level('kick') && power.of(user) < power.of(facts.bot);
  const out = [...room.members].flatMap(([user, { membership }]): Correction[] =>
    PRESENT.includes(membership) &&
    serverOf(user) === facts.ownServer &&
    !isOurs(user, facts) &&
    !holders.includes(user) &&
    mayRemove(user)
      ? [{ ...RULE, kind: 'kick', fault: 'role-missing', user, reason: 'This role is not held any more.' }]
      : [],
  );
  const mayInvite = power.of(facts.bot) >= power.level('invite');
  const coming = holders.flatMap((user): Correction[] => {
    const membership = room.members.get(user)?.membership ?? 'leave';
    // Whom the partner banned is the partner's business.
    return mayInvite && (membership === 'leave' || membership === 'knock')
      ? [{ ...RULE, kind: 'join', fault: 'absent', user }]
      : [];
  });
  return [...out, ...coming];
}

/** Nobody is put forward as an administrator of another organisation. */
const mirrored = ({ role, server }: MirroredSpace, facts: Facts): readonly UserId[] =>
  isPartner(facts.agreements, server, facts.now, facts.policy) && !privilegedRoles.includes(role)
    ? whoHolds(facts.grants, role, facts.now).filter((user) => serverOf(user) === facts.ownServer)
    : [];
