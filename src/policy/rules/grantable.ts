import { isPartner } from '../agreements.ts';
import { privilegedRoles } from '../roles.ts';
import { fine, no, rule } from '../rule.ts';
import { isOurs, serverOf } from '../subjects.ts';

/** A role is given to somebody of this hospital or of a partner, and it is one that there is. */
export const grantable = rule({
  name: 'grantable',
  regulation: '45 CFR 164.308(a)(3)(ii)(B), (a)(4)(ii)(C)',
  kinds: ['grant'],
  check: ({ user, role }, facts) => {
    if (!Object.hasOwn(facts.policy.roles, role)) return no('role-unknown', 'There is no such role.');
    if (isOurs(user, facts)) return no('is-wardroom', 'Wardroom itself holds no roles.');
    const server = serverOf(user);
    if (server === null || server === facts.ownServer) return fine;
    if (privilegedRoles.includes(role))
      return no('role-own-only', 'Only somebody of this hospital can hold this role.');
    return isPartner(facts.agreements, server, facts.now, facts.policy)
      ? fine
      : no('not-on-file', 'There is no agreement with this organisation in force.');
  },
});
