import { fine, no, rule } from '../rule.ts';
import { classOf } from '../subjects.ts';
import { durationMs } from '../values.ts';

/** Who wrote something takes it back for a while; what others may have acted on stays. */
export const recallWindow = rule({
  name: 'recall-window',
  regulation: '45 CFR 164.312(c)(1), 164.526',
  kinds: ['recall'],
  check: ({ by, author, sentAt, room }, facts) => {
    const roomClass = classOf(room.class, facts);
    if (!roomClass) return fine;
    if (by !== author) return no('not-the-author', 'Only who wrote a message may take it back.');
    const age = facts.now - sentAt;
    // A time that is none, or one in the future, is no reason to say yes.
    if (age >= 0 && age < durationMs(roomClass.recall)) return fine;
    return no(
      'recall-too-late',
      `A message can be taken back for ${roomClass.recall} here. Write a correction instead.`,
    );
  },
});
