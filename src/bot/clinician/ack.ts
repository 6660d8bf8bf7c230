import { err, ok } from '../../kernel/result.ts';
import { type ClinicianCommand, numberFirst } from '../clinicianCommand.ts';

export const ack: ClinicianCommand = {
  name: 'ack',
  usage: '[NUMBER]',
  prepare(words, desk) {
    const { number, rest } = numberFirst(words);
    return rest === '' ? ok((tx, said) => desk.acknowledge(tx, said, number)) : err({ argument: 'NUMBER' });
  },
  say: ({ ref }) => [`You have ticket ${String(ref)}. When it is done: \`!done\` in its thread.`],
};
