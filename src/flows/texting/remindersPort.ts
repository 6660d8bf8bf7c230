import type { Instant } from '../../kernel/clock.ts';
import type { TextId } from './carrierPort.ts';
import type { LineName, PatientRef, PhoneRef, Text } from './textsPort.ts';

/** What a patient answers a reminder with. */
export type ReminderAnswer = 'confirm' | 'reschedule';

/** One reminder that was asked for. */
export interface Reminder {
  /** Of whoever asked for it: the same again is the same reminder. */
  readonly id: string;
  /** A digest of the whole request under a key of this installation. */
  readonly fingerprint: string;
  /** The text that carries it; null: it may not be sent, `code` says why. */
  readonly text: TextId | null;
  readonly code: string | null;
  readonly line: LineName;
  readonly phone: PhoneRef;
  readonly patient: PatientRef;
  readonly template: string;
  readonly language: string;
  readonly version: number;
  /** When it was taken. */
  readonly at: Instant;
  readonly answer: ReminderAnswer | null;
  readonly answeredAt: Instant | null;
}

/** A reminder and the text that carries it, as it is now. */
export interface ReminderNow {
  readonly reminder: Reminder;
  readonly text: Pick<Text, 'state' | 'code' | 'dueAt' | 'segments'> | null;
}

export interface RemindersRead {
  one(id: string): Promise<ReminderNow | null>;
  /** Those that went from the line to the telephone, or may have, since then: the latest first. */
  sentTo(line: LineName, phone: PhoneRef, since: Instant): Promise<readonly ReminderNow[]>;
}

export interface RemindersWrite extends RemindersRead {
  add(reminder: Reminder): Promise<void>;
  answered(id: string, answer: ReminderAnswer, at: Instant): Promise<void>;
}
