/** What became of one timeline in the real stack. */
import type { Callback } from '../../../src/dev/demo/answeringService.ts';
import type { Pushed } from '../../../src/dev/demo/wctpConsole.ts';
import type { SeenEvent } from '../../../src/dev/person.ts';
import { ticketPart } from '../../../src/dev/roomHistory.ts';
import type { Timeline } from '../../tickets/fixtures.ts';
import { ticketsIn } from '../support/rooms.ts';
import type { TicketState } from '../support/ward.ts';

/** A ticket as it was at an instant of business time. */
export interface Sample {
  readonly at: number;
  readonly ticket: TicketState;
}

/** Something that came at an instant of business time. */
export interface Came<T> {
  readonly at: number;
  readonly what: T;
}

export interface Run {
  readonly timeline: Timeline;
  readonly account: string;
  readonly room: string;
  readonly service: string;
  /** Wardroom's ids of the tickets, by their names in the data; the first is the timeline's own. */
  readonly tickets: Map<string, string>;
  readonly acceptedAt: number;
  readonly samples: Sample[];
  /** The last sample before the ticket was closed for the sake of those that come after. */
  ended: TicketState | null;
  /** The service's open tickets then. */
  board: ReadonlySet<string>;
  /** About any ticket of the run, in the order of arrival. */
  readonly callbacks: Came<Callback>[];
  readonly pushed: Came<Pushed>[];
  readonly messages: Came<SeenEvent>[];
}

export const mainTicket = (run: Run): string => run.tickets.get(run.timeline.ticket) ?? '';

/** Everything the ticket's log holds. */
export function logOf(run: Run): readonly { readonly at: number; readonly entry: TicketState['timeline'][number] }[] {
  if (run.ended === null) throw new Error(`${run.timeline.id} has not ended`);
  return run.ended.timeline.map((entry) => ({ at: Date.parse(entry.at), entry }));
}

/** The ticket as it was first looked at, at this instant or after it. */
export function sampleAt(run: Run, at: number): TicketState {
  const sample = run.samples.find((one) => one.at >= at);
  if (!sample) throw new Error(`${run.timeline.id} was not looked at after ${new Date(at).toISOString()}`);
  return sample.ticket;
}

export const messagesOf = (run: Run, kind: string, step?: number): readonly Came<SeenEvent>[] =>
  run.messages.filter(({ what }) => {
    const part = ticketPart(what.content);
    const isMain = ticketsIn(what.content).includes(mainTicket(run));
    return isMain && part?.kind === kind && (step === undefined || part.step === step);
  });
