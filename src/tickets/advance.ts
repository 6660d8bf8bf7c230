import type { Instant } from '../kernel/clock.ts';
import { acknowledged, delayed, replied, withdrawn } from './answering.ts';
import { begin } from './begin.ts';
import { climb, summaryDue } from './climb.ts';
import { Draft, isHeld } from './draft.ts';
import { declined, passed } from './handover.ts';
import { closed, noted, patched } from './operator.ts';
import { posted, readable, seen } from './reading.ts';
import { calledAgain } from './repeatCall.ts';
import { shiftChanged } from './shiftChange.ts';
import type { Advanced, Directory, Ticket, TicketEvent } from './ticket.ts';

/**
 * One event in the life of a ticket: what the ticket becomes and what has to be done. Pure; the same event again changes
 * nothing (replies excepted: they carry no id, whoever hands them over hands each over once).
 *
 * accepted -> sent -> delivered | undecryptable -> seen -> acknowledged, where steps may be left out but, short of a withdrawn
 * acknowledgement, none is taken back; delivered and undecryptable alternate with who is due and who has the key.
 * undelivered when the ladder ends; it is left only by an acknowledgement. Only an acknowledgement, or the end of the ticket by those
 * who sent or took it, stops the ladder.
 */
export function advance(ticket: Ticket, event: TicketEvent, now: Instant, directory: Directory): Advanced {
  const draft = new Draft(ticket, now, directory);
  apply(draft, event);
  return { ticket: draft.ticket, effects: draft.effects };
}

function apply(draft: Draft, event: TicketEvent): void {
  switch (event.type) {
    case 'accepted':
      return; // `admit` did it.
    case 'deadline':
      if (isHeld(draft.ticket)) begin(draft);
      else climb(draft);
      return;
    case 'summary_due':
      summaryDue(draft);
      return;
    case 'posted':
      posted(draft, event);
      return;
    case 'readable':
      readable(draft, event);
      return;
    case 'seen':
      seen(draft, event);
      return;
    case 'acknowledged':
      acknowledged(draft, event);
      return;
    case 'withdrawn':
      withdrawn(draft, event);
      return;
    case 'replied':
      replied(draft, event);
      return;
    case 'shift_changed':
      shiftChanged(draft, event);
      return;
    case 'delayed':
      delayed(draft);
      return;
    case 'declined':
      declined(draft, event);
      return;
    case 'passed':
      passed(draft, event);
      return;
    case 'called_again':
      calledAgain(draft, event);
      return;
    case 'patched':
      patched(draft, event);
      return;
    case 'closed':
      closed(draft, event);
      return;
    case 'noted':
      noted(draft, event);
      return;
  }
}
