import { err, ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const send: ClinicianCommand = {
  name: 'send',
  usage: '(as a reply to what was held)',
  prepare: (words, desk) =>
    words.trim() === ''
      ? ok((tx, said) => desk.texts.release(tx, said))
      : err({ argument: 'nothing more', why: 'too-many' }),
  reasons: {
    'not-held': 'Reply with it to a message that was held and is still waiting.',
  },
  say: () => ['It goes out.'],
};
