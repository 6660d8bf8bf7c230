/**
 * What happened to a patient's consent, as it is kept for good: plain JSON, read back through `readConsentEvent`. The evidence may be the
 * patient's own words: whoever stores an event seals it.
 */
import { z } from 'zod';
import { wordIssues } from '../../kernel/issueWords.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** `sms` and `voice` reach a telephone, `email` an address. */
export const channels = ['sms', 'voice', 'email'] as const;
export type Channel = (typeof channels)[number];

/**
 * What a patient agreed to. `reminder`: that there is an appointment, nothing else; `clinical_link`: a link to, or a notice of, health information;
 * `content`: health information itself; `marketing`; `none`: was asked, and said no.
 */
export const scopes = ['reminder', 'clinical_link', 'content', 'marketing', 'none'] as const;
export type Scope = (typeof scopes)[number];

/**
 * How it was said. `sms_yes`: answered an opt-in question; `number_given`: gave the number at registration, nothing more (rule T2); `sms`, `keypress`:
 * a reply to what we sent; `carrier`: the carrier's own list of who opted out, or its bounce.
 */
export const methods = [
  'paper',
  'portal',
  'in_person',
  'voice',
  'email',
  'sms',
  'sms_yes',
  'keypress',
  'number_given',
  'carrier',
] as const;
export type Method = (typeof methods)[number];

const instant = z.int().min(0);
const short = (most: number) => z.string().trim().min(1).max(most);
const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language such as en or es');

const common = {
  /** Opaque, unique in the history. */
  id: short(100),
  /** When it was put on record; business time. */
  at: instant,
  /** Who recorded it: a Matrix user, or what did it for the patient (`patient`, `carrier`, `import`). */
  by: short(255),
  channel: z.enum(channels),
  /** The telephone in E.164, or the e-mail address: a revocation names it, and not the patient. */
  to: short(320),
  /** What proves it: the wording of the text, where the signed form lies, who heard it. */
  evidence: short(2000),
};

const eventSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('granted'),
      ...common,
      patient: short(200),
      scopes: z.array(z.enum(scopes)).min(1),
      method: z.enum(methods),
      language,
      from: instant,
      /** Up to but not including; null: until it is revoked. */
      until: instant.nullable(),
    }),
    /** The patient was told that texts are not encrypted, and chose (45 CFR 164.522(b), 78 FR 5634). */
    z.strictObject({
      type: z.literal('risk_notice'),
      ...common,
      patient: short(200),
      version: short(60),
      method: z.enum(methods),
      language,
      choice: z.enum(['accepted', 'declined']),
    }),
    z.strictObject({
      type: z.literal('revoked'),
      ...common,
      /** Whose it was, where that is known; it counts for everybody on that telephone. */
      patient: short(200).nullable(),
      method: z.enum(methods),
      /** What is to end; null: everything. Rules T5 and T11 say when a part of it is enough. */
      topics: z.array(z.enum(scopes)).min(1).nullable(),
      /** Somebody has to look at it: the wording left room for doubt. It is stopped all the same. */
      review: z.boolean(),
    }),
    /** Another person has that telephone now, or always had. What was agreed before is void. */
    z.strictObject({
      type: z.literal('reassigned'),
      ...common,
      patient: short(200).nullable(),
      method: z.enum(methods),
      why: z.enum(['wrong-person', 'reassigned', 'disconnected']),
    }),
    /**
     * The holder of the telephone wants texts again: wrote START, or told staff; what staff records takes a second person.
     */
    z.strictObject({
      type: z.literal('restarted'),
      ...common,
      method: z.enum(methods),
      reviewedBy: short(255).nullable(),
    }),
    /** A person looked at one `revoked` or `reassigned`, named by its id. `mistaken`: it was none. */
    z.strictObject({
      type: z.literal('reviewed'),
      ...common,
      of: short(100),
      decision: z.enum(['confirmed', 'mistaken']),
    }),
    /** The patient proved to have the telephone: gave back a code that was sent to it (45 CFR 164.530(c)). */
    z.strictObject({
      type: z.literal('verified'),
      ...common,
      patient: short(200),
      method: z.enum(methods),
    }),
  ])
  .superRefine((event, ctx) => {
    const fault = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    if (event.channel === 'email' ? !/^[^\s@]+@[^\s@]+$/.test(event.to) : !/^\+[1-9]\d{6,14}$/.test(event.to))
      fault('to', event.channel === 'email' ? 'must be an e-mail address' : 'must be a telephone number, +12125550142');
    if (event.type === 'granted') {
      if (event.until !== null && event.until <= event.from) fault('until', 'must be later than "from"');
      if (event.scopes.includes('none') && event.scopes.length > 1)
        fault('scopes', 'must be "none" alone, or what was agreed to');
    }
    if (event.type === 'restarted' && event.method !== 'sms') {
      if (event.reviewedBy === null) fault('reviewedBy', 'must be a second person, unless the holder wrote START');
      else if (event.reviewedBy === event.by) fault('reviewedBy', 'must be somebody else than who recorded it');
    }
  });

export type ConsentEvent = z.infer<typeof eventSchema>;
export type EventOf<T extends ConsentEvent['type']> = Extract<ConsentEvent, { type: T }>;

export interface EventFault {
  readonly path: string;
  readonly what: string;
}

/** An event as it was stored or drafted, checked; or everything that is wrong with it, without the values. */
export function readConsentEvent(document: unknown): Result<ConsentEvent, readonly EventFault[]> {
  const read = eventSchema.safeParse(document);
  if (read.success) return ok(read.data);
  return err(wordIssues(read.error.issues, document).map(({ path, what }) => ({ path: path.join('.'), what })));
}
