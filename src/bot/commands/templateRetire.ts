import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { nameOf, templateNamed, templateReasons } from '../templates.ts';

export const templateRetire: Command = {
  name: 'template retire',
  takes: ['NAME', 'LANGUAGE'],
  summary: 'sends nothing of a template any more, at once; its versions stay on record',
  needs: 'an administrator or a privacy officer',
  examples: [{ say: 'template retire visit en', does: 'reminders that name it are refused from now on' }],
  needsIdentity: false,
  reasons: templateReasons,
  prepare(given, { templates }) {
    const named = templateNamed(given);
    return named.ok ? ok((tx, order) => templates.retire(tx, order, named.value.name, named.value.language)) : named;
  },
  say: (data) => [`${nameOf(data)} is retired, and every version before it. To have it back: \`template add\`.`],
};
