/** What commands about roles have in common. */
import type { HeldRole } from '../flows/heldRoles.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type BadArgument, unknown } from './arguments.ts';
import type { BotApi } from './command.ts';
import type { Piece } from './render.ts';
import { minuteOf } from './times.ts';

/** A role of the policy, as somebody typed it. */
export function roleNamed(typed: string, { roles }: Pick<BotApi, 'roles'>): Result<string, BadArgument> {
  const names = roles.names();
  const found = names.find((name) => name === typed.toLowerCase());
  return found === undefined ? err(unknown('ROLE', typed, names)) : ok(found);
}

export const roleReasons: Readonly<Record<string, string>> = {
  'role-unknown': 'There is no such role in the policy.',
  'role-own-only': 'Only somebody of this hospital can hold this role.',
  'not-on-file': 'No agreement with this organisation is in force, so its people can hold no role here.',
  'is-wardroom': 'Wardroom itself holds no roles.',
  'last-admin': 'Nobody else is administrator: nobody could give the role again. Give it to somebody else first.',
  'not-held': 'This person does not hold this role.',
  'for-yourself': 'Nobody decides about their own roles. Another administrator has to.',
  'empty-period': 'The last day is over already.',
  'in-the-past': 'The last day is over already.',
  'too-long': 'That is longer than the policy lets this role be given for. Name an earlier day.',
  'policy-unreadable':
    'The policy cannot be read, so nobody is given anything. `wardroom config check` says what is wrong with it.',
};

/** A table of roles that are held. */
export const heldTable = (held: readonly HeldRole[]): Piece => ({
  head: ['User', 'Role', 'Until', 'Review by', 'Given by'],
  rows: held.map(({ user_id, role, until, review_by, overdue, by }) => [
    user_id,
    role,
    until === null ? 'revoked' : minuteOf(until),
    `${minuteOf(review_by)}${overdue ? ' OVERDUE' : ''}`,
    by,
  ]),
});
