/** What commands about rooms have in common. */
import { type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type Arguments, type BadArgument, unknown } from './arguments.ts';
import type { BotApi } from './command.ts';
import type { Piece } from './render.ts';
import { userNamed } from './users.ts';

type Data = Readonly<Record<string, unknown>>;

/** A Matrix room id, or a link to it, as clients copy it (Matrix specification, "matrix.to navigation"). */
export function roomIdNamed(typed: string): Result<RoomId, BadArgument> {
  const link = /^https:\/\/matrix\.to\/#\/([^?\s]{1,400})/.exec(typed);
  const id = link === null ? typed : decoded(link[1]!);
  return /^![^\s]{1,254}$/.test(id) ? ok(roomId(id)) : err({ argument: 'ROOM' });
}

/** A room that is kept, by its id, a link to it, or its name. */
export function roomNamed(
  words: readonly string[],
  { rooms }: { readonly rooms: Pick<BotApi['rooms'], 'find' | 'names'> },
): Result<RoomId, BadArgument> {
  const typed = words.join(' ');
  const id = roomIdNamed(typed);
  const found = rooms.find(id.ok ? id.value : typed);
  if (found !== null) return ok(found);
  // Of an id that is not kept the answer says so; a name may have been mistyped.
  return id.ok ? id : err(unknown('ROOM', typed, rooms.names()));
}

/** Somebody, and a room that is kept: `USER`, `ROOM...`. */
export function personAndRoom(
  given: Arguments,
  api: Pick<BotApi, 'rooms'>,
): Result<{ readonly user: UserId; readonly room: RoomId }, BadArgument> {
  const user = userNamed(given.word('USER'));
  if (!user.ok) return user;
  const room = roomNamed(given.all('ROOM'), api);
  return room.ok ? ok({ user: user.value, room: room.value }) : room;
}

/** A class of the policy, as somebody typed it. */
export function classNamed(typed: string, { rooms }: Pick<BotApi, 'rooms'>): Result<string, BadArgument> {
  const names = rooms.classes();
  // Before the policy was read the flow says that it is not ready.
  if (names.length === 0) return ok(typed);
  const found = names.find((name) => name === typed.toLowerCase());
  return found === undefined ? err({ ...unknown('CLASS', typed, names), known: names }) : ok(found);
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

export const roomReasons: Readonly<Record<string, string>> = {
  'not-ready':
    'Rooms are not being kept yet: Wardroom has just started, or the policy cannot be read. Try again in a moment.',
  'class-unknown': 'There is no such room class. `policy show` lists them.',
  'name-taken': 'There is a room of that name. Two rooms of one name are mistaken for each other.',
  'name-form': 'A room is named by at most 40 letters, digits, blanks and . # & / _ -',
  'name-personal': 'Every homeserver can read this name: use a unit and a number, nothing about a person.',
  'role-not-of-class': 'Rooms of this class are not for that role. `policy show classes` says for which they are.',
  'kept-already': 'Wardroom keeps this room already.',
  'not-kept': 'Wardroom does not keep such a room. `room list` shows those it keeps.',
  replaced: 'This room was upgraded: say it of the room that took its place. `room show` names it.',
  'own-room':
    'Who is in this room goes by the on-call roster, or by who may give commands: change that. It is not closed by command.',
  'not-named': 'This person is not on the list of this room. `room explain` says why somebody is in it.',
  'role-missing': 'This person holds none of the roles of this room. Give them the role first: `role grant`.',
  'role-excluded': 'This person holds a role that is kept out of such rooms.',
  'bot-not-in-room': 'Wardroom is not in this room: invite it and give it power level 100, then say this again.',
  'cannot-enter':
    'Wardroom cannot get into this room: invite it and give it power level 100, or let somebody of this homeserver with power be in it.',
};

/** What is wrong with a room, or would be done to it. */
export function stepsTable(steps: readonly Data[]): readonly Piece[] {
  if (steps.length === 0) return [];
  const rows = steps.map(({ step, type, user, what, fault, regulation }) => [
    WORDS[String(step)] ?? String(step),
    String(what ?? user ?? type ?? ''),
    String(fault),
    String(regulation),
  ]);
  return [{ head: ['What is done', 'About', 'Because of', 'Serves'], rows }];
}

const WORDS: Readonly<Record<string, string>> = {
  'set-state': 'sets',
  kick: 'removes',
  'rotate-sessions': 'changes the key',
  'delete-alias': 'takes an alias away',
  unlist: 'takes it out of the directory',
  unban: 'lets in again',
  join: 'brings in',
  invite: 'invites',
  'follow-upgrade': 'follows to the new room',
  'cannot-correct': 'A PERSON HAS TO',
};
