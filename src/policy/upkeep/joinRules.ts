import { own, sameJson, type Tree } from '../observedRoom.ts';
import { EVERYONE } from '../policySchema.ts';
import { admitsServer, admittingRoles } from '../subjects.ts';
import type { Found, Sight, Upkeep } from '../upkeepRule.ts';

/** Only who is in the space of one of the room's roles may join, or only whom Wardroom invites. */
export const joinRules: Upkeep = {
  name: 'join-rules',
  regulation: '45 CFR 164.308(a)(4)(ii)(B), 164.312(a)(1)',
  look: (sight): readonly Found[] => {
    const wanted = demanded(sight);
    if (sameJson(sorted(sight.room.content('m.room.join_rules')), wanted)) return [];
    return [{ kind: 'set-state', fault: 'join-rules', type: 'm.room.join_rules', stateKey: '', content: wanted }];
  },
};

function demanded({ room, roomClass, facts }: Sight): Tree {
  const invite = { join_rule: 'invite' };
  // Room versions before 8 know no restricted rooms.
  if (roomClass.join === 'invite' || /^[1-7]$/.test(room.version)) return invite;
  const roles = admittingRoles(facts.room, roomClass);
  const spaces = facts.roleSpaces
    .filter(({ role }) => roles.includes(EVERYONE) || roles.includes(role))
    .filter(({ server }) => admitsServer(server, facts.room.class, facts.room.account, facts).admitted)
    .map(({ roomId }) => roomId);
  if (spaces.length === 0) return invite;
  return {
    join_rule: 'restricted',
    allow: [...new Set(spaces)].sort().map((id) => ({ type: 'm.room_membership', room_id: id })),
  };
}

/** The order of the rooms means nothing. */
function sorted(content: Tree | null): unknown {
  const allow = content === null ? undefined : own(content, 'allow');
  if (!Array.isArray(allow)) return content;
  const idOf = (entry: unknown): string =>
    typeof entry === 'object' && entry !== null ? String((entry as Tree).room_id) : '';
  return { ...content, allow: [...allow].sort((a, b) => (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0)) };
}
