import type { EventId, MasterKey, RoomId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { AuditEntry, Tx } from './ports.ts';

/** contract.md, "Bot": what a command is answered, in `org.wardroom.answer`. */
export interface CommandAnswer {
  /** The name of the command; `unknown` when there is none. Never what was typed. */
  readonly command: string;
  readonly outcome: 'ok' | 'refused' | 'failed' | 'confirm' | 'running';
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a command did, inside the transaction it ran in. */
export interface Decided {
  readonly outcome: CommandAnswer['outcome'];
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly audit: readonly AuditEntry[];
}

/** A command that was read. */
export interface Order {
  readonly command: string;
  /** It may only be given from a device that the sender's identity signs, whatever the configuration allows. */
  readonly needsIdentity: boolean;
  readonly run: (tx: Tx, given: GivenCommand) => Promise<Decided>;
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
}

export interface CommandsWrite extends CommandsRead {
  save(event: EventId, answer: CommandAnswer): Promise<void>;
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
