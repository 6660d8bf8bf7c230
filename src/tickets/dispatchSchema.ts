/** The keys of `config/dispatch.yaml`: answering services, practices, people, protocols (shape: data README). */
import { z } from 'zod';
import { protocolSchema } from './protocol.ts';
import { isClockTime, isTimeZone, WEEKDAYS, weeklyWindow } from './times.ts';

const name = () => z.string().min(1);
const clockTime = () => z.string().refine(isClockTime, 'must be a wall time, "08:30"');
const wallTime = () =>
  z.string().regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/, 'must be a local wall time, 2026-11-27T07:00');
const wallDate = () => z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date, 2026-11-27');
/** Somebody's key under people; empty: nobody, on purpose. */
const personOrNobody = () => z.string();

const weeklyHandover = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d$/;

const rotationSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('weekly'),
    anchor: wallDate(),
    handover: z.string().regex(weeklyHandover, 'must be a weekday and a wall time, "Mon 07:00"'),
    order: z.array(name()).min(1),
  }),
  z.strictObject({
    type: z.literal('daily'),
    anchor: wallDate(),
    handover: clockTime(),
    order: z.array(name()).min(1),
  }),
  z.strictObject({
    type: z.literal('custom'),
    blocks: z.array(z.tuple([wallTime(), wallTime(), personOrNobody()])),
  }),
]);

const overrideSchema = z.strictObject({
  from: wallTime(),
  to: wallTime(),
  who: personOrNobody(),
  reason: z.string().optional(),
  approved_by: name().optional(),
  /** Whose shift is overridden: the holder's, or the backup's. */
  tier: z.enum(['primary', 'backup']).optional(),
});

const roleSchema = z.strictObject({
  rotation: rotationSchema.optional(),
  backup: rotationSchema.optional(),
  overrides: z.array(overrideSchema).optional(),
});

const practiceSchema = z.strictObject({
  tz: z.string().refine(isTimeZone, 'must be an IANA time zone, America/New_York'),
  office_hours: z.strictObject({ days: z.array(z.enum(WEEKDAYS)), open: clockTime(), close: clockTime() }).optional(),
  /** Who gets the tickets when no schedule says otherwise: first = holder, second = backup. */
  default: z.array(name()).min(1),
  roles: z.record(name(), roleSchema).default({}),
  cross_org_backup: z
    .strictObject({
      org: name(),
      role: name(),
      agreement: name(),
      valid_to: wallDate(),
      /** Who can be reached there, keys under people; without any, the operator rings the other organisation. */
      people: z.array(name()).optional(),
    })
    .optional(),
  room_class: name().optional(),
  /** Where tickets go: into the account's room (room, so without it), or into the own room of each who is called. */
  deliver: z.enum(['room', 'personal']).optional(),
  /** Who is in the account's room: everybody whom a protocol can name (members, so without it), or only who is on duty. */
  access: z.enum(['members', 'on-duty']).optional(),
  /** Who reads reports and digests, in the room that is made for them where there is none; without it, the default list. */
  report_readers: z.array(name()).optional(),
  /** What reports list: tickets that wait for them (open, so without it), or also those that somebody took or closed before (all). */
  report_includes: z.enum(['open', 'all']).optional(),
});

const personSchema = z.strictObject({
  mxid: z.string().min(1),
  cell: z.string().optional(),
  second: z.string().optional(),
  /** Local times of the practice in which only STAT comes through. */
  dnd: z
    .array(
      z
        .string()
        .refine((text) => weeklyWindow(text) !== null, 'must be a weekday and two wall times, "Sat 09:00-13:00"'),
    )
    .optional(),
  /** Who is alerted instead in those times; without one such a step is skipped. */
  dnd_delegate: name().optional(),
  roles: z.array(name()).optional(),
});

const pin = z.string().regex(/^sha256\/[A-Za-z0-9+/]{43}=$/, 'must be sha256/ and the base64 of a SHA-256');

const serviceSchema = z.strictObject({
  /** WCTP senders and their security codes. */
  senders: z.array(z.strictObject({ id: name(), code: z.string().nullable().default(null) })).default([]),
  /** The service's own telephone numbers: never dialled, never a call-back number. */
  own_numbers: z.array(z.string()).default([]),
  accounts: z.array(name()),
  callback_url: z.string().optional(),
  /** Where the service takes WCTP: statuses and replies of its WCTP messages are posted there. Without it the service polls. */
  wctp_url: z.string().optional(),
  /** The keys that the server there may have: nothing is posted to another, and no certificate authority is asked. */
  wctp_pin: z
    .union([pin, z.array(pin)])
    .transform((one) => (typeof one === 'string' ? [one] : one))
    .optional(),
  /** Whether clinicians' replies go back with their text, or only the fact that there is one. */
  replies: z.enum(['text', 'flag']).default('text'),
});

const protocolName = z
  .string()
  .regex(/^.+\/(STAT|URGENT|ROUTINE|FYI)$/, 'must be ACCOUNT/STAT, /URGENT, /ROUTINE or /FYI');

export const dispatchShape = {
  site: z
    .strictObject({
      /** Who gets the tickets of an account that has no schedule. */
      default_oncall: z.array(name()).default([]),
      default_protocol: name().default('SITE-DEFAULT'),
      alarms_to: z.array(name()).default([]),
      /** Wall times of the default protocol, for accounts without a practice. */
      tz: z.string().refine(isTimeZone, 'must be an IANA time zone, America/New_York').default('UTC'),
    })
    .prefault({}),
  services: z.record(name(), serviceSchema).default({}),
  practices: z.record(name(), practiceSchema).default({}),
  people: z.record(name(), personSchema).default({}),
  protocols: z.record(protocolName, protocolSchema).default({}),
  /** Samples of what must be refused; never used. */
  broken_protocols: z.unknown().optional(),
};

export const dispatchSchema = z.strictObject(dispatchShape);
export type Dispatch = z.output<typeof dispatchSchema>;
export type Practice = Dispatch['practices'][string];
export type Rotation = z.output<typeof rotationSchema>;
