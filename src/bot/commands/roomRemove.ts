import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { roomNamed, roomReasons } from '../rooms.ts';
import { userNamed } from '../users.ts';

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
    const user = userNamed(given.word('USER'));
    if (!user.ok) return user;
    const room = roomNamed(given.all('ROOM'), api);
    return room.ok ? ok((tx) => api.rooms.remove(tx, room.value, user.value)) : room;
  },
  say: ({ user_id, room_id }) => [`${String(user_id)} is not on the list of \`${String(room_id)}\` any more.`],
};
