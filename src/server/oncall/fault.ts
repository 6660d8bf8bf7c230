import type { ScheduleRefusal } from '../../flows/scheduleDeskPort.ts';
import { CommandError, type ExitCode } from '../cli/exit.ts';

/** What cannot be done with a schedule: in words for the command line, as a refusal for commands that must not repeat what was typed. */
export class ScheduleFault extends CommandError {
  readonly refusal: ScheduleRefusal;

  constructor(code: ExitCode, message: string, refusal: ScheduleRefusal) {
    super(code, message);
    this.refusal = refusal;
  }
}
