import { err, ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const recall: ClinicianCommand = {
  name: 'recall',
  usage: '(as a reply to your own message)',
  prepare: (words, desk) =>
    words.trim() === '' ? ok((tx, said) => desk.recall(tx, said)) : err({ argument: 'nothing more', why: 'too-many' }),
  say({ seen_by, told_service }) {
    const seen = seen_by as readonly string[];
    return [
      'Taken back, with its edits and what Wardroom had copied of it.',
      seen.length === 0
        ? 'Nobody is known to have seen it.'
        : `It had been seen by ${seen.join(', ')}, who are told by this: it was a mistake, do not go by it. What they read they know.`,
      ...(told_service === true ? ['The answering service had been told of it already.'] : []),
    ];
  },
  mentions: ({ seen_by }) => seen_by as readonly string[],
};
