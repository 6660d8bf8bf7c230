import type { ShownTemplate } from '../../flows/texting/templateDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';

export const templateList: Command = {
  name: 'template list',
  takes: [],
  options: { all: true },
  summary: 'shows the templates of texts, with what is approved; with --all retired versions, too',
  needs: 'an administrator, a privacy officer or a security officer',
  examples: [{ say: 'template list', does: 'each version with its state, its author and its text' }],
  needsIdentity: false,
  prepare: (given, { templates }) => ok((tx) => templates.list(tx, given.has('all'))),
  say: ({ templates }) => [
    {
      head: ['Template', 'Language', 'Version', 'Class', 'State', 'Author', 'Text'],
      rows: (templates as readonly ShownTemplate[]).map((one) => [
        one.name,
        one.language,
        String(one.version),
        one.class,
        one.state,
        one.author,
        one.text,
      ]),
    },
  ],
};
