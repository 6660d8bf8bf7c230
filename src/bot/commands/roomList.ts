import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { roomReasons } from '../rooms.ts';

export const roomList: Command = {
  name: 'room list',
  takes: [],
  summary: 'shows the rooms that Wardroom keeps',
  needs: 'an administrator',
  examples: [{ say: 'room list', does: 'each room with its class, how many are in it, and what is left to people' }],
  needsIdentity: false,
  reasons: roomReasons,
  prepare: (_given, { rooms }) => ok(() => rooms.list()),
  say({ rooms }) {
    const rows = (rooms as readonly Record<string, unknown>[]).map((one) => [
      String(one.name),
      String(one.class),
      String(one.joined),
      Number(one.left_to_people) > 0 ? `${String(one.left_to_people)} TO LOOK AT` : '',
      `\`${String(one.room_id)}\``,
    ]);
    return rows.length === 0
      ? ['No rooms are kept yet: `room create` makes one.']
      : [{ head: ['Name', 'Class', 'Members', 'Faults', 'Room'], rows }];
  },
};
