import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';

export const oncallWithdraw: Command = {
  name: 'oncall withdraw',
  takes: ['NUMBER'],
  summary: 'takes a change to a schedule back, by the number that it was given',
  needs: 'an administrator; a change that was made by a command, not in dispatch.yaml, and stands',
  examples: [{ say: 'oncall withdraw 12', does: 'takes change #12 back: what stands below it counts again' }],
  needsIdentity: false,
  reasons: { 'no-such-change': 'There is no change of that number that stands.' },
  prepare(given, { schedules }) {
    const match = /^#?([1-9]\d{0,8})$/.exec(given.word('NUMBER'));
    if (match === null) return err({ argument: 'NUMBER' });
    const id = Number(match[1]);
    return ok(async (tx, order) => {
      const taken = await schedules.withdraw(tx, id, order.sender);
      if (taken === null) return { outcome: 'refused', code: 'no-such-change', data: {}, audit: [], about: { id } };
      const { account, role, tier, from, to, who } = taken.change;
      const data = { id, account, role, tier, from, to, who };
      return { outcome: 'ok', code: 'withdrawn', data, audit: [taken.audit], about: { id, account } };
    });
  },
  say: ({ id, account, role, tier, from, to, who }) => [
    `Change #${String(id)} of ${String(account)} is taken back: ${String(role)}${tier === 'backup' ? ', backup' : ''}, ${String(from)} to ${String(to)}, ${String(who) || 'nobody'}.`,
  ],
};
