import type { ShownDevice } from '../../flows/accounts/deviceDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { devicesTable, loginReasons } from '../logins.ts';
import { userNamed } from '../users.ts';

export const deviceList: Command = {
  name: 'device list',
  takes: ['USER'],
  summary: 'shows somebody’s devices, when each was last seen, and whether its owner signed it',
  needs: 'an administrator or security officer; Wardroom as server administrator of the homeserver',
  examples: [{ say: 'device list @amsel:marlow.example', does: 'the one seen last first' }],
  needsIdentity: false,
  reasons: loginReasons,
  prepare(given, { devices }) {
    const user = userNamed(given.word('USER'));
    return user.ok ? ok(() => devices.list(user.value)) : user;
  },
  finish: (data, { devices }) => devices.finishListing(data),
  say({ user_id, devices, more, sign_in }) {
    const list = devices as readonly ShownDevice[];
    if (list.length === 0) return [`${String(user_id)} is signed in nowhere.`];
    return [
      devicesTable(list),
      ...(Number(more) > 0 ? [`and ${String(more)} more`] : []),
      ...(sign_in === 'delegated' ? [loginReasons['sign-in-delegated']!] : []),
      ...(sign_in === 'identity-provider'
        ? [
            'People sign in by an identity provider: after a wipe end the session there, too, or the phone signs in again.',
          ]
        : []),
    ];
  },
};
