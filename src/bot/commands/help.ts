import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { commands } from './index.ts';

interface Help {
  readonly commands: readonly { readonly command: string; readonly summary: string }[];
}

export const help: Command = {
  name: 'help',
  usage: '',
  summary: 'shows the commands',
  needsIdentity: false,
  prepare: () =>
    ok(async () => {
      const data: Help = {
        commands: commands.map(({ name, usage, summary }) => ({ command: `!wr ${name} ${usage}`.trimEnd(), summary })),
      };
      return { outcome: 'ok', code: 'help', data: { ...data }, audit: [] };
    }),
  say: (data) => (data as unknown as Help).commands.map(({ command, summary }) => `\`${command}\` ${summary}`),
};
