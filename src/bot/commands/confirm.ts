import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';

export const confirm: Command = {
  name: 'confirm',
  takes: ['CODE'],
  summary: 'does what a command has shown and asked about',
  needs:
    'a device that your identity signs; where the answer says so, another administrator than the one who asked, whose identity is confirmed',
  examples: [{ say: 'confirm K7Q4XM', does: 'does what the answer with this code has shown, and nothing else' }],
  needsIdentity: true,
  prepare: (given, api) => ok((tx, order) => api.confirm(tx, order, given.word('CODE'))),
  say: () => ['Done.'],
};
