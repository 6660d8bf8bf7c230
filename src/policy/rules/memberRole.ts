import { hasEmergencyAccess } from '../emergency.ts';
import { fine, no, rule } from '../rule.ts';
import { admittingRoles, classOf, holdsOne, isOurs } from '../subjects.ts';

/** Only who holds one of the room's roles now is in it, is invited to it and speaks in it; and whoever has emergency access. */
export const memberRole = rule({
  name: 'member-role',
  regulation: '45 CFR 164.308(a)(4), 164.312(a)(1), 164.514(d)',
  kinds: ['join', 'invite', 'message'],
  check: ({ user, room }, facts) => {
    if (isOurs(user, facts) || hasEmergencyAccess(user, room.emergencies, facts.now)) return fine;
    const roomClass = classOf(room.class, facts);
    if (!roomClass) return fine;
    const roles = admittingRoles(room, roomClass);
    if (holdsOne(user, roles, facts)) return fine;
    const names = roles.map((role) => facts.policy.roles[role]?.title ?? role).join(', ');
    return no('role-missing', `This room is for: ${names}. Ask an administrator for the role.`);
  },
});
