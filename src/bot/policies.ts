/** What commands about the policy have in common. */

import { err, ok, type Result } from '../kernel/result.ts';
import type { Difference } from '../policy/index.ts';
import type { BadArgument } from './arguments.ts';
import type { Piece } from './render.ts';

export const policyReasons: Readonly<Record<string, string>> = {
  'policy-unreadable':
    'The policy that is kept cannot be read by this program, so it is not changed. Was it written by a newer one?',
  'policy-file-unreadable': 'The policy file cannot be read: `wardroom config check` says why.',
  'policy-faulty': 'That would not be a policy:',
  'nothing-changes': 'It says so already.',
  'no-such-version': 'There is no such version, or this program cannot read it. `policy history` lists them.',
};

/** A version's number, as somebody typed it. */
export const versionNamed = (typed: string): Result<number, BadArgument> =>
  /^[1-9]\d{0,8}$/.test(typed) ? ok(Number(typed)) : err({ argument: 'VERSION' });

export const shownValue = (value: unknown): string => (value === null ? 'not set' : `\`${JSON.stringify(value)}\``);

export function differencesTable(
  data: Readonly<Record<string, unknown>>,
  head: readonly [string, string],
): readonly Piece[] {
  const rows = (data.differences as readonly Difference[]).map(({ path, before, after }) => [
    `\`${path}\``,
    shownValue(before),
    shownValue(after),
  ]);
  const more = Number(data.more);
  return [{ head: ['Setting', ...head], rows }, ...(more > 0 ? [`And ${more} more.`] : [])];
}

/** All that a confirmation is about. */
export function shownChange(data: Readonly<Record<string, unknown>>): readonly Piece[] {
  const weakened = data.weakens as readonly { readonly path: string; readonly why: string }[];
  return [
    ...differencesTable(data, ['Now', 'Then']),
    ...weakened.map(({ path, why }) => `WEAKENS protection: \`${path}\`: ${why}`),
    ...correctedRooms(data),
  ];
}

interface Corrected {
  readonly room_id: string | null;
  readonly name: string;
  readonly class: string;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

/** What a change does to each room. */
export function correctedRooms(data: Readonly<Record<string, unknown>>): readonly Piece[] {
  const rooms = (data.corrections ?? []) as readonly Corrected[];
  if (rooms.length === 0) return ['No room is changed by it.'];
  const count = (steps: Corrected['steps'], kind: string) => steps.filter(({ step }) => step === kind).length;
  const rows = rooms.map(({ name, class: roomClass, steps }) => [
    name,
    roomClass,
    `${count(steps, 'kick')} out`,
    `${count(steps, 'join') + count(steps, 'invite')} in`,
    steps.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])).join(', '),
  ]);
  const more = Number(data.more_rooms);
  return [
    'What it does to rooms:',
    { head: ['Room', 'Class', 'People', '', 'Sets'], rows },
    ...(more > 0 ? [`And to ${more} more.`] : []),
  ];
}
