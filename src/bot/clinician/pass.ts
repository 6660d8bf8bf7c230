import { err, ok } from '../../kernel/result.ts';
import { type ClinicianCommand, numberFirst } from '../clinicianCommand.ts';

export const pass: ClinicianCommand = {
  name: 'pass',
  usage: '[NUMBER] @COLLEAGUE',
  prepare(words, desk) {
    const { number, rest } = numberFirst(words);
    return rest === '' ? err({ argument: 'COLLEAGUE' }) : ok((tx, said) => desk.pass(tx, said, number, rest));
  },
  say: ({ ref, to }) => [`Ticket ${String(ref)} is handed to ${String(to)}, who is called now.`],
};
