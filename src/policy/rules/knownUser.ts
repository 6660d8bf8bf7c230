import { fine, no, rule } from '../rule.ts';
import { serverOf } from '../subjects.ts';

/** Whoever cannot be told apart cannot be let in. */
export const knownUser = rule({
  name: 'known-user',
  regulation: '45 CFR 164.312(a)(2)(i)',
  kinds: ['join', 'invite', 'message', 'break-glass', 'recall', 'grant', 'command'],
  check: (request) => {
    const users = [
      ...('user' in request ? [request.user] : []),
      ...('by' in request ? [request.by] : []),
      ...('author' in request ? [request.author] : []),
    ];
    return users.every((user) => serverOf(user) !== null) ? fine : no('no-user-id', 'That is not a Matrix id.');
  },
});
