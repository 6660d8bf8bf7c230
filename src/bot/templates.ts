/** What commands about templates have in common. */
import type { ShownTemplate } from '../flows/texting/templateDesk.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Arguments, BadArgument } from './arguments.ts';

export const classes = ['service', 'reminder', 'notice', 'marketing', 'page'] as const;

/** What can be wrong with a template, beside what its lint says. */
export const templateReasons: Readonly<Record<string, string>> = {
  'no-such-template': 'There is no such template in this language. `template list` shows them.',
  'not-a-draft': 'There is no draft of it: the newest version was approved or retired already.',
  'own-template': 'You wrote this version: somebody else approves it.',
  'template-faulty': 'This may not be sent, so it is not kept:',
};

/** NAME and LANGUAGE, as templates have them. */
export function templateNamed(
  given: Arguments,
): Result<{ readonly name: string; readonly language: string }, BadArgument> {
  const [name, language] = [given.word('NAME'), given.word('LANGUAGE')];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) return err({ argument: 'NAME' });
  if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/.test(language)) return err({ argument: 'LANGUAGE' });
  return ok({ name, language });
}

export const nameOf = (data: Readonly<Record<string, unknown>>): string => {
  const { name, language, version } = data as unknown as ShownTemplate;
  return `\`${name}\` ${language} version ${version}`;
};
