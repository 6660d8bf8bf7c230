import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { roomNamed, roomReasons } from '../rooms.ts';
import { userNamed } from '../users.ts';

export const roomAdd: Command = {
  name: 'room add',
  takes: ['USER', 'ROOM...'],
  summary: 'brings somebody into a room by name, if the policy lets them in',
  needs: 'an administrator',
  examples: [
    { say: 'room add @amsel:marlow.example Consult 12', does: 'brings them in; a partner’s people are invited' },
  ],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const user = userNamed(given.word('USER'));
    if (!user.ok) return user;
    const room = roomNamed(given.all('ROOM'), api);
    return room.ok ? ok((tx) => api.rooms.add(tx, room.value, user.value)) : room;
  },
  say: ({ user_id, room_id }) => [`${String(user_id)} is being brought into \`${String(room_id)}\`.`],
};
