import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { classNamed, roomReasons } from '../rooms.ts';
import { userNamed } from '../users.ts';

export const roomCreate: Command = {
  name: 'room create',
  takes: ['CLASS', 'NAME...'],
  options: { roles: 'ROLES', members: 'USERS', patient: 'REF' },
  summary: 'makes a room of a class, brings in who is to be in it, and keeps it so',
  needs: 'an administrator; a name without anything about a person: every homeserver can read it',
  examples: [
    {
      say: 'room create clinical 4 West 2 --roles nurse,physician',
      does: 'everybody with one of these roles is brought in',
    },
    {
      say: 'room create consult Consult 12 --members @amsel:marlow.example',
      does: 'who is named; whoever holds the role may join',
    },
    {
      say: 'room create patient-text x --patient P-1003',
      does: 'the room gets an opaque name; the reference is kept as a digest',
    },
  ],
  needsIdentity: false,
  reasons: roomReasons,
  prepare(given, api) {
    const roomClass = classNamed(given.word('CLASS'), api);
    if (!roomClass.ok) return roomClass;
    const members = [];
    for (const typed of listOf(given.option('members'))) {
      const user = userNamed(typed, '--members');
      if (!user.ok) return user;
      members.push(user.value);
    }
    const wish = {
      class: roomClass.value,
      name: given.all('NAME').join(' '),
      roles: listOf(given.option('roles')),
      members,
      patient: given.option('patient'),
    };
    return ok((tx) => api.newRooms.create(tx, wish));
  },
  finish: (data, { newRooms }) => newRooms.finishCreating(data),
  say: ({ name, room_id, class: roomClass, told }) => [
    `\`${String(name)}\` is there: \`${String(room_id)}\`, of class ${String(roomClass)}.`,
    `Members are told: ${String(told)}`,
  ],
};

const listOf = (text: string | null): readonly string[] => [
  ...new Set(
    (text ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  ),
];
