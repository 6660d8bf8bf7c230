import { err, ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const patient: ClinicianCommand = {
  name: 'patient',
  usage: 'REFERENCE (as a reply to a text)',
  prepare(words, desk) {
    const reference = words.trim();
    return reference === '' || /\s/.test(reference)
      ? err({ argument: 'REFERENCE' })
      : ok((tx, said) => desk.texts.assign(tx, said, reference));
  },
  reasons: {
    'not-here': 'This is no room of texts.',
    'not-a-text': 'Reply with it to a text of the telephone that you mean.',
    'bad-reference':
      'A reference is up to 40 letters, digits, ".", "_", "/" and "-", as in your records: never a name.',
  },
  say: ({ texts }) => [
    texts === 1 || texts === 0
      ? 'On record. The text is in the patient’s room, where the team answers.'
      : `On record. ${String(texts)} texts are in the patient’s room, where the team answers.`,
  ],
};
