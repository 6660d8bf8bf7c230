import { EVERYONE } from '../policySchema.ts';
import { fine, no, rule } from '../rule.ts';
import { classOf } from '../subjects.ts';

/** A room may be for fewer roles than its class, never for others. */
export const roomRoles = rule({
  name: 'room-roles',
  regulation: '45 CFR 164.308(a)(4), 164.514(d)',
  kinds: ['create-room'],
  check: ({ roles, class: className }, facts) => {
    const roomClass = classOf(className, facts);
    if (!roomClass) return fine;
    const open = roomClass.roles.includes(EVERYONE);
    const foreign = roles.filter((role) =>
      open ? !Object.hasOwn(facts.policy.roles, role) : !roomClass.roles.includes(role),
    );
    if (foreign.length === 0) return fine;
    return no('role-not-of-class', `Rooms of this class are for: ${roomClass.roles.join(', ')}.`);
  },
});
