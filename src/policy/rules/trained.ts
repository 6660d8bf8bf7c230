import { fine, no, rule } from '../rule.ts';
import { classOf, isOurs } from '../subjects.ts';

/** Some classes ask for courses; whoever did not pass them, or whose certificate ran out, waits outside. */
export const trained = rule({
  name: 'trained',
  regulation: '45 CFR 164.308(a)(5), 164.530(b)',
  kinds: ['join', 'invite'],
  check: ({ user, room }, facts) => {
    const courses = isOurs(user, facts) ? [] : (classOf(room.class, facts)?.training ?? []);
    const missing = courses.filter(
      (course) => !facts.training.some((one) => one.user === user && one.course === course && one.until > facts.now),
    );
    return missing.length === 0 ? fine : no('training-missing', `First pass: ${missing.join(', ')}.`);
  },
});
