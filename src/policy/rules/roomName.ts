import { fine, no, rule } from '../rule.ts';
import { classOf } from '../subjects.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9 .#&/_-]{0,39}$/;
/** Record numbers, telephone numbers, dates of birth; words that announce a person. */
const PERSONAL = [
  /\d{5,}/,
  /\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/,
  /\d{3}[ .-]\d{4}/,
  /\b(mrn|dob|ssn|patient|pt|mr|mrs|ms)\b/i,
];

/** Names of rooms are not encrypted: a unit and a number, nothing that points to a person. */
export const roomName = rule({
  name: 'room-name',
  regulation: '45 CFR 164.502(b), 164.514(b)',
  kinds: ['create-room'],
  check: ({ name, class: className }, facts) => {
    const roomClass = classOf(className, facts);
    // Rooms with opaque names are named by Wardroom.
    if (!roomClass || roomClass.naming === 'opaque') return fine;
    if (!NAME.test(name))
      return no('name-form', 'A room is named by at most 40 letters, digits, blanks and . # & / _ -');
    if (PERSONAL.some((pattern) => pattern.test(name))) {
      return no(
        'name-personal',
        'Every homeserver can read this name: use a unit and a number, nothing about a person.',
      );
    }
    return fine;
  },
});
