import { Phi } from '../../kernel/phi.ts';
import { err, ok } from '../../kernel/result.ts';
import { breakGlassReasons, officersNeed } from '../breakGlass.ts';
import type { Command } from '../command.ts';

export const breakglassReview: Command = {
  name: 'breakglass review',
  takes: ['ID'],
  options: { note: 'TEXT' },
  summary: 'signs that you looked at a use of emergency access that is over; never your own',
  needs: officersNeed,
  examples: [
    { say: 'breakglass review BG-7', does: 'signs it' },
    { say: 'breakglass review BG-7 --note asked the ward: it was so', does: 'with a note, kept sealed' },
  ],
  needsIdentity: true,
  reasons: breakGlassReasons,
  prepare(given, { breakGlass }) {
    const number = /^(?:bg-)?([0-9]{1,9})$/i.exec(given.word('ID'))?.[1];
    if (number === undefined) return err({ argument: 'ID' });
    const typed = given.option('note');
    const note = typed === null ? null : new Phi(typed);
    return ok((tx, order) => breakGlass.review(tx, order.sender, Number(number), note));
  },
  say: ({ breakglass, user_id: user }) => [`${String(breakglass)} by ${String(user)} is reviewed.`],
};
