import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { commands } from './index.ts';

/** Asked for when it is needed: this command is in the list itself. */
const all = () => commands.map(({ name, usage, summary }) => ({ command: `!wr ${name} ${usage}`.trimEnd(), summary }));

export const help: Command = {
  name: 'help',
  usage: '',
  summary: 'shows the commands',
  needsIdentity: false,
  prepare: () => ok(async () => ({ outcome: 'ok', code: 'help', data: { commands: all() }, audit: [] })),
  say: () => all().map(({ command, summary }) => `\`${command}\` ${summary}`),
};
