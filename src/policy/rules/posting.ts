import { fine, no, rule } from '../rule.ts';
import { classOf, holdsOne, isOurs } from '../subjects.ts';

/** In some classes only some members write. */
export const posting = rule({
  name: 'posting',
  regulation: '45 CFR 164.308(a)(4)',
  kinds: ['message'],
  check: ({ user, room }, facts) => {
    const roomClass = classOf(room.class, facts);
    if (!roomClass || isOurs(user, facts) || holdsOne(user, roomClass.post, facts)) return fine;
    return no('may-not-post', 'In this room only some may write.');
  },
});
