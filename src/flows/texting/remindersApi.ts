/** What a scheduling system may ask of Wardroom about reminders, and what it is told (docs/reminders.md). Shapes are those of the JSON. */
import type { InvalidField } from '../ticketApi.ts';
import type { ReminderAnswer } from './remindersPort.ts';

export interface ReminderView {
  readonly id: string;
  /** `blocked`: it may not be sent; else what became of the text (`queued`, `sent`, `delivered`, `failed`, ...). */
  readonly state: string;
  /** Why, in a word of ours. */
  readonly code: string | null;
  readonly line: string;
  readonly template: string;
  readonly language: string;
  readonly version: number;
  /** RFC 3339: when it is sent, or was. */
  readonly due_at: string | null;
  readonly answer: ReminderAnswer | null;
  readonly answered_at: string | null;
}

export type ReminderOutcome =
  /** `isNew`: it was taken just now; else the same was taken before. */
  | { readonly kind: 'taken'; readonly isNew: boolean; readonly reminder: ReminderView }
  /** Another reminder has this id. */
  | { readonly kind: 'id-reused' }
  /** Nothing was kept. `path`: a JSON pointer. */
  | { readonly kind: 'refused'; readonly errors: readonly InvalidField[] }
  /** No policy can be read just now, so nothing can be decided. */
  | { readonly kind: 'no-policy' };

export interface RemindersApi {
  /** `document` is whatever JSON arrived. */
  submit(document: unknown): Promise<ReminderOutcome>;
  show(id: string): Promise<ReminderView | null>;
}
