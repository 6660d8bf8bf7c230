import type { ShownTicket } from '../../flows/ticketDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { meaningOf, ticketReasons } from '../tickets.ts';
import { lasting, minuteOf, secondOf } from '../times.ts';

export const ticketShow: Command = {
  name: 'ticket show',
  takes: ['REF'],
  summary: 'shows what became of a ticket, without its text',
  needs: 'an administrator',
  examples: [
    { say: 'ticket show NJ-260020', does: 'shows the ticket that the answering service sent under this id' },
    { say: 'ticket show tkt_01JD0000000000000000000000', does: 'shows it by the id that Wardroom gave it' },
  ],
  needsIdentity: false,
  reasons: ticketReasons,
  prepare: (given, { tickets }) => ok((tx) => tickets.show(tx, given.word('REF'))),
  say(data) {
    const one = data as unknown as ShownTicket;
    const by = one.acknowledged;
    const link =
      one.room_id === null || one.event_id === null
        ? null
        : `https://matrix.to/#/${encodeURIComponent(one.room_id)}/${encodeURIComponent(one.event_id)}`;
    return [
      `${one.urgency.toUpperCase()} ${one.account}, \`${one.ref}\` (${one.service}, ${one.ticket_id})`,
      `${meaningOf(one.state)}; accepted ${minuteOf(one.accepted_at)}, ${lasting(one.age_seconds)} ago.`,
      ...(by === null ? [] : [`Acknowledged by ${by.by}, ${minuteOf(by.at)} (${by.how}, strength ${by.strength}).`]),
      ...(one.next_step_at === null
        ? []
        : [`The next step is due ${minuteOf(one.next_step_at)}; called last: ${one.alerted.join(', ') || 'nobody'}.`]),
      ...(one.joined_to === undefined ? [] : [`A repeat call: it joined ${one.joined_to}.`]),
      ...(one.joined?.length ? [`Repeat calls that joined it: ${one.joined.join(', ')}.`] : []),
      ...(one.flags.length > 0 ? [`Flags: ${one.flags.join(', ')}.`] : []),
      ...(link === null ? ['Not posted yet.'] : [`In its room: ${link}`]),
      ...(one.earlier > 0 ? [`The latest ${one.timeline.length} of ${one.earlier + one.timeline.length} lines:`] : []),
      {
        head: ['When (UTC)', 'What', 'Step', 'Who', 'Why'],
        rows: one.timeline.map((row) => [
          secondOf(row.at),
          `${row.event}${row.late ? ' (late)' : ''}`,
          row.step === undefined ? '' : String(row.step),
          row.who ?? '',
          row.code ?? '',
        ]),
      },
    ];
  },
};
