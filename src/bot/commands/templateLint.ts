import { err, ok } from '../../kernel/result.ts';
import type { LintFinding } from '../../texts/index.ts';
import type { Command } from '../command.ts';
import { classes } from '../templates.ts';
import { findingsShown } from '../texting.ts';

interface Linted {
  readonly name: string | null;
  readonly language: string;
  readonly version: number;
  readonly findings: readonly LintFinding[];
}

export const templateLint: Command = {
  name: 'template lint',
  takes: ['TEXT...'],
  options: { language: 'LANGUAGE', class: classes },
  summary: 'says what is wrong with a template, by its name, or with a text as if it were one; keeps nothing',
  needs: 'an administrator or a privacy officer',
  examples: [
    { say: 'template lint appointment-reminder', does: 'judges the versions that there are of it' },
    { say: 'template lint --language es "Hola {first_name}: cita {date}"', does: 'judges a text that is not kept' },
  ],
  needsIdentity: false,
  prepare(given, { templates }) {
    const language = given.option('language') ?? 'en';
    if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/.test(language)) return err({ argument: '--language' });
    const typed = classes.find((one) => one === given.option('class')) ?? 'reminder';
    return ok((tx) => templates.lint(tx, given.word('TEXT'), language, typed));
  },
  say: ({ templates }) =>
    (templates as readonly Linted[]).flatMap(({ name, language, version, findings }) => [
      `${name === null ? 'This text' : `\`${name}\` ${language} version ${version}`}: ${findings.length === 0 ? 'nothing to say against it.' : ''}`,
      ...findingsShown(findings),
    ]),
};
