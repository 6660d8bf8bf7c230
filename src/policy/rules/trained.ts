import { hasEmergencyAccess } from '../emergency.ts';
import { fine, no, rule } from '../rule.ts';
import { classOf, isOurs } from '../subjects.ts';
import { lackingFor } from '../training/training.ts';

/** Some classes ask for courses; whoever did not pass them, or whose certificate ran out, waits outside; in an emergency a course is no matter. */
export const trained = rule({
  name: 'trained',
  regulation: '45 CFR 164.308(a)(5), 164.530(b)',
  kinds: ['join', 'invite'],
  check: ({ user, room }, facts) => {
    const roomClass =
      isOurs(user, facts) || hasEmergencyAccess(user, room.emergencies, facts.now) ? null : classOf(room.class, facts);
    const { courses } = roomClass ? lackingFor(user, roomClass, facts) : { courses: [] };
    return courses.length === 0 ? fine : no('training-missing', `First pass: ${courses.join(', ')}.`);
  },
});
