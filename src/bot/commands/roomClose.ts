import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { roomNamed, roomReasons } from '../rooms.ts';

export const roomClose: Command = {
  name: 'room close',
  takes: ['ROOM...'],
  summary: 'takes everybody out of a room for good; what was written stays for its time',
  needs: 'an administrator',
  examples: [{ say: 'room close Consult 12', does: 'shows who is in it and gives the code that closes it' }],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const room = roomNamed(given.all('ROOM'), api);
    return room.ok ? ok(() => api.rooms.close(room.value)) : room;
  },
  say: ({ name }) => [`\`${String(name)}\` is closed: everybody is being taken out of it.`],
  confirmed: {
    show: ({ name, removed }) => [
      `Closing \`${String(name)}\` takes out ${(removed as readonly string[]).length === 0 ? 'nobody' : (removed as readonly string[]).join(', ')}.`,
    ],
    basis: (_tx, plan, { rooms }) => rooms.closeBasis(plan),
    apply: (tx, given, plan, { rooms }) => rooms.closeAsShown(tx, given, plan),
  },
};
