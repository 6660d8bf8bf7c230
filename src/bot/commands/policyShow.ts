import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { policyReasons, shownValue } from '../policies.ts';

interface ShownClass {
  readonly class: string;
  readonly roles: readonly string[];
  readonly federation: string;
  readonly max_age: string;
}

export const policyShow: Command = {
  name: 'policy show',
  takes: ['[PATH]'],
  summary: 'shows the policy in force, or one setting of it',
  needs: 'an administrator',
  examples: [
    { say: 'policy show', does: 'shows the version and the room classes' },
    { say: 'policy show classes.clinical.retention', does: 'shows one setting, with everything below it' },
  ],
  needsIdentity: false,
  reasons: policyReasons,
  prepare: (given, { policies }) => ok((tx) => policies.show(tx, given.maybe('PATH'))),
  say(data) {
    if ('path' in data)
      return [`\`${String(data.path)}\` (version ${String(data.version)}): ${shownValue(data.value)}`];
    return [
      `Version ${String(data.version)}. Settings: ${(data.keys as readonly string[]).map((key) => `\`${key}\``).join(', ')}.`,
      {
        head: ['Class', 'Roles', 'Partners', 'Kept'],
        rows: (data.classes as readonly ShownClass[]).map((one) => [
          one.class,
          one.roles.join(', '),
          one.federation,
          one.max_age,
        ]),
      },
    ];
  },
};
