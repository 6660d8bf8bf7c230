import type { AccountId, RoomId, TicketId } from '../kernel/ids.ts';

/** Shown to the operators of the system: metric, log line, control room. Codes and references only. */
export interface Alarms {
  raise(
    code: string,
    about: { readonly ticket?: TicketId; readonly account?: AccountId; readonly room?: RoomId },
  ): void;
}
