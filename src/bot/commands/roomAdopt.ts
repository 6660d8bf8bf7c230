import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { classNamed, roomIdNamed, roomReasons, stepsTable } from '../rooms.ts';

export const roomAdopt: Command = {
  name: 'room adopt',
  takes: ['ROOM', 'CLASS'],
  summary: 'keeps a room that somebody else made as its class demands; asks first where that takes people out of it',
  needs:
    'an administrator; Wardroom in the room with power, or the right to take it by the homeserver’s administration',
  examples: [
    { say: 'room adopt !abcdef:marlow.example clinical', does: 'shows who would have to leave, or adopts it' },
  ],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const room = roomIdNamed(given.word('ROOM'));
    if (!room.ok) return room;
    const roomClass = classNamed(given.word('CLASS'), api);
    return roomClass.ok ? ok(() => api.newRooms.adopt(room.value, roomClass.value)) : roomClass;
  },
  finish: (data, { newRooms }) => newRooms.finishAdopting(data),
  say: ({ room_id, class: roomClass, name }) => [
    `\`${String(room_id)}\` is kept as ${String(roomClass)} from now on${name === undefined ? '' : `, as \`${String(name)}\``}.`,
  ],
  confirmed: {
    show: ({ room_id, removed, corrections }) => [
      `Adopting \`${String(room_id)}\` takes ${(removed as readonly string[]).join(', ')} out of it.`,
      ...stepsTable(corrections as readonly Record<string, unknown>[]),
    ],
    // Who is in the room may change at any time; who may be in it is decided anew when it is kept.
    basis: async (_tx, plan) => ({ room: plan.room_id }),
    apply: async (_tx, _given, plan) => ({ outcome: 'running', code: 'adopting', data: plan, audit: [], about: plan }),
  },
};
