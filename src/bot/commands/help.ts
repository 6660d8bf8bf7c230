import { err, ok } from '../../kernel/result.ts';
import { unknown, usageOf } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { Piece } from '../render.ts';
import { commands } from './index.ts';

const call = (command: Command): string => `!wr ${command.name} ${usageOf(command)}`.trimEnd();

/** Asked for when it is needed: this command is in the list itself. */
const listed = (of: readonly Command[]) => of.map((one) => ({ command: call(one), summary: one.summary }));

/** All of them do not fit one message with what each takes: by their first words. */
function grouped(of: readonly Command[]): readonly { readonly about: string; readonly names: readonly string[] }[] {
  const groups = Map.groupBy(of, ({ name }) => name.split(' ')[0]!);
  return [...groups].map(([about, commandsOf]) => ({ about, names: commandsOf.map(({ name }) => name) }));
}

const detailed = (command: Command) => ({
  name: command.name,
  command: call(command),
  summary: command.summary,
  needs: command.needs,
  examples: command.examples.map(({ say, does }) => ({ say: `!wr ${say}`, does })),
});

export const help: Command = {
  name: 'help',
  takes: ['[COMMAND...]'],
  summary: 'shows the commands, or how one of them is used',
  needs: 'an administrator',
  examples: [
    { say: 'help', does: 'shows all commands' },
    { say: 'help role', does: 'shows those about roles, with what each takes' },
    { say: 'help admin confirm', does: 'shows what one command takes and needs, with examples' },
  ],
  needsIdentity: false,
  prepare(given) {
    const words = given.all('COMMAND').map((word) => word.toLowerCase().replace(/^!wr$/, ''));
    const name = words.filter((word) => word !== '').join(' ');
    const one = commands.find((command) => command.name === name);
    const some = name === '' ? commands : commands.filter((command) => command.name.startsWith(`${name} `));
    if (!one && some.length === 0) {
      const names = commands.map((command) => command.name);
      const groups = [...new Set(names.map((each) => each.split(' ')[0]!))];
      return err(unknown('COMMAND', name, [...new Set([...names, ...groups])]));
    }
    const data = one ? detailed(one) : { commands: listed(some), ...(name === '' ? { groups: grouped(some) } : {}) };
    return ok(async () => ({
      outcome: 'ok',
      code: 'help',
      data,
      audit: [],
      ...(name === '' ? {} : { about: { of: name } }),
    }));
  },
  say(data): readonly Piece[] {
    if (Array.isArray(data.groups)) {
      const rows = (data.groups as ReturnType<typeof grouped>).map(({ about, names }) => [
        about,
        names.map((name) => `\`!wr ${name}\``).join(', '),
      ]);
      return [
        { head: ['About', 'Commands'], rows },
        '`!wr help oncall` shows what those about one thing take and do, `!wr help oncall who` one of them with examples.',
      ];
    }
    if (Array.isArray(data.commands)) {
      const rows = (data.commands as ReturnType<typeof listed>).map(({ command, summary }) => [
        `\`${command}\``,
        summary,
      ]);
      return [
        { head: ['Command', 'What it does'], rows },
        '`!wr help COMMAND` shows what one takes and needs, with examples.',
      ];
    }
    const one = data as ReturnType<typeof detailed>;
    return [
      `\`${one.command}\``,
      `${one.name}: ${one.summary}.`,
      `It needs: ${one.needs}.`,
      { head: ['For example', 'What it does'], rows: one.examples.map(({ say, does }) => [`\`${say}\``, does]) },
    ];
  },
};
