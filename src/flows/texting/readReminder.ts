import { z } from 'zod';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { InvalidField } from '../ticketApi.ts';

/** The system's own names of things; never a person's. */
const id = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

const schema = z.strictObject({
  id: z.string().regex(id),
  patient: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/),
  line: z.string().min(1).max(32),
  template: z.string().min(1).max(40),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/)
    .optional(),
  slots: z.record(z.string().regex(/^[a-z_]{1,20}$/), z.string().min(1).max(200)).default({}),
  send_at: z.iso.datetime({ offset: true }).optional(),
});

export type ReminderDocument = z.output<typeof schema>;

/** A reminder as it was sent. Faults name places, never what stood there. */
export function readReminder(document: unknown): Result<ReminderDocument, readonly InvalidField[]> {
  const read = schema.safeParse(document);
  if (read.success) return ok(read.data);
  return err(
    read.error.issues.map(({ path, code }) => ({
      // Keys that nobody knows may be anything: only those of ours are named.
      path: path.length === 0 ? '' : `/${path.map(String).slice(0, 1).join('/')}`,
      code: code === 'unrecognized_keys' ? 'unknown-key' : 'invalid',
    })),
  );
}
