import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personAndRoom, roomReasons } from '../rooms.ts';

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
    const named = personAndRoom(given, api);
    return named.ok ? ok((tx) => api.rooms.add(tx, named.value.room, named.value.user)) : named;
  },
  say: ({ user_id, room_id }) => [`${String(user_id)} is being brought into \`${String(room_id)}\`.`],
};
