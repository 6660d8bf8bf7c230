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
        : `It had been seen by ${seen.join(', ')}: what they read they know. Tell them yourself.`,
      ...(told_service === true ? ['The answering service had been told of it already.'] : []),
    ];
  },
};
