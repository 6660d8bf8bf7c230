import type { ShownWipe } from '../../flows/accounts/deviceDesk.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { devicesTable, loginReasons, unreachedLines } from '../logins.ts';
import { shownAs } from '../shownAs.ts';
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
  say(data) {
    const wipe = shownAs<ShownWipe>(data);
    return [
      `\`${wipe.device_id}\` of ${wipe.user_id} is deleted. Wardroom speaks with new keys in the ${roomsOf(wipe)} they share with it.`,
      'Not reached:',
      ...unreachedLines(wipe.unreached),
      'Was it lost with patients’ messages on it? `incident open` starts the record of it.',
    ];
  },
  confirmed: {
    show(data) {
      const wipe = shownAs<ShownWipe>(data);
      return [
        `Wiping logs this device of ${wipe.user_id} out and leaves them ${wipe.others} others:`,
        devicesTable([wipe]),
        `Wardroom changes its keys in the ${roomsOf(wipe)} they share with it. It does not reach:`,
        ...unreachedLines(wipe.unreached),
      ];
    },
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

const roomsOf = ({ rooms, more_rooms: more }: ShownWipe): string => {
  const count = rooms.length + more;
  return count === 1 ? '1 room' : `${count} rooms`;
};
