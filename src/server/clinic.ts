import type { Desk } from '../bot/clinicianCommand.ts';
import { ClinicianBot } from '../bot/index.ts';
import { answerClinician } from '../flows/answerClinician.ts';
import { ClinicianDesk } from '../flows/clinicianDesk.ts';
import type { ClinicianCommands } from '../flows/clinicianPort.ts';
import type { Recalls } from '../flows/retention/recalls.ts';
import type { DeliveryFlow } from '../flows/ticketFlow.ts';
import type { TrainingDesk } from '../flows/training/trainingDesk.ts';
import type { AccountId, UserId } from '../kernel/ids.ts';
import { err } from '../kernel/result.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import type { Dispatch } from '../tickets/dispatchSchema.ts';

export interface ClinicParts {
  readonly flow: DeliveryFlow;
  readonly matrix: Pick<RunningMatrix, 'bot'>;
  readonly recalls: Pick<Recalls, 'recall'>;
  readonly training: Pick<TrainingDesk, 'accept'>;
  readonly breakGlass: Desk['breakGlass'];
  readonly texts: Desk['texts'];
  readonly roomNames: Desk['rooms'];
  readonly dispatch: () => Dispatch;
  /** The voices in the room of an account. */
  readonly voicesOf: (account: AccountId) => readonly UserId[];
}

/** Clinicians' commands, and who answers them: a voice of the room, in every other the bot. */
export function startClinic({
  flow,
  matrix,
  dispatch,
  voicesOf,
  recalls,
  training,
  breakGlass,
  roomNames,
  texts,
}: ClinicParts): ClinicianCommands {
  const desk = new ClinicianDesk(flow, {
    rolesOf(account) {
      const { practices } = dispatch();
      const practice = Object.hasOwn(practices, account) ? practices[account] : undefined;
      return practice ? Object.keys(practice.roles) : null;
    },
  });
  return new ClinicianBot({
    desk: {
      acknowledge: (...asked) => desk.acknowledge(...asked),
      pass: (...asked) => desk.pass(...asked),
      done: (...asked) => desk.done(...asked),
      tickets: (...asked) => desk.tickets(...asked),
      onCall: (...asked) => desk.onCall(...asked),
      breakGlass,
      texts,
      rooms: roomNames,
      recall: (...asked) => recalls.recall(...asked),
      accept: (...asked) => training.accept(...asked),
    },
    alarms: flow.alarms,
    answer: (said, order) => answerClinician(flow, said, order),
    async say({ room, account }, id, content) {
      const voice = account === null ? matrix.bot : voicesOf(account)[0];
      if (!voice) return err({ kind: 'permanent', code: 'no-voice' });
      const encrypted = await flow.voices.encrypt(voice, room, 'm.room.message', content);
      if (!encrypted.ok) return encrypted;
      return flow.voices.send(voice, room, 'm.room.encrypted', id, encrypted.value.content);
    },
  });
}
