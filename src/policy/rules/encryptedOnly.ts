import { fine, no, rule } from '../rule.ts';

/** Nothing is said in a managed room that the homeserver could read. */
export const encryptedOnly = rule({
  name: 'encrypted-only',
  regulation: '45 CFR 164.312(a)(2)(iv), (e)(2)(ii)',
  kinds: ['message'],
  check: ({ encrypted }) =>
    encrypted === true ? fine : no('unencrypted', 'Messages in this room must be encrypted. Use a client that can.'),
});
