import type { ClinicianCommands, ClinicianOrder, Said, SayInRoom } from '../flows/clinicianPort.ts';
import type { CommandAnswer } from '../flows/commandsPort.ts';
import type { Alarms } from '../flows/ports.ts';
import type { Phi } from '../kernel/phi.ts';
import { clinicianCommands } from './clinician/index.ts';
import type { ClinicianCommand, Desk } from './clinicianCommand.ts';
import { answerContent } from './render.ts';

export interface ClinicianBotOptions {
  readonly desk: Desk;
  /** Runs a command at most once; the same event gets the same answer again. */
  readonly answer: (said: Said, order: ClinicianOrder) => Promise<CommandAnswer>;
  readonly say: SayInRoom;
  readonly alarms: Alarms;
}

/** Hears clinicians' commands and answers each of them once, in the room and the thread where it was said. */
export class ClinicianBot implements ClinicianCommands {
  readonly #options: ClinicianBotOptions;

  constructor(options: ClinicianBotOptions) {
    this.#options = options;
  }

  knows(name: string): boolean {
    return find(name) !== undefined;
  }

  async receive(said: Said, name: string, words: Phi<string>): Promise<void> {
    const command = find(name);
    if (!command) return;
    const { answer, say, alarms } = this.#options;
    const answered = await answer(said, this.#order(command, words));
    const call = `!${command.name} ${command.usage}`.trimEnd();
    const { mentions } = command;
    const called = { call, say: command.say, reasons: { ...command.reasons }, ...(mentions ? { mentions } : {}) };
    const content = answerContent(answered, called, said);
    const posted = await say(said, `wr.answer.${said.event}`, content);
    if (posted.ok) return;
    if (posted.error.kind !== 'permanent') throw new Error('answer-not-posted');
    alarms.raise('answer-not-posted', { room: said.room });
  }

  #order(command: ClinicianCommand, words: Phi<string>): ClinicianOrder {
    const prepared = command.prepare(words.reveal(), this.#options.desk);
    if (prepared.ok) return { command: command.name, run: prepared.value };
    const data = { ...prepared.error };
    const run: ClinicianOrder['run'] = async () => ({
      outcome: 'refused',
      code: 'bad-argument',
      data,
      audit: [],
      jobs: [],
      moved: [],
    });
    return { command: command.name, run };
  }
}

const find = (name: string): ClinicianCommand | undefined => clinicianCommands.find((one) => one.name === name);
