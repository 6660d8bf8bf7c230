import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { roomNamed, roomReasons, stepsTable } from '../rooms.ts';

export const roomExplain: Command = {
  name: 'room explain',
  takes: ['ROOM...'],
  summary:
    'looks at a room anew and says why it is as it is: who may be in it and why not, and what would be corrected',
  needs: 'an administrator',
  examples: [{ say: 'room explain 4 West 2', does: 'looks at the room at the homeserver; changes nothing' }],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const room = roomNamed(given.all('ROOM'), api);
    return room.ok ? ok(() => api.rooms.explain(room.value)) : room;
  },
  finish: (data, { rooms }) => rooms.finishExplaining(data),
  say({ name, class: roomClass, people, more_people, corrections }) {
    const steps = corrections as readonly Record<string, unknown>[];
    const rows = (people as readonly Record<string, unknown>[]).map((one) => [
      String(one.user_id),
      String(one.membership),
      one.allowed === true ? 'may' : 'MAY NOT',
      (one.why as readonly { what: string; regulation: string }[])
        .map(({ what, regulation }) => `${what} (${regulation})`)
        .join(' '),
    ]);
    return [
      `\`${String(name)}\`, ${String(roomClass)}: ${steps.length === 0 ? 'nothing is to be corrected.' : 'to be corrected:'}`,
      ...stepsTable(steps),
      { head: ['Who', 'Is', 'May be here', 'Because'], rows },
      ...(Number(more_people) > 0 ? [`And ${String(more_people)} more.`] : []),
    ];
  },
};
