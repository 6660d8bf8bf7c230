import type { TextId } from '../flows/texting/carrierPort.ts';
import type { Reminder, ReminderAnswer, ReminderNow, RemindersWrite } from '../flows/texting/remindersPort.ts';
import type { LineName, PatientRef, PhoneRef, TextState } from '../flows/texting/textsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

interface Row {
  reminder_id: string;
  fingerprint: string;
  text_id: TextId | null;
  code: string | null;
  line: LineName;
  phone_ref: PhoneRef;
  patient_ref: PatientRef;
  template: string;
  language: string;
  version: number;
  at: Instant;
  answer: ReminderAnswer | null;
  answered_at: Instant | null;
  text_state: TextState | null;
  text_code: string | null;
  text_due_at: Instant | null;
  text_segments: number | null;
}

const SELECT = `SELECT r.*, t.state AS text_state, t.code AS text_code, t.due_at AS text_due_at, t.segments AS text_segments
  FROM wardroom.reminders r LEFT JOIN wardroom.texts t ON t.text_id = r.text_id`;

/** Reminders and what was answered (migration 032). */
export class ReminderTable implements RemindersWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async one(id: string): Promise<ReminderNow | null> {
    const { rows } = await this.#db.query<Row>(prepared(`${SELECT} WHERE r.reminder_id = $1`, [id]));
    return rows[0] === undefined ? null : reminderOf(rows[0]);
  }

  async sentTo(line: LineName, phone: PhoneRef, since: Instant): Promise<readonly ReminderNow[]> {
    const { rows } = await this.#db.query<Row>(
      prepared(
        `${SELECT} WHERE t.line = $1 AND t.phone_ref = $2 AND t.state IN ('sent', 'delivered', 'unknown')
            AND t.due_at >= to_timestamp($3::bigint / 1000.0)
          ORDER BY t.due_at DESC, r.number DESC`,
        [line, phone, since],
      ),
    );
    return rows.map(reminderOf);
  }

  async add(reminder: Reminder): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.reminders
           (reminder_id, fingerprint, text_id, code, line, phone_ref, patient_ref, template, language, version, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::bigint / 1000.0))`,
        [
          reminder.id,
          reminder.fingerprint,
          reminder.text,
          reminder.code,
          reminder.line,
          reminder.phone,
          reminder.patient,
          reminder.template,
          reminder.language,
          reminder.version,
          reminder.at,
        ],
      ),
    );
  }

  async answered(id: string, answer: ReminderAnswer, at: Instant): Promise<void> {
    await this.#db.query(
      prepared(
        `UPDATE wardroom.reminders SET answer = $2, answered_at = to_timestamp($3::bigint / 1000.0) WHERE reminder_id = $1`,
        [id, answer, at],
      ),
    );
  }
}

const reminderOf = (row: Row): ReminderNow => ({
  reminder: {
    id: row.reminder_id,
    fingerprint: row.fingerprint,
    text: row.text_id,
    code: row.code,
    line: row.line,
    phone: row.phone_ref,
    patient: row.patient_ref,
    template: row.template,
    language: row.language,
    version: row.version,
    at: row.at,
    answer: row.answer,
    answeredAt: row.answered_at,
  },
  text:
    row.text_state === null || row.text_due_at === null
      ? null
      : { state: row.text_state, code: row.text_code, dueAt: row.text_due_at, segments: row.text_segments },
});
