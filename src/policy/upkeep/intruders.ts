import { clear, type Upkeep } from '../upkeepRule.ts';

/** State that lets something else in: widgets that see what is decrypted, invitations by mail, somebody else's policy server. */
export const intruders: Upkeep = {
  name: 'intruders',
  regulation: '45 CFR 164.308(b)(1), 164.312(a)(1)',
  look: ({ room }) => [
    ...clear(room, ['im.vector.modular.widgets', 'm.widget'], 'widget'),
    ...clear(room, ['m.room.third_party_invite'], 'third-party-invite'),
    ...clear(room, ['m.room.policy', 'org.matrix.msc4284.policy'], 'policy-server'),
  ],
};
