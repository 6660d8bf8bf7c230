import { usageOf } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';

const BEGIN = '<!-- commands: written by src/dev/commandReference.ts -->';
const END = '<!-- end of commands -->';

/** Every command as a page of documentation shows it (Markdown). */
export const commandReference = (of: readonly Command[] = commands): string => of.map(section).join('\n\n');

const section = (command: Command): string =>
  [
    `### \`!wr ${`${command.name} ${usageOf(command)}`.trimEnd()}\``,
    '',
    `${sentence(command.summary)} Needs: ${command.needs}.${command.confirmed ? ' May ask to be confirmed first.' : ''}`,
    '',
    ...command.examples.map(({ say, does }) => `- \`!wr ${say}\`: ${does}`),
  ].join('\n');

const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;

/** The page with this reference between its marks. */
export function withReference(page: string, reference: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('the page has no place for the commands');
  return `${before}${BEGIN}\n\n${reference}\n\n${END}${after}`;
}
