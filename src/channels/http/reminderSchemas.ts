/** The shapes of `/api/v1/reminders` as zod schemas: the source of its OpenAPI description, and what the contract tests hold answers against. */
import { z } from 'zod';

const instant = () => z.iso.datetime({ offset: true });

export const reminderDocument = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
      .describe('Your own, of the reminder; never a person’s name or number. The same again is the same reminder'),
    patient: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/)
      .describe('The reference under which the telephone and the consent are on file'),
    line: z.string().min(1).max(32).describe('Name of the line that sends it'),
    template: z.string().min(1).max(40).describe('Name of an approved template of the class reminder'),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/)
      .optional()
      .describe('Left out: the one that the patient wants, else en'),
    slots: z
      .record(z.string().regex(/^[a-z_]{1,20}$/), z.string().min(1).max(200))
      .optional()
      .describe('Values of the template’s slots; practice and phone are the line’s'),
    send_at: instant().optional().describe('Not before; left out: now'),
  })
  .describe('A reminder to send');

export const reminderView = z.strictObject({
  id: z.string(),
  state: z
    .enum(['blocked', 'queued', 'handing', 'sent', 'delivered', 'failed', 'refused', 'cancelled', 'unknown'])
    .describe(
      'blocked: it may not be sent; refused: by the carrier; cancelled: it may not be sent any more; unknown: nobody knows whether the patient has it, it is not sent again',
    ),
  code: z.string().nullable().describe('Why'),
  line: z.string(),
  template: z.string(),
  language: z.string(),
  version: z.int().min(1).describe('Of the template'),
  due_at: instant().nullable().describe('When it goes, or went; later than asked for where hours and limits hold it'),
  answer: z.enum(['confirm', 'reschedule']).nullable(),
  answered_at: instant().nullable(),
});
