import type { OpenTicket } from '../../flows/ticketDesk.ts';
import { ok } from '../../kernel/result.ts';
import { accountNamed } from '../accounts.ts';
import type { Command } from '../command.ts';
import { meaningOf } from '../tickets.ts';
import { lasting, minuteOf } from '../times.ts';

export const ticketList: Command = {
  name: 'ticket list',
  takes: ['[ACCOUNT]'],
  summary: 'shows the open tickets, the most urgent first, without their text',
  needs: 'an administrator',
  examples: [
    { say: 'ticket list', does: 'shows the open tickets of all accounts' },
    { say: 'ticket list LARK-CARD', does: 'shows those of one account' },
  ],
  needsIdentity: false,
  prepare(given, { tickets, accounts }) {
    const typed = given.maybe('ACCOUNT');
    if (typed === null) return ok((tx) => tickets.list(tx, null));
    const account = accountNamed(typed, accounts());
    return account.ok ? ok((tx) => tickets.list(tx, account.value)) : account;
  },
  say(data) {
    const tickets = data.tickets as readonly OpenTicket[];
    if (tickets.length === 0) return ['No ticket is open.'];
    return [
      {
        head: ['Ref', 'Urgency', 'Account', 'State', 'Age', 'Called last', 'Next step'],
        rows: tickets.map((one) => [
          `\`${one.ref}\``,
          one.urgency.toUpperCase(),
          one.account,
          meaningOf(one.state),
          lasting(one.age_seconds),
          one.alerted.join(', ') || 'nobody',
          one.next_step_at === null ? 'none' : minuteOf(one.next_step_at),
        ]),
      },
      ...(Number(data.more) > 0 ? [`And ${String(data.more)} more.`] : []),
    ];
  },
};
