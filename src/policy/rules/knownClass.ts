import { fine, no, rule } from '../rule.ts';
import { classOf } from '../subjects.ts';

/** A class that the policy does not name allows nothing. */
export const knownClass = rule({
  name: 'known-class',
  regulation: '45 CFR 164.308(a)(4)',
  kinds: ['join', 'invite', 'message', 'break-glass', 'recall', 'create-room', 'federate'],
  check: (request, facts) => {
    const name = 'room' in request ? request.room.class : request.class;
    return classOf(name, facts) ? fine : no('class-unknown', 'There is no such room class.');
  },
});
