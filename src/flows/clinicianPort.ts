import type { AccountId, EventId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { Strength, Ticket } from '../tickets/ticket.ts';
import type { Consequences } from './advanceTicket.ts';
import type { Decided } from './commandsPort.ts';
import type { Job, Tx } from './ports.ts';

/** A word after `!` that a person said, encrypted (contract.md, "Bot"). */
export interface Said {
  readonly room: RoomId;
  /** Whose room it is; null for the control room. */
  readonly account: AccountId | null;
  readonly event: EventId;
  readonly sender: UserId;
  readonly thread: EventId | null;
  /** The ticket in whose thread it was said, or to whose message it replies. */
  readonly target: TicketId | null;
  /** The message to which it replies. */
  readonly replyTo: EventId | null;
  /** Whom the message mentions. */
  readonly mentions: readonly UserId[];
  readonly strength: Strength;
  /** The device is signed by the sender's identity, whatever the configuration accepts. */
  readonly isCrossSigned: boolean;
  /** Heard so late that what names no ticket may have been meant for one that is over. */
  readonly isOld: boolean;
}

/** What a clinician's command did, inside the transaction it ran in. */
export interface Performed extends Decided {
  readonly jobs: readonly Job[];
  /** Tickets that it moved, for what is told after the commit. */
  readonly moved: readonly { readonly before: Ticket; readonly after: Consequences }[];
}

/** A clinician's command that was read. */
export interface ClinicianOrder {
  readonly command: string;
  readonly run: (tx: Tx, said: Said) => Promise<Performed>;
}

/** Hears clinicians' commands. */
export interface ClinicianCommands {
  knows(name: string): boolean;
  /** Runs it once and answers it once, however often the event comes. Throws for "not now": then the event comes again. */
  receive(said: Said, name: string, words: Phi<string>): Promise<void>;
}

/** Posts, encrypted, as somebody who is in the room. The same `id` is one message, however often it is posted. */
export type SayInRoom = (
  said: Pick<Said, 'room' | 'account'>,
  id: string,
  content: Phi<Record<string, unknown>>,
) => Promise<Result<EventId, PortFailure>>;
