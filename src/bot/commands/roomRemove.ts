import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personAndRoom, roomReasons } from '../rooms.ts';

export const roomRemove: Command = {
  name: 'room remove',
  takes: ['USER', 'ROOM...'],
  summary: 'takes somebody out of a room into which they were brought by name',
  needs: 'an administrator',
  examples: [
    {
      say: 'room remove @amsel:marlow.example Consult 12',
      does: 'takes them out; a role that opens the room still does',
    },
  ],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const named = personAndRoom(given, api);
    return named.ok ? ok((tx) => api.rooms.remove(tx, named.value.room, named.value.user)) : named;
  },
  say: ({ user_id, room_id }) => [`${String(user_id)} is not on the list of \`${String(room_id)}\` any more.`],
};
