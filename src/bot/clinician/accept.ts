import { err, ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const accept: ClinicianCommand = {
  name: 'accept',
  usage: 'TERMS',
  prepare(words, desk) {
    const name = words.trim().toLowerCase();
    return /^[a-z0-9][a-z0-9-]{0,39}$/.test(name)
      ? ok((tx, said) => desk.accept(tx, said, name))
      : err({ argument: 'TERMS' });
  },
  say: ({ title, version }) => [`On record: you accept "${String(title)}", version ${String(version)}.`],
};
