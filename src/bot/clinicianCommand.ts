import type { BreakGlass } from '../flows/breakGlass/breakGlass.ts';
import type { ClinicianDesk } from '../flows/clinicianDesk.ts';
import type { ClinicianOrder } from '../flows/clinicianPort.ts';
import type { CommandAnswer } from '../flows/commandsPort.ts';
import type { Recalls } from '../flows/retention/recalls.ts';
import type { RoomDesk } from '../flows/rooms/roomDesk.ts';
import type { TextAnswers } from '../flows/texting/answerTexts.ts';
import type { ConsentHere } from '../flows/texting/consentHere.ts';
import type { Triage } from '../flows/texting/triage.ts';
import type { TrainingDesk } from '../flows/training/trainingDesk.ts';
import type { Result } from '../kernel/result.ts';
import type { BadArgument } from './arguments.ts';
import type { Piece } from './render.ts';

/** What clinicians' commands work with. */
export type Desk = Pick<ClinicianDesk, 'acknowledge' | 'pass' | 'done' | 'tickets' | 'onCall'> &
  Pick<Recalls, 'recall'> &
  Pick<TrainingDesk, 'accept'> & {
    /** Texts of patients. */
    readonly texts: Pick<Triage, 'assign'> & Pick<TextAnswers, 'release'> & Pick<ConsentHere, 'scopes' | 'record'>;
    readonly breakGlass: Pick<BreakGlass, 'hear'>;
    /** What rooms are called. */
    readonly rooms: Pick<RoomDesk, 'find' | 'names'>;
  };

/** One command of clinicians: a word after `!`, in any room that Wardroom keeps. */
export interface ClinicianCommand {
  readonly name: string;
  /** Its arguments, as a refusal shows them; empty when it takes none. */
  readonly usage: string;
  /** Reads what follows the word. May be health information: nothing of it goes into the answer. */
  prepare(words: string, desk: Desk): Result<ClinicianOrder['run'], BadArgument>;
  /** Why, for codes of refusals that only this command has. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** The lines in which people read a successful answer. */
  say(data: CommandAnswer['data']): readonly Piece[];
  /** Whom the answer is for beside who gave the command: their clients tell them. */
  mentions?(data: CommandAnswer['data']): readonly string[];
}

/** A ticket's number at the start, where there is one, and the rest. */
export function numberFirst(words: string): { readonly number: string | null; readonly rest: string } {
  const match = /^([0-9]{1,9})(?:\s+([\s\S]*))?$/.exec(words.trim());
  return match ? { number: match[1]!, rest: (match[2] ?? '').trim() } : { number: null, rest: words.trim() };
}
