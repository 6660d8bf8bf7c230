import type { ListedRole } from '../../flows/clinicianDesk.ts';
import { err, ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const onCall: ClinicianCommand = {
  name: 'oncall',
  usage: '[ACCOUNT]',
  prepare(words, desk) {
    const account = words.trim();
    if (/\s/.test(account)) return err({ argument: 'ACCOUNT' });
    return ok((_tx, said) => desk.onCall(said, account === '' ? null : account));
  },
  say: (data) => [
    `On call for ${String(data.account)} now:`,
    ...(data.roles as readonly ListedRole[]).map(({ role, tier, people, code }) => {
      const who = people.map(({ person, user_id: user }) => `${person} (${user})`).join(', ') || 'nobody';
      return `${role}${tier === 'backup' ? ', backup' : ''}: ${who}${code === undefined ? '' : ` [${code}]`}`;
    }),
  ],
};
