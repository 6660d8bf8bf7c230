import type { OpenTicket } from '../../flows/ticketDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { meaningOf, ticketReasons } from '../tickets.ts';
import { lasting, minuteOf } from '../times.ts';

export const ticketClose: Command = {
  name: 'ticket close',
  takes: ['REF'],
  summary: 'closes a ticket: nobody is called for it any more',
  needs:
    'an administrator; a code where nobody took the ticket, and for such a STAT another administrator who confirms it',
  examples: [
    { say: 'ticket close NJ-260020', does: 'closes it at once if somebody acknowledged it, else shows it and asks' },
    { say: 'ticket close tkt_01JD0000000000000000000000', does: 'closes one of several that have the same id' },
  ],
  needsIdentity: false,
  reasons: ticketReasons,
  prepare: (given, { tickets }) => ok((tx, order) => tickets.close(tx, order, given.word('REF'))),
  say: ({ ref, account }) => [`Ticket \`${String(ref)}\` of ${String(account)} is closed.`],
  confirmed: {
    show(data) {
      const one = data as unknown as OpenTicket;
      return [
        `NOBODY took ${one.urgency.toUpperCase()} \`${one.ref}\` of ${one.account}: ${meaningOf(one.state)}, ${lasting(one.age_seconds)} old, called last: ${one.alerted.join(', ') || 'nobody'}.`,
        one.next_step_at === null
          ? 'Its ladder has ended.'
          : `Closing it ends its ladder: the step of ${minuteOf(one.next_step_at)} and those after it call nobody.`,
      ];
    },
    basis: (tx, plan, { tickets }) => tickets.closingBasis(tx, plan),
    apply: (tx, given, plan, { tickets }) => tickets.closeAsShown(tx, given, plan),
  },
};
