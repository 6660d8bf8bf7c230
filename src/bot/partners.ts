/** What commands about partners have in common. */
import { err, ok, type Result } from '../kernel/result.ts';
import type { Arguments, BadArgument } from './arguments.ts';
import type { Piece } from './render.ts';

export const partnerReasons: Readonly<Record<string, string>> = {
  'own-server': 'That is this hospital.',
  'agreement-faulty': 'That would not be an agreement:',
  'on-file': 'It is on file already.',
  'not-on-file': 'No agreement with this organisation stands. `partner list` shows them.',
  'no-renewal': 'The agreement lasts as long already.',
  'policy-unreadable':
    'The policy cannot be read, so nobody is let in. `wardroom config check` says what is wrong with it.',
};

/** A Matrix server name (specification, "Server name"), in lower case. */
export const domainNamed = (typed: string): Result<string, BadArgument> =>
  /^[a-z0-9.-]{1,230}(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/.test(typed.toLowerCase())
    ? ok(typed.toLowerCase())
    : err({ argument: 'DOMAIN' });

/** A day; the calendar decides whether there is one. */
export function dayOption(given: Arguments, name: string): Result<string, BadArgument> {
  const typed = given.option(name);
  if (typed === null) return err({ argument: `--${name}`, why: 'missing' });
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(typed) && new Date(`${typed}T00:00:00Z`).toISOString?.().startsWith(typed);
  return isDay ? ok(typed) : err({ argument: 'DATE' });
}

/** The id of a contract. */
export const contractNamed = (typed: string): Result<string, BadArgument> =>
  /^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/.test(typed) ? ok(typed) : err({ argument: 'ID' });

export const shownAgreement = (data: Readonly<Record<string, unknown>>): readonly Piece[] => [
  `People of ${String(data.domain)} may be in rooms of ${(data.classes as readonly string[]).join(', ')} from ${String(data.from)} to ${String(data.until)}, that day included (contract \`${String(data.contract)}\`).`,
  ...(data.max_age === undefined ? [] : [`It keeps messages for ${String(data.max_age)}.`]),
];
