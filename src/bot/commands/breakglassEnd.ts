import { err, ok } from '../../kernel/result.ts';
import { breakGlassReasons, officersNeed } from '../breakGlass.ts';
import type { Command } from '../command.ts';
import { roomNamed } from '../rooms.ts';
import { userNamed } from '../users.ts';

export const breakglassEnd: Command = {
  name: 'breakglass end',
  takes: ['ROOM-AND-USER...'],
  summary:
    "ends somebody's emergency access before its time: they are taken out, the key changes, the transcript is deleted",
  needs: officersNeed,
  examples: [{ say: 'breakglass end 4 West 2 @rowan:hospital.example', does: 'takes them out at once' }],
  needsIdentity: true,
  reasons: breakGlassReasons,
  prepare(given, { rooms, breakGlass }) {
    const words = given.all('ROOM-AND-USER');
    const [user, room] = [userNamed(words.at(-1) ?? ''), words.slice(0, -1)];
    if (!user.ok) return user;
    if (room.length === 0) return err({ argument: 'ROOM', why: 'missing' });
    const found = roomNamed(room, { rooms });
    return found.ok ? ok((tx, order) => breakGlass.end(tx, order.sender, found.value, user.value)) : found;
  },
  say: ({ breakglass, user_id: user }) => [
    `${String(breakglass)} is ended: ${String(user)} is being taken out. Review it: \`!wr breakglass review ${String(breakglass)}\``,
  ],
};
