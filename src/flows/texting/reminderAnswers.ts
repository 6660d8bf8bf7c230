import type { Tx } from '../ports.ts';
import type { ReminderAnswer, ReminderNow } from './remindersPort.ts';
import type { TextingFlow, TextLine } from './textingFlow.ts';
import type { PhoneRef } from './textsPort.ts';

/** So long after a reminder an answer is about it. */
const ABOUT_MS = 72 * 3_600_000;

/** An answer, and which reminder it is to. */
export interface Answered {
  readonly answer: ReminderAnswer;
  readonly to: ReminderNow;
}

/** The whole text is `1` or `C`, `2` or `R`: never a word that carriers act on themselves (47 CFR 64.1200(a)(10)). */
export function readAnswer(body: string): ReminderAnswer | null {
  const [, said] = /^\s*([1cC2rR])\s*[.!]?\s*$/.exec(body) ?? [];
  if (said === undefined) return null;
  return /[1c]/i.test(said) ? 'confirm' : 'reschedule';
}

/**
 * Which reminder a telephone answers: the latest that went to it. Where another patient's was not answered yet, nobody can tell, and people have to look;
 * null, as for every other text.
 */
export async function answeredReminder(
  flow: Pick<TextingFlow, 'clock'>,
  tx: Tx,
  line: TextLine,
  phone: PhoneRef,
  body: string,
): Promise<Answered | null> {
  const answer = readAnswer(body);
  if (answer === null) return null;
  const sent = await tx.reminders.sentTo(line.name, phone, flow.clock.now() - ABOUT_MS);
  const [latest] = sent;
  if (latest === undefined) return null;
  const isShared = sent.some(
    ({ reminder }) => reminder.patient !== latest.reminder.patient && reminder.answer === null,
  );
  return isShared ? null : { answer, to: latest };
}

/** In words, for the patient's room. */
export function answerShown({ answer, to: { reminder, text } }: Answered, line: TextLine): string {
  const at = new Intl.DateTimeFormat('en-US', {
    timeZone: line.timeZone,
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(text?.dueAt ?? reminder.at);
  return `${answer === 'confirm' ? 'CONFIRMS' : 'ASKS FOR ANOTHER TIME'} (answer to the reminder ${reminder.id} of ${at})`;
}
