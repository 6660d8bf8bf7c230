import { rolesOf } from '../roles.ts';
import { fine, no, rule } from '../rule.ts';
import { classOf, isOurs } from '../subjects.ts';

/** Some roles keep out whoever holds them, whatever else they hold: billing never sees clinical rooms. */
export const excludedRole = rule({
  name: 'excluded-role',
  regulation: '45 CFR 164.308(a)(3), 164.514(d)',
  kinds: ['join', 'invite', 'message', 'break-glass'],
  check: ({ user, room }, facts) => {
    if (isOurs(user, facts)) return fine;
    const excluded = classOf(room.class, facts)?.excluded_roles ?? [];
    const held = rolesOf(facts.grants, user, facts.now).filter((role) => excluded.includes(role));
    return held.length === 0
      ? fine
      : no('role-excluded', `Who holds the role ${held.join(', ')} may not be in rooms of this class.`);
  },
});
