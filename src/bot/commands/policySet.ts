import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { correctedRooms, policyReasons, shownChange } from '../policies.ts';

export const policySet: Command = {
  name: 'policy set',
  takes: ['PATH', 'VALUE...'],
  summary: 'changes one setting of the policy, after showing what that changes',
  needs: 'an administrator; another one who confirms it where it weakens protection',
  examples: [
    { say: 'policy set classes.clinical.recall 10m', does: 'shows the change and gives the code that makes it' },
    { say: 'policy set classes.intake.roles [nurse, operator]', does: 'sets a list' },
  ],
  needsIdentity: false,
  reasons: policyReasons,
  prepare: (given, { policies }) => ok((tx) => policies.set(tx, given.word('PATH'), given.all('VALUE').join(' '))),
  say: (data) => [`The policy is version ${String(data.version)} now.`, ...correctedRooms(data)],
  confirmed: {
    show: shownChange,
    basis: (tx, _plan, { policies }) => policies.basis(tx),
    apply: (tx, given, plan, { policies }) => policies.apply(tx, given, plan),
  },
};
