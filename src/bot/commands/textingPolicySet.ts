import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { policySet } from './policySet.ts';

/** `policy set` below `texting`: the same versions, the same second person. */
export const textingPolicySet: Command = {
  ...policySet,
  name: 'texting-policy set',
  takes: ['PATH', 'VALUE...'],
  summary: 'changes one setting about texts, after showing what that changes',
  examples: [
    { say: 'texting-policy set reminders.per_week 2', does: 'shows the change and gives the code that makes it' },
    { say: 'texting-policy set content true', does: 'lets health information leave as a text: takes a second person' },
  ],
  prepare: (given, { policies }) =>
    ok((tx) => policies.set(tx, `texting.${given.word('PATH')}`, given.all('VALUE').join(' '))),
};
