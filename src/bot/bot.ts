import type {
  Answered,
  CommandAnswer,
  Confirmable,
  ControlRoom,
  Decided,
  GivenCommand,
  Order,
} from '../flows/commandsPort.ts';
import type { Alarms, RoomEvent, Tx } from '../flows/ports.ts';
import type { EventId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import { type BadArgument, readArguments, usageOf } from './arguments.ts';
import type { BotApi, Command } from './command.ts';
import { commands } from './commands/index.ts';
import { withUserIds } from './pills.ts';
import { answerContent, type Called, editContent } from './render.ts';
import { nearest } from './suggest.ts';
import { type BotName, findCommand, hidesSomething, LONGEST_MESSAGE, tokensOf, wordsOf } from './words.ts';

type Message = Extract<RoomEvent, { type: 'message' }>;

export interface BotOptions {
  readonly room: ControlRoom;
  readonly api: Omit<BotApi, 'confirm'>;
  /** Whom messages may call instead of writing `!wr`. */
  readonly self: BotName;
  /** Runs a command at most once; the same event gets the same answer again. */
  readonly answer: (given: GivenCommand, order: Order) => Promise<Answered>;
  /** Does what waits under a code. `find`: how a command that asked is done. */
  readonly confirm: (
    tx: Tx,
    given: GivenCommand,
    code: string,
    find: (command: string) => Confirmable | null,
  ) => Promise<Decided>;
  /** Does the rest of a command whose answer is `running`; what it came to. */
  readonly finish: (given: GivenCommand, order: Order) => Promise<CommandAnswer>;
  readonly alarms: Alarms;
  /** All that can be said; default: every command there is. */
  readonly commands?: readonly Command[];
  /** How long work may take before it is shown that it is under way. Default one second. */
  readonly patienceMs?: number;
  /** Work in the background failed. */
  readonly onFailure: (error: unknown) => void;
}

const PATIENCE_MS = 1_000;

/** A command that was called, or why it cannot be. */
interface Understood {
  readonly order: Order;
  readonly called: Called | null;
}

/** Hears commands and answers each of them once, however often its event comes (contract.md, "Bot"). */
export class Bot {
  readonly #options: BotOptions;
  readonly #commands: readonly Command[];
  readonly #api: BotApi;
  /** Long work that other commands do not wait for. */
  readonly #background = new Set<Promise<void>>();

  constructor(options: BotOptions) {
    this.#options = options;
    this.#commands = options.commands ?? commands;
    this.#api = {
      ...options.api,
      confirm: (tx, given, code) => options.confirm(tx, given, code, (name) => this.#confirmable(this.#named(name))),
    };
  }

  /**
   * An encrypted message of a person in a room of no account. Throws for "not now": then the event comes again, and with it the same
   * answer. Commands are done one after the other, as they were said, but for those that work in the background.
   */
  async receive(event: Message): Promise<void> {
    const { room, answer, self } = this.#options;
    const said = withUserIds(event.body.reveal(), event.formatted?.reveal() ?? null);
    const text = wordsOf(said, self, event.mentions);
    if (text === null) return;
    const here = room.id();
    if (here === null) throw new Error('control-room-not-known-yet');
    if (event.room !== here) return;
    const { order, called } = this.#understand(text);
    const given = { room: event.room, event: event.event, sender: event.sender, signedBy: event.signedBy };
    const answered = await answer(given, order);
    if (answered.answer.long === undefined)
      await this.#post(`wr.answer.${event.event}`, answerContent(answered.answer, called, event));
    else await this.#showWork(event, given, order, called, answered);
  }

  /** Long work is shown as running, and what it came to in the same message; what is done quickly is shown once. */
  async #showWork(
    event: Message,
    given: GivenCommand,
    order: Order,
    called: Called | null,
    { answer, isNew }: Answered,
  ): Promise<void> {
    const id = `wr.answer.${event.event}`;
    const running: CommandAnswer = { command: answer.command, outcome: 'running', code: 'running', data: {} };
    const show = () => this.#post(id, answerContent(running, called, event));
    // When the event came before, it may have been shown already: that comes first, since it is one message with one id.
    let shown = isNew ? null : await show();
    const finishing = this.#options.finish(given, order);
    if (isNew && !(await this.#isQuick(finishing))) shown = await show();
    if (shown !== null && this.#named(answer.command)?.inBackground) {
      this.#follow(this.#showEnd(id, finishing, called, shown));
      return;
    }
    const final = await finishing;
    if (isNew && shown === null) await this.#post(id, answerContent(final, called, event));
    else if (shown !== null) await this.#post(`${id}.final`, editContent(final, called, shown));
  }

  async #showEnd(id: string, finishing: Promise<CommandAnswer>, called: Called | null, shown: EventId): Promise<void> {
    await this.#post(`${id}.final`, editContent(await finishing, called, shown));
  }

  /** Goes on with the work in the background that a stop or a death interrupted, and shows what it comes to. */
  async resume(unfinished: readonly { readonly given: GivenCommand; readonly answer: CommandAnswer }[]): Promise<void> {
    for (const { given, answer } of unfinished) {
      const command = this.#named(answer.command);
      if (!command?.inBackground) continue;
      const called = this.#called(command);
      const id = `wr.answer.${given.event}`;
      const running: CommandAnswer = { command: answer.command, outcome: 'running', code: 'running', data: {} };
      const shown = await this.#post(id, answerContent(running, called, { ...given, thread: null }));
      const order = this.#order(command, async () => ({ outcome: 'failed', code: 'interrupted', data: {}, audit: [] }));
      if (shown !== null) this.#follow(this.#showEnd(id, this.#options.finish(given, order), called, shown));
    }
  }

  /** Resolves when nothing works in the background. */
  async idle(): Promise<void> {
    await Promise.all(this.#background);
  }

  #follow(work: Promise<void>): void {
    const followed = work.catch(this.#options.onFailure).finally(() => this.#background.delete(followed));
    this.#background.add(followed);
  }

  async #isQuick(work: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), this.#options.patienceMs ?? PATIENCE_MS);
    });
    const done = work.then(
      () => true,
      () => true,
    );
    return Promise.race([done, late]).finally(() => clearTimeout(timer));
  }

  /** Null: it will never be taken, which is alarmed. */
  async #post(id: string, content: Phi<Record<string, unknown>>): Promise<EventId | null> {
    const { room, alarms } = this.#options;
    const posted = await room.post(id, content);
    if (posted.ok) return posted.value;
    if (posted.error.kind !== 'permanent') throw new Error('answer-not-posted');
    const here = room.id();
    alarms.raise('answer-not-posted', here === null ? {} : { room: here });
    return null;
  }

  #understand(text: string): Understood {
    const refusedAs = (command: string, code: string, data: Readonly<Record<string, unknown>>): Order => ({
      command,
      needsIdentity: false,
      run: async () => ({ outcome: 'refused', code, data, audit: [] }),
    });
    const bad = (command: string, error: BadArgument) => refusedAs(command, 'bad-argument', { ...error });
    if (text.length > LONGEST_MESSAGE)
      return { order: bad('unknown', { argument: 'the message', why: 'too-long' }), called: null };
    if (hidesSomething(text))
      return { order: bad('unknown', { argument: 'the message', why: 'hidden' }), called: null };
    const tokens = tokensOf(text);
    const words = tokens.map((token) => token.text);
    const found = findCommand(this.#commands, words);
    if (found === null) {
      const near = this.#near(words);
      return {
        order: refusedAs('unknown', 'unknown-command', near.length > 0 ? { did_you_mean: near } : {}),
        called: null,
      };
    }
    const { command, named } = found;
    const called = this.#called(command);
    const read = readArguments(command, tokens.slice(named), text);
    const prepared = read.ok ? command.prepare(read.value, this.#api) : read;
    return {
      order: prepared.ok ? this.#order(command, prepared.value) : bad(command.name, prepared.error),
      called,
    };
  }

  #order(command: Command, run: Order['run']): Order {
    const api = this.#api;
    const confirmable = this.#confirmable(command);
    return {
      command: command.name,
      needsIdentity: command.needsIdentity,
      run,
      ...(confirmable === null ? {} : { confirmable }),
      finish: async (given, data) => {
        // What was confirmed is finished by the command that asked.
        const doer = typeof data.of === 'string' ? this.#named(data.of) : command;
        if (!doer?.finish) throw new Error('nothing-to-finish');
        const finished = await doer.finish(data, api, given);
        return doer === command ? finished : { ...finished, data: { ...finished.data, of: doer.name } };
      },
    };
  }

  #confirmable(command: Command | undefined): Confirmable | null {
    const confirmed = command?.confirmed;
    const api = this.#api;
    return confirmed
      ? {
          basis: (tx, plan) => confirmed.basis(tx, plan, api),
          apply: (tx, given, plan) => confirmed.apply(tx, given, plan, api),
        }
      : null;
  }

  #named(name: string): Command | undefined {
    return this.#commands.find((one) => one.name === name);
  }

  #called(command: Command): Called {
    const { name, reasons, confirmed, say } = command;
    // What was confirmed is said as the command that asked would say it.
    const doer = (data: CommandAnswer['data']) => (typeof data.of === 'string' ? this.#named(data.of) : undefined);
    return {
      call: `!wr ${name} ${usageOf(command)}`.trimEnd(),
      help: `!wr help ${name}`,
      reasons: { ...reasons },
      say: (data, words) => (doer(data) ?? { say }).say(data, words),
      ...(confirmed ? { show: confirmed.show } : {}),
    };
  }

  /** Commands that may have been meant: of the same first word, else of about the same words. */
  #near(words: readonly string[]): readonly string[] {
    const names = this.#commands.map(({ name }) => name);
    const first = words[0]?.toLowerCase() ?? '';
    const group = names.filter((name) => name.startsWith(`${first} `));
    const typed = words.slice(0, 2).join(' ');
    const near = nearest(typed, group.length > 0 ? group : names);
    const alone = near.length > 0 ? near : nearest(first, names);
    const shown = alone.length > 0 ? alone : group.length > 0 ? group : this.#groupsLike(first, names);
    return shown.slice(0, 12).map((name) => `!wr ${name}`);
  }

  #groupsLike(word: string, names: readonly string[]): readonly string[] {
    const groups = [...new Set(names.map((name) => name.split(' ')[0]!))];
    const [near] = nearest(word, groups, 1);
    return near === undefined ? [] : names.filter((name) => name.split(' ')[0] === near);
  }
}
