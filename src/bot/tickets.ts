/** What the commands about tickets have in common. */

/** What a state means to an operator; contract.md, `state`. */
const meanings: Readonly<Record<string, string>> = {
  accepted: 'accepted, not posted yet',
  sent: 'sent, not readable by all who are due',
  delivered: 'delivered, not seen',
  undecryptable: 'UNDECRYPTABLE: somebody due has no device that could read it',
  seen: 'seen, not acknowledged',
  acknowledged: 'acknowledged',
  closed: 'closed',
  reported: 'reported',
  undelivered: 'UNDELIVERED: nobody took it, a human operator has it',
};
export const meaningOf = (state: string): string => meanings[state] ?? state;

export const ticketReasons = {
  'no-such-ticket':
    'There is no such ticket. `!wr ticket list` shows the open ones; REF is their id, or Wardroom’s `tkt_...`.',
  'which-ticket': 'Several tickets have that id.',
  'ticket-closed': 'The ticket is closed already.',
};
