import { ok } from '../../kernel/result.ts';
import { breakGlassAsked, breakGlassReasons, breakGlassSyntax, officersNeed, sayGranted } from '../breakGlass.ts';
import type { Command } from '../command.ts';

export const breakglass: Command = {
  name: 'breakglass',
  ...breakGlassSyntax,
  summary:
    'gives you emergency access to a room that you may not be in, for a while (45 CFR 164.312(a)(2)(ii)); clinicians say `!breakglass` without `!wr` in any room that Wardroom keeps',
  needs: `${officersNeed}; the class of the room says who else, how long and how much of the past`,
  examples: [
    {
      say: 'breakglass 4 West 2 --reason code blue, nobody of the team answers --for 20m',
      does: 'brings you in for 20 minutes, and a transcript of the last day into a room of your own',
    },
  ],
  needsIdentity: true,
  reasons: breakGlassReasons,
  prepare(given, { rooms, breakGlass }) {
    const asked = breakGlassAsked(given, rooms);
    return asked.ok ? ok((tx, order) => breakGlass.take(tx, { user: order.sender, ...asked.value })) : asked;
  },
  say: sayGranted,
};
