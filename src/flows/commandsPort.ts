import type { Instant } from '../kernel/clock.ts';
import type { EventId, MasterKey, RoomId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { AuditEntry, Job, Tx } from './ports.ts';

/** contract.md, "Bot": what a command is answered, in `org.wardroom.answer`. */
export interface CommandAnswer {
  /** The name of the command; `unknown` when there is none. Never what was typed. */
  readonly command: string;
  readonly outcome: 'ok' | 'refused' | 'failed' | 'confirm' | 'running';
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** With `confirm`: the code to say, and until when it counts (RFC 3339). */
  readonly confirm?: string;
  readonly expires_at?: string;
  /** It was `running` first: what is shown now is an edit of that. Not shown itself. */
  readonly long?: true;
  /** What people read beside `data`: texts that somebody wrote, by name. Kept sealed; only of answers that are never `running`. */
  readonly words?: Phi<Readonly<Record<string, string>>>;
}

/** What a command did, inside the transaction it ran in. */
export interface Decided {
  readonly outcome: CommandAnswer['outcome'];
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly words?: CommandAnswer['words'];
  readonly audit: readonly AuditEntry[];
  readonly jobs?: readonly Job[];
  /** What the audit log keeps of the arguments: names and numbers that Wardroom knows, never words that somebody chose freely. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** With `confirm`: what is done when it is confirmed. */
  readonly asks?: Asked;
  /** Called after the commit, and only then: alarms, figures. */
  readonly afterwards?: () => void;
}

/** What waits to be confirmed. */
export interface Asked {
  /** All that applying it takes; kept as JSON. */
  readonly plan: Readonly<Record<string, unknown>>;
  /** It weakens protection: somebody else than who asked must confirm it. */
  readonly secondPerson: boolean;
}

/** How a command that asks first is done. */
export interface Confirmable {
  /**
   * Everything of the present that what was shown depends on, as a JSON value. When it is another one at the confirmation, nothing is
   * applied: people confirm what they saw.
   */
  basis(tx: Tx, plan: Asked['plan']): Promise<unknown>;
  apply(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided>;
}

/** A command that was read. */
export interface Order {
  readonly command: string;
  /** It may only be given from a device that the sender's identity signs, whatever the configuration allows. */
  readonly needsIdentity: boolean;
  readonly run: (tx: Tx, given: GivenCommand) => Promise<Decided>;
  readonly confirmable?: Confirmable;
  /** The rest of an answer that is `running`: long work, outside of any transaction. After a crash it is done again. */
  readonly finish?: (given: GivenCommand, data: CommandAnswer['data']) => Promise<Decided>;
}

/** A command's answer, and whether it was given just now. */
export interface Answered {
  readonly answer: CommandAnswer;
  readonly isNew: boolean;
}

/** A message that gives a command, encrypted, in the control room. */
export interface GivenCommand {
  readonly room: RoomId;
  readonly event: EventId;
  readonly sender: UserId;
  readonly signedBy: MasterKey | null;
}

/** Answers to commands, by the event that gave them. */
export interface CommandsRead {
  answerTo(event: EventId): Promise<CommandAnswer | null>;
  /** Commands whose long work did not come to its end, in the order in which they were given. */
  unfinished(): Promise<readonly { readonly given: GivenCommand; readonly answer: CommandAnswer }[]>;
}

export interface CommandsWrite extends CommandsRead {
  save(event: EventId, answer: CommandAnswer, at: Instant): Promise<void>;
  /** In place of the one that was `running`. */
  finish(event: EventId, answer: CommandAnswer, at: Instant): Promise<void>;
}

/** The encrypted room in which commands are given. */
export interface ControlRoom {
  /** Null until it was found or made. */
  id(): RoomId | null;
  /** Of these people, who is in it with a device that would be given the key of a message now. */
  readers(users: readonly UserId[]): Promise<readonly UserId[]>;
  /** Posts as the bot, encrypted. The same `id` is one message, however often it is posted. */
  post(id: string, content: Phi<Record<string, unknown>>): Promise<Result<EventId, PortFailure>>;
}
