import type { PolicyChange } from '../../flows/policiesPort.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { minuteOf } from '../times.ts';

interface Listed {
  readonly version: number;
  readonly by: string;
  readonly at: string;
  readonly change: PolicyChange;
}

const saidOf = (change: PolicyChange): string => {
  switch (change.kind) {
    case 'import':
      return 'taken over from the configuration';
    case 'set':
      return `\`${change.path}\``;
    case 'rollback':
      return `back to version ${change.to}`;
  }
};

export const policyHistory: Command = {
  name: 'policy history',
  takes: [],
  summary: 'shows the versions of the policy, the latest first',
  needs: 'an administrator',
  examples: [{ say: 'policy history', does: 'shows who changed what, and when' }],
  needsIdentity: false,
  prepare: (_given, { policies }) => ok((tx) => policies.history(tx)),
  say: (data) => [
    {
      head: ['Version', 'When', 'By', 'What'],
      rows: (data.versions as readonly Listed[]).map(({ version, by, at, change }) => [
        String(version),
        minuteOf(at),
        by,
        saidOf(change),
      ]),
    },
  ],
};
