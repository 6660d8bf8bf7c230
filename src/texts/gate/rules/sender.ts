import { block, fine, type GateRule } from '../gateRule.ts';

/** Who texts patients holds a role for it; what sends by itself sends templates only. */
export const sender: GateRule = {
  name: 'texting-role',
  regulation: '45 CFR 164.308(a)(4)(ii)(B)',
  check: ({ from, policy, content, to }) => {
    if (from.kind === 'automatic')
      return content.kind === 'template'
        ? fine
        : block('automatic-words', 'Only approved templates go out by themselves.');
    if (to === 'staff') return fine;
    return from.roles.some((role) => policy.senders.includes(role))
      ? fine
      : block('texting-role-missing', `Texting patients is for: ${policy.senders.join(', ') || 'nobody'}.`);
  },
};
