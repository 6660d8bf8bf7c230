/** What commands about emergency access have in common. */

import type { CommandAnswer } from '../flows/commandsPort.ts';
import type { RoomId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Arguments, BadArgument, Syntax } from './arguments.ts';
import type { BotApi } from './command.ts';
import type { Piece } from './render.ts';
import { roomNamed } from './rooms.ts';
import { minuteOf } from './times.ts';

/** How emergency access is asked for, with `!wr` and without. */
export const breakGlassSyntax: Syntax & { readonly options: NonNullable<Syntax['options']> } = {
  takes: ['ROOM...'],
  options: { reason: 'TEXT', for: 'DURATION' },
};

export const officersNeed = 'an administrator, a privacy officer or a security officer';

export const breakGlassReasons: Readonly<Record<string, string>> = {
  'reason-missing': 'Emergency access takes a reason that somebody can judge later: `--reason` and a few words.',
  'not-kept': 'Wardroom keeps no such room. Name it as it is called, or by its id.',
  'no-emergency-access': 'Such rooms have no emergency access. Call somebody who is in it, or the privacy officer.',
  'no-emergency-role': 'You hold no role that takes emergency access to such rooms.',
  'role-excluded': 'You hold a role that is kept out of such rooms, in emergencies too. Call somebody who is in it.',
  'other-organisation': 'Emergency access is for people of this hospital only.',
  'too-long': 'That is longer than such rooms allow. Leave out `--for` to get as long as they do.',
  'already-given': 'You have emergency access to this room already.',
  'may-be-in': 'You may be in this room anyway: join it, or ask an administrator for `room add`.',
  'policy-unreadable': 'The policy cannot be read now, so nothing can be given.',
  'not-running': 'This person has no emergency access to this room now. `breakglass list` shows who has.',
  'no-such-use': 'There is no such use. `breakglass list --all` shows them.',
  'still-running': 'It is not over yet. `breakglass end` ends it.',
  'already-reviewed': 'It was reviewed already. `breakglass list --all` says by whom.',
  'own-use': 'You used it yourself: somebody else has to review it.',
  'heard-late': 'This was heard more than ten minutes after you said it. Say it again if you still need it.',
  'unverified-device': 'This device is not signed by your identity. Verify it in your client, then say it again.',
};

/** What is asked for; who asks is known from the message. */
export interface BreakGlassAsked {
  readonly room: RoomId;
  readonly reason: Phi<string> | null;
  readonly forMs: number | null;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000 };

export function breakGlassAsked(
  given: Arguments,
  rooms: Pick<BotApi['rooms'], 'find' | 'names'>,
): Result<BreakGlassAsked, BadArgument> {
  const room = roomNamed(given.all('ROOM'), { rooms });
  if (!room.ok) return room;
  const typed = given.option('for');
  const lasts = typed === null ? null : /^([1-9][0-9]{0,3})([mh])$/.exec(typed);
  if (typed !== null && lasts === null) return err({ argument: '--for' });
  const reason = given.option('reason');
  return ok({
    room: room.value,
    reason: reason === null ? null : new Phi(reason),
    forMs: lasts === null ? null : Number(lasts[1]) * UNIT_MS[lasts[2]!]!,
  });
}

/** What the person is told: what they get, what is recorded, until when. */
export const sayGranted = ({ breakglass, until }: CommandAnswer['data']): readonly Piece[] => [
  `Emergency access ${String(breakglass)} is given until ${minuteOf(String(until))}: you are being brought into the room, and what was said before comes to you in a room of your own.`,
  'Recorded: who you are, the room, your reason, when you came and went. The privacy officers are told now, and somebody else reviews it. At the end you are taken out and the transcript is deleted.',
];
