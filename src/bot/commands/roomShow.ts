import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { roomNamed, roomReasons } from '../rooms.ts';

export const roomShow: Command = {
  name: 'room show',
  takes: ['ROOM...'],
  summary: 'shows a room that Wardroom keeps: its class, who is in it, what members are told',
  needs: 'an administrator',
  examples: [{ say: 'room show 4 West 2', does: 'by its name; a room id or a link to it works, too' }],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const room = roomNamed(given.all('ROOM'), api);
    return room.ok ? ok(() => api.rooms.show(room.value)) : room;
  },
  say({ name, room_id, class: roomClass, state, holds, told, members, more_members, left_to_people, replaced_by }) {
    const rows = (members as readonly Record<string, unknown>[]).map((one) => [
      String(one.user_id),
      String(one.membership),
      (one.roles as readonly string[]).join(', '),
      one.told === null ? '' : one.told === true ? 'yes' : 'not yet',
    ]);
    return [
      `\`${String(name)}\`, ${String(roomClass)}, ${String(state)}: \`${String(room_id)}\``,
      ...(replaced_by === null ? [] : [`Replaced by \`${String(replaced_by)}\`.`]),
      ...(Number(left_to_people) > 0
        ? [`${String(left_to_people)} faults are left to people: \`room explain\` says which.`]
        : []),
      ...((holds as readonly string[]).length === 0
        ? []
        : [`Under legal hold (${(holds as readonly string[]).join(', ')}): what they cover is not deleted.`]),
      { head: ['Member', 'Is', 'Roles', 'Told'], rows },
      ...(Number(more_members) > 0 ? [`And ${String(more_members)} more.`] : []),
      `Members are told: ${String(told)}`,
    ];
  },
};
