/** What the weekly summaries of activity look like, and what commands about them have in common. */
import { err, ok, type Result } from '../kernel/result.ts';
import type { ReviewSummary } from '../policy/review/summary.ts';
import type { Arguments, BadArgument } from './arguments.ts';
import type { Piece } from './render.ts';

export const reviewNeeds = 'an administrator, a privacy officer or a security officer';

export const reviewNamed = (given: Arguments): Result<string, BadArgument> => {
  const day = /^(?:rev-)?(\d{4}-\d{2}-\d{2})$/i.exec(given.word('ID'))?.[1];
  return day === undefined ? err({ argument: 'ID' }) : ok(`REV-${day}`);
};

export const reviewReasons: Readonly<Record<string, string>> = {
  'no-such-review': 'There is no such summary. `review list` shows them.',
  'already-signed': 'It is signed already. `review list` says by whom.',
};

/** A summary, as people read it. */
export function summaryPieces(summary: ReviewSummary, digest: string): readonly Piece[] {
  const {
    review,
    from,
    to,
    time_zone: zone,
    groups,
    incidents,
    agreements_ending: agreements,
    roles_due: roles,
  } = summary;
  const rows = groups.map(({ title, lines }) => [
    title,
    lines.length === 0 ? 'nothing' : lines.map(({ what, times }) => `${what} ${times}`).join('; '),
  ]);
  const overdue = roles.filter((one) => one.overdue).length;
  return [
    `${review}: what happened from ${from} to ${to} (excluded; ${zone})`,
    incidents.length === 0
      ? 'No incident is open.'
      : `Incidents open: ${incidents.map(({ id, state, last_day }) => `${id} (${state}, until ${last_day})`).join(', ')}`,
    ...(agreements.length === 0
      ? []
      : [
          `Agreements that end: ${agreements.map(({ domain, days_left }) => `${domain} in ${days_left} days`).join(', ')}`,
        ]),
    ...(roles.length === 0
      ? []
      : [`Roles to confirm within a week: ${roles.length}, of which overdue: ${overdue}. \`role review\` lists them.`]),
    ...summary.not_known.map((one) => `Not known here: ${one}`),
    `Digest (SHA-256): \`${digest}\``,
    // Last: what does not fit a message is counted, and must be nothing of the above.
    { head: ['', 'What, and how often'], rows },
  ];
}
