import { userId } from '../../kernel/ids.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { fingerprint } from '../fingerprint.ts';

export const adminConfirm: Command = {
  name: 'admin confirm',
  usage: '@USER:SERVER FINGERPRINT',
  summary:
    "says that you compared another administrator's fingerprint with them; FINGERPRINT: its first four groups, or more",
  needsIdentity: true,
  prepare([user, ...groups], { administrators }) {
    if (user === undefined || !/^@[^:\s]+:\S+$/.test(user)) return err({ argument: 'USER' });
    const prefix = groups.join('');
    if (!/^[A-Za-z0-9+/]+$/.test(prefix)) return err({ argument: 'FINGERPRINT' });
    return ok((tx, given) => administrators.confirm(tx, given, userId(user), prefix));
  },
  say: (data) => [
    `The identity of ${String(data.user_id)} is confirmed: \`${fingerprint(String(data.fingerprint))}\``,
    ...(data.own_state === 'confirmed'
      ? []
      : ['Yours still waits: another administrator compares it and confirms it.']),
  ],
};
