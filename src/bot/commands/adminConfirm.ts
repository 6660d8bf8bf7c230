import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { fingerprint } from '../fingerprint.ts';
import { userNamed } from '../users.ts';

export const adminConfirm: Command = {
  name: 'admin confirm',
  takes: ['USER', 'FINGERPRINT...'],
  summary: "says that you compared another administrator's fingerprint with them",
  needs:
    'a device that your identity signs, and, once anybody is confirmed, your own identity confirmed; nobody confirms themselves',
  examples: [
    {
      say: 'admin confirm @amsel:marlow.example AbCd eFgH iJkL mNoP',
      does: 'confirms the identity of @amsel; FINGERPRINT: its first four groups, or more, as they were read to you',
    },
  ],
  needsIdentity: true,
  reasons: { 'needs-second-person': 'Nobody confirms themselves: another administrator has to.' },
  prepare(given, { administrators }) {
    const user = userNamed(given.word('USER'));
    if (!user.ok) return user;
    const prefix = given.all('FINGERPRINT').join('');
    if (!/^[A-Za-z0-9+/]+$/.test(prefix)) return err({ argument: 'FINGERPRINT' });
    return ok((tx, order) => administrators.confirm(tx, order, user.value, prefix));
  },
  say: (data) => [
    `The identity of ${String(data.user_id)} is confirmed: \`${fingerprint(String(data.fingerprint))}\``,
    ...(data.own_state === 'confirmed'
      ? []
      : ['Yours still waits: another administrator compares it and confirms it.']),
  ],
};
