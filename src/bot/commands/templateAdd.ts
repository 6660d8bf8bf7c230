import { err, ok } from '../../kernel/result.ts';
import { unknown } from '../arguments.ts';
import type { Command } from '../command.ts';
import { classes, nameOf, templateNamed, templateReasons } from '../templates.ts';
import { findingsShown } from '../texting.ts';

export const templateAdd: Command = {
  name: 'template add',
  takes: ['NAME', 'LANGUAGE', 'CLASS', 'TEXT...'],
  summary: 'writes a new version of a template of texts; nothing is sent of it before somebody else approves it',
  needs: 'an administrator or a privacy officer',
  examples: [
    {
      say: 'template add visit en reminder "Hi {first_name}, visit {date}, {time} at {practice}. Reply 1 to confirm, 2 to change. {phone}. STOP to opt out"',
      does: 'keeps a draft, and says what to change where it may not be sent',
    },
  ],
  needsIdentity: false,
  reasons: templateReasons,
  prepare(given, { templates }) {
    const named = templateNamed(given);
    if (!named.ok) return named;
    const typed = given.word('CLASS');
    const found = classes.find((one) => one === typed);
    if (found === undefined) return err({ ...unknown('CLASS', typed, classes), known: classes });
    return ok((tx, order) => templates.add(tx, order, { ...named.value, class: found, text: given.word('TEXT') }));
  },
  say: (data) => [
    `${nameOf(data)} is a draft. Somebody else than you approves it: \`template approve ${String(data.name)} ${String(data.language)}\`.`,
    ...findingsShown(data.findings),
  ],
};
