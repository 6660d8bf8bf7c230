import type { UserId } from '../../kernel/ids.ts';
import { decide } from '../decide.ts';
import { EVERYONE } from '../policySchema.ts';
import { whoHolds } from '../roles.ts';
import { admittingRoles, isOurs, serverOf } from '../subjects.ts';
import { cannot, type Found, type Sight, type Upkeep } from '../upkeepRule.ts';

/** Who may not be in the room goes, and no key of before reads on; who is to be in it comes. */
export const people: Upkeep = {
  name: 'people',
  regulation: '45 CFR 164.308(a)(3)(ii)(C), (a)(4), 164.312(a)(1)',
  look: (sight) => [...leaving(sight), ...coming(sight)],
};

const PRESENT: readonly string[] = ['join', 'invite', 'knock'];

function leaving({ room, facts }: Sight): readonly Found[] {
  const found: Found[] = [];
  for (const [user, { membership }] of room.members) {
    if (!PRESENT.includes(membership) || isOurs(user, facts)) continue;
    const [violation, ...others] = decide({ kind: 'join', user, room: facts.room }, facts);
    if (!violation) continue;
    if ([violation, ...others].some(({ code }) => code === 'rule-failed')) {
      found.push(cannot('member', 'could-not-judge', 'It could not be told whether this member may be here.', user));
      continue;
    }
    found.push({ kind: 'kick', fault: violation.code, user, reason: violation.what });
    if (membership === 'join') found.push({ kind: 'rotate-sessions', fault: violation.code });
  }
  return found;
}

function coming({ room, roomClass, facts }: Sight): readonly Found[] {
  // Into a room that was replaced nobody is brought any more.
  if (facts.room.replacedBy !== null || room.event('m.room.tombstone') !== null) return [];
  const inEmergency = (facts.room.emergencies ?? []).filter(({ until }) => facts.now < until).map(({ user }) => user);
  const named = new Set([...facts.room.named, ...inEmergency]);
  const held = roomClass.membership === 'automatic' ? holders(facts, admittingRoles(facts.room, roomClass)) : [];
  const waiting = [...room.members].filter(([, { membership }]) => membership === 'knock').map(([user]) => user);
  const found: Found[] = [];
  for (const user of new Set([...named, ...held, ...waiting])) {
    const member = room.members.get(user);
    if (member?.membership === 'join' || member?.membership === 'invite' || isOurs(user, facts)) continue;
    // Who left by themselves is not brought back, unless somebody named them.
    if (member?.membership === 'leave' && member.sender === user && !named.has(user)) continue;
    if (decide({ kind: 'join', user, room: facts.room }, facts).length > 0) continue;
    if (member?.membership === 'ban') found.push({ kind: 'unban', fault: 'banned', user });
    found.push({ kind: serverOf(user) === facts.ownServer ? 'join' : 'invite', fault: 'absent', user });
  }
  return found;
}

const holders = (facts: Sight['facts'], roles: readonly string[]): readonly UserId[] => {
  const names = roles.includes(EVERYONE) ? Object.keys(facts.policy.roles) : roles;
  return names.flatMap((role) => whoHolds(facts.grants, role, facts.now));
};
