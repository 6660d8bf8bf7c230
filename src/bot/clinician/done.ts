import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const done: ClinicianCommand = {
  name: 'done',
  usage: '[WHAT WAS DONE]',
  prepare(words, desk) {
    const text = words.trim();
    // In a thread a number may be a disposition; elsewhere, alone, it names the ticket.
    const number = /^[0-9]{1,9}$/.test(text) ? text : null;
    const disposition = text === '' ? null : new Phi(text);
    return ok((tx, said) =>
      number !== null && said.target === null
        ? desk.done(tx, said, number, null)
        : desk.done(tx, said, null, disposition),
    );
  },
  say: ({ ref }) => [`Ticket ${String(ref)} is closed.`],
};
