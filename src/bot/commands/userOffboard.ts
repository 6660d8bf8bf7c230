import type { HandedOn } from '../../flows/accounts/handOn.ts';
import type { Part } from '../../flows/accounts/offboarding.ts';
import { ok } from '../../kernel/result.ts';
import type { NamedPlace } from '../../tickets/departures.ts';
import type { Command } from '../command.ts';
import { loginReasons } from '../logins.ts';
import type { Piece } from '../render.ts';
import { userNamed } from '../users.ts';

export const userOffboard: Command = {
  name: 'user offboard',
  takes: ['USER'],
  options: { to: 'USER' },
  summary: 'ends everything of somebody who leaves: roles, duties, tickets, devices, account',
  needs:
    'an administrator, and a code; another administrator who confirms it where they are admin, privacy or security officer',
  examples: [
    {
      say: 'user offboard @amsel:marlow.example --to @brandt:marlow.example',
      does: 'brandt takes the shifts that schedules name amsel for, and the open tickets; shows all of it, and asks',
    },
    {
      say: 'user offboard @amsel:marlow.example',
      does: 'shifts become holes that fall to the default list, tickets go on to the next of their ladders',
    },
  ],
  needsIdentity: false,
  reasons: loginReasons,
  prepare(given, { offboarding }) {
    const user = userNamed(given.word('USER'));
    if (!user.ok) return user;
    const typed = given.option('to');
    const to = typed === null ? null : userNamed(typed, '--to');
    if (to !== null && !to.ok) return to;
    return ok((tx, order) => offboarding.offboard(tx, order, user.value, to?.value ?? null));
  },
  finish: (data, { offboarding }, given) => offboarding.finish(data, given),
  say({ user_id, to, parts, tickets, more_tickets, gaps }) {
    const list = parts as readonly Part[];
    const handed = tickets as readonly HandedOn[];
    const undone = list.filter(({ done }) => !done);
    return [
      undone.length === 0
        ? `${String(user_id)} is offboarded.`
        : `${String(user_id)} is offboarded IN PART. What is not done is said below; said again, \`user offboard\` does the rest.`,
      {
        head: ['Part', 'Done', 'What'],
        rows: list.map(({ part, done, code, count }) => [part, done ? 'yes' : 'NO', wordsOf(part, code, count)]),
      },
      ...new Set(undone.flatMap(({ code }) => loginReasons[code] ?? [])),
      ...(handed.length > 0 ? [ticketsTable(handed)] : []),
      ...(Number(more_tickets) > 0 ? [`and ${String(more_tickets)} more tickets`] : []),
      ...gapLines(gaps as readonly NamedPlace[], to),
    ];
  },
  confirmed: {
    show({ user_id, to, roles, places, tickets, more_tickets, devices, account_not }) {
      const open = tickets as readonly {
        readonly ticket_id: string;
        readonly account: string;
        readonly urgency: string;
      }[];
      const named = places as readonly NamedPlace[];
      return [
        `Offboarding ${String(user_id)}:`,
        `- ends the roles ${(roles as readonly string[]).join(', ') || '(none)'}; kept rooms take them out`,
        `- ${named.length} places of the schedules name them: ${to === null ? 'they become holes, which fall to the practice’s default list' : `${String(to)} stands there instead`}`,
        `- ${open.length + Number(more_tickets)} tickets are theirs${open.length > 0 ? `: ${open.map((one) => `${one.urgency} \`${one.ticket_id}\` of ${one.account}`).join(', ')}` : ''}${open.length === 0 ? '' : to === null ? '; each goes on to the next of its ladder' : `; ${String(to)} is called for those they may take, the ladder for others`}`,
        account_not === null
          ? `- deletes ${String(devices)} devices and locks the account`
          : '- CANNOT end their devices and account:',
        ...(account_not === null ? [] : [loginReasons[String(account_not)] ?? String(account_not)]),
      ];
    },
    basis: (tx, plan, { offboarding }) => offboarding.basis(tx, plan),
    apply: (tx, given, plan, { offboarding }) => offboarding.asShown(tx, given, plan),
  },
};

const WORDS: Readonly<Record<string, string>> = {
  'roles.ended': 'ended; kept rooms take them out',
  'roles.none': 'held none',
  'duties.withdrawn': 'no schedule calls them any more; their shifts are holes: `oncall gaps`',
  'duties.handed-on': 'no schedule calls them any more; the successor stands where they stood',
  'tickets.handed-on': 'handed on, see below',
  'tickets.none': 'had none',
  'devices.deleted': 'deleted; Wardroom speaks with new keys',
  'account.locked': 'locked; `user unlock` would let them in again',
};

const wordsOf = (part: string, code: string, count: number | undefined): string =>
  `${count === undefined ? '' : `${count}: `}${WORDS[`${part}.${code}`] ?? code}`;

const ticketsTable = (tickets: readonly HandedOn[]): Piece => ({
  head: ['Ticket', 'Account', 'Urgency', 'Was', 'Now'],
  rows: tickets.map(({ ticket_id, account, urgency, was, to }) => [
    `\`${ticket_id}\``,
    account,
    urgency.toUpperCase(),
    was,
    to ?? 'next of the ladder',
  ]),
});

function gapLines(gaps: readonly NamedPlace[], to: unknown): readonly string[] {
  if (gaps.length === 0) return [];
  return [
    `dispatch.yaml, or a change made to it, still names them. Until that is mended ${to === null ? 'they are holes (`oncall override` fills one)' : `${String(to)} stands there`}:`,
    ...gaps.map(({ path }) => `- \`${path}\``),
  ];
}
