import { fine, no, rule } from '../rule.ts';

/** An invitation passes by the role check of a restricted room: only Wardroom invites. */
export const inviter = rule({
  name: 'inviter',
  regulation: '45 CFR 164.308(a)(4)(ii)(B)',
  kinds: ['invite'],
  check: ({ by }, { bot }) =>
    by === bot ? fine : no('invited-by-member', 'Only Wardroom invites. Ask an administrator to add somebody.'),
});
