import type { CommandAnswer, ControlRoom, GivenCommand, Order } from '../flows/commandsPort.ts';
import type { Alarms, RoomEvent } from '../flows/ports.ts';
import type { BotApi, Command } from './command.ts';
import { commands } from './commands/index.ts';
import { answerContent, type Called } from './render.ts';
import { findCommand, wordsOf } from './words.ts';

type Message = Extract<RoomEvent, { type: 'message' }>;

export interface BotOptions {
  readonly room: ControlRoom;
  readonly api: BotApi;
  /** Runs a command at most once; the same event gets the same answer again. */
  readonly answer: (given: GivenCommand, order: Order) => Promise<CommandAnswer>;
  readonly alarms: Alarms;
}

/** Hears commands and answers each of them once, however often its event comes (contract.md, "Bot"). */
export class Bot {
  readonly #options: BotOptions;

  constructor(options: BotOptions) {
    this.#options = options;
  }

  /**
   * An encrypted message of a person in a room of no account. Throws for "not now": then the event comes again, and with it the same
   * answer.
   */
  async receive(event: Message): Promise<void> {
    const { room, answer, alarms } = this.#options;
    const words = wordsOf(event.body.reveal());
    if (words === null) return;
    const here = room.id();
    if (here === null) throw new Error('control-room-not-known-yet');
    if (event.room !== here) return;
    const found = findCommand(commands, words);
    const given = { room: event.room, event: event.event, sender: event.sender, signedBy: event.signedBy };
    const answered = await answer(given, this.#order(found));
    const content = answerContent(answered, found === null ? null : callOf(found.command), event);
    const posted = await room.post(`wr.answer.${event.event}`, content);
    if (posted.ok) return;
    if (posted.error.kind !== 'permanent') throw new Error('answer-not-posted');
    alarms.raise('answer-not-posted', { room: event.room });
  }

  #order(found: { readonly command: Command; readonly rest: readonly string[] } | null): Order {
    const refused = (code: string, data: CommandAnswer['data']): Order['run'] => {
      return async () => ({ outcome: 'refused', code, data, audit: [] });
    };
    if (found === null) return { command: 'unknown', needsIdentity: false, run: refused('unknown-command', {}) };
    const { command, rest } = found;
    const prepared = command.prepare(rest, this.#options.api);
    const run = prepared.ok ? prepared.value : refused('bad-argument', { ...prepared.error });
    return { command: command.name, needsIdentity: command.needsIdentity, run };
  }
}

const callOf = ({ name, usage, say }: Command): Called => ({ call: `!wr ${name} ${usage}`.trimEnd(), say });
