import type { Administrators } from '../flows/administrators.ts';
import type { CommandAnswer, Order } from '../flows/commandsPort.ts';
import type { Result } from '../kernel/result.ts';

/** What commands work with. */
export interface BotApi {
  readonly administrators: Pick<Administrators, 'list' | 'confirm'>;
}

/** The first argument that cannot be meant, as the usage names it. */
export interface BadArgument {
  readonly argument: string;
}

/** One command of the bot. */
export interface Command {
  /** The words after `!wr` that call it. */
  readonly name: string;
  /** Its arguments, as `help` shows them; empty when it takes none. */
  readonly usage: string;
  readonly summary: string;
  /** It may only be given from a device that the sender's identity signs, whatever the configuration allows. */
  readonly needsIdentity: boolean;
  /** Reads the words after the name. */
  prepare(words: readonly string[], api: BotApi): Result<Order['run'], BadArgument>;
  /** The lines in which people read a successful answer. */
  say(data: CommandAnswer['data']): readonly string[];
}
