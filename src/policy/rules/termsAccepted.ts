import { hasEmergencyAccess } from '../emergency.ts';
import { fine, no, rule } from '../rule.ts';
import { classOf, isOurs } from '../subjects.ts';
import { lackingFor } from '../training/training.ts';

/** Some classes ask that terms be accepted; a new version asks everybody again. */
export const termsAccepted = rule({
  name: 'terms-accepted',
  regulation: '45 CFR 164.308(a)(3)(ii)(A), 164.530(e), (i)',
  kinds: ['join', 'invite'],
  check: ({ user, room }, facts) => {
    const roomClass =
      isOurs(user, facts) || hasEmergencyAccess(user, room.emergencies, facts.now) ? null : classOf(room.class, facts);
    const { terms } = roomClass ? lackingFor(user, roomClass, facts) : { terms: [] };
    return terms.length === 0 ? fine : no('terms-missing', `First accept: ${terms.join(', ')}.`);
  },
});
