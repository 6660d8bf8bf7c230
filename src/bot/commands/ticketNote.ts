import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { ticketReasons } from '../tickets.ts';

export const ticketNote: Command = {
  name: 'ticket note',
  takes: ['REF', 'TEXT...'],
  summary: 'writes a note into the thread of a ticket; it calls nobody and stops nothing',
  needs: 'an administrator',
  examples: [
    {
      say: 'ticket note NJ-260020 The answering service has the right number now.',
      does: 'adds the text to the thread, with your name; no answer and no log holds it',
    },
  ],
  needsIdentity: false,
  reasons: ticketReasons,
  prepare: (given, { tickets }) =>
    ok((tx, order) => tickets.note(tx, order, given.word('REF'), new Phi(given.word('TEXT')))),
  say: ({ ref, account }) => [`The note goes into the thread of ticket \`${String(ref)}\` of ${String(account)}.`],
};
