import { fine, no, rule } from '../rule.ts';
import { classOf, holdsOne, serverOf } from '../subjects.ts';
import { durationMs } from '../values.ts';

/**
 * Emergency access is for people of this hospital who hold a role for it, as long as the class allows and no longer. A role that is kept out of
 * such rooms keeps out in an emergency, too (`excludedRole`): separation of duties does not end with one.
 */
export const emergency = rule({
  name: 'emergency-access',
  regulation: '45 CFR 164.312(a)(2)(ii)',
  kinds: ['break-glass'],
  check: ({ user, room, forMs }, facts) => {
    const roomClass = classOf(room.class, facts);
    if (!roomClass) return fine;
    const { longest, roles } = roomClass.break_glass;
    if (serverOf(user) !== facts.ownServer)
      return no('other-organisation', 'Emergency access is for people of this hospital only.');
    if (durationMs(longest) === 0) return no('no-emergency-access', 'Rooms of this class have no emergency access.');
    if (!holdsOne(user, roles, facts)) {
      const names = roles.map((role) => facts.policy.roles[role]?.title ?? role).join(', ');
      return no('no-emergency-role', `Emergency access to such rooms is for: ${names}.`);
    }
    if (forMs <= 0 || forMs > durationMs(longest))
      return no('too-long', `Emergency access to such rooms lasts ${longest} at most.`);
    return fine;
  },
});
