import type { ShownDevice } from '../../flows/accounts/deviceDesk.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { devicesTable, loginReasons, unreachedLines } from '../logins.ts';
import { userNamed } from '../users.ts';

export const deviceWipe: Command = {
  name: 'device wipe',
  takes: ['USER', 'DEVICE'],
  summary: 'ends a lost phone’s session: it logs out, and nothing said from then on can be read by it',
  needs: 'an administrator or security officer, and a code; Wardroom as server administrator of the homeserver',
  examples: [
    {
      say: 'device wipe @amsel:marlow.example JLAFKJWSCS',
      does: 'shows the device and what a wipe cannot reach, and asks',
    },
  ],
  needsIdentity: false,
  reasons: loginReasons,
  prepare(given, { devices }) {
    const user = userNamed(given.word('USER'));
    if (!user.ok) return user;
    const device = given.word('DEVICE');
    if (!/^[\w.~+/=-]{1,255}$/.test(device)) return err({ argument: 'DEVICE' });
    return ok(() => devices.wipe(user.value, device));
  },
  finish: (data, { devices }, given) => devices.finishWiping(data, given),
  say: ({ user_id, device_id, rooms, more_rooms, unreached }) => [
    `\`${String(device_id)}\` of ${String(user_id)} is deleted. Wardroom speaks with new keys in the ${roomsOf(rooms, more_rooms)} they share with it.`,
    'Not reached:',
    ...unreachedLines(unreached),
    'Was it lost with patients’ messages on it? `incident open` starts the record of it.',
  ],
  confirmed: {
    show: (data) => [
      `Wiping logs this device of ${String(data.user_id)} out and leaves them ${String(data.others)} others:`,
      devicesTable([data as unknown as ShownDevice]),
      `Wardroom changes its keys in the ${roomsOf(data.rooms, data.more_rooms)} they share with it. It does not reach:`,
      ...unreachedLines(data.unreached),
    ],
    // Whether the device is there is seen when it is deleted.
    basis: async (_tx, plan) => ({ user: plan.user_id, device: plan.device_id }),
    apply: async (_tx, _given, plan) => ({
      outcome: 'running',
      code: 'wiping',
      data: { ...plan, confirmed: true },
      audit: [],
      about: { user: plan.user_id, device: plan.device_id },
    }),
  },
};

const roomsOf = (rooms: unknown, more: unknown): string => {
  const count = (rooms as readonly unknown[]).length + Number(more);
  return count === 1 ? '1 room' : `${count} rooms`;
};
