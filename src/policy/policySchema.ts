/**
 * The keys of `config/policy.yaml`: room classes, roles, agreements. Every setting says which regulation it serves; the texts go
 * into `config/policy.schema.json`. Nothing is transformed: what was read can be written, compared and read again.
 */
import { z } from 'zod';
import { weekdays } from './review/weeks.ts';
import { date, domain, duration, slug, timeOfDay, timeZone } from './values.ts';

/** Stands for every role: whoever holds any. */
export const EVERYONE = 'everyone';

const roleNames = () => z.array(slug());

const encryptionSchema = z
  .strictObject({
    messages: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('After so many messages the next one is encrypted with a new session (Matrix: rotation_period_msgs)'),
    period: duration().default('7d').describe('After this time, too (Matrix: rotation_period_ms)'),
  })
  .prefault({})
  .describe(
    'Rooms are always encrypted, there is no switch (45 CFR 164.312(a)(2)(iv), (e)(2)(ii)); here only how often the key changes',
  );

const retentionSchema = z
  .strictObject({
    max_age: z
      .union([z.literal('never'), duration()])
      .default('30d')
      .describe(
        'Messages older than this are deleted; never: they are kept. Length of medical records is state law (45 CFR 164.316(b)(2)(i) for documentation: 6 years)',
      ),
    min_age: duration()
      .default('0d')
      .describe('Nothing younger than this is deleted, whoever asks (45 CFR 164.316(b)(2)(i), 164.312(c)(1))'),
    unread_stat: z
      .literal('keep')
      .default('keep')
      .describe('A STAT message that nobody acknowledged is kept whatever its age; it cannot be switched off'),
    cross_org: z
      .enum(['own', 'min_of_both'])
      .default('own')
      .describe("Rooms with a partner: our max_age, or the shorter of ours and the partner's"),
    publish: z
      .boolean()
      .default(false)
      .describe(
        "Write m.room.retention also in rooms that partners' servers may be in, so that those that purge do it, too. They then purge unacknowledged STAT messages as well. Elsewhere it is always there, to tell clients",
      ),
  })
  .prefault({})
  .describe('How long messages live');

const breakGlassSchema = z
  .strictObject({
    longest: duration()
      .default('30m')
      .describe('How long it lasts at most, and where nothing is said; 0m: there is none'),
    roles: roleNames()
      .min(1)
      .default(['physician', 'nurse', 'psychiatry', 'privacy-officer', 'security-officer', 'admin'])
      .describe('Who may take it'),
    past: duration().default('24h').describe('How far back the transcript goes that comes with it (45 CFR 164.514(d))'),
    messages: z.int().min(0).max(1_000).default(200).describe('How many messages the transcript has at most'),
  })
  .prefault({})
  .describe(
    'Emergency access by people of this hospital who may not be in the room: with a reason, for a while, told to the officers, reviewed (45 CFR 164.312(a)(2)(ii))',
  );

export const classSchema = z.strictObject({
  title: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9 -]{0,29}$/, 'must be a few words, letters and digits only, beginning with a capital')
    .default('Room')
    .describe('In words; rooms with opaque names are called by it and a reference'),
  phi: z
    .boolean()
    .default(true)
    .describe(
      'Whether messages may hold health information (45 CFR 160.103); false only tightens what else is allowed',
    ),
  roles: roleNames()
    .min(1)
    .describe(
      `Who may be in such a room: role-based access and minimum necessary (45 CFR 164.308(a)(4), 164.312(a)(1), 164.514(d)). ${EVERYONE}: whoever holds any role`,
    ),
  excluded_roles: roleNames()
    .default([])
    .describe('Who holds one of these stays out, whatever else they hold: separation of duties (45 CFR 164.308(a)(3))'),
  membership: z
    .enum(['automatic', 'by-name'])
    .default('by-name')
    .describe(
      "automatic: whoever holds one of the room's roles is brought in; by-name: who is named, and whoever joins",
    ),
  federation: z
    .enum(['never', 'agreement', 'coverage'])
    .default('never')
    .describe(
      'Whether people of partners may be in: never; where an agreement names this class; or (coverage) also where a coverage agreement of this account is in force (business associate contracts, 45 CFR 164.308(b)(1), 164.504(e))',
    ),
  join: z
    .enum(['restricted', 'invite'])
    .default('restricted')
    .describe(
      'restricted: whoever is in the space of one of its roles may join (45 CFR 164.308(a)(4)(ii)(B)); invite: only whom Wardroom invites',
    ),
  history_visibility: z
    .enum(['joined', 'invited', 'shared'])
    .default('joined')
    .describe('Which messages a new member may read: since the join, since the invitation, all (45 CFR 164.514(d))'),
  guests: z
    .boolean()
    .default(false)
    .describe('Accounts without a name of their own; never with health information (45 CFR 164.312(a)(2)(i))'),
  post: roleNames().min(1).default([EVERYONE]).describe('Who of the members may write; Wardroom always may'),
  room_version: z.literal([11, 12]).default(12).describe('Matrix room version of new rooms'),
  encryption: encryptionSchema,
  retention: retentionSchema,
  recall: duration()
    .default('15m')
    .describe(
      'How long a member may take back an own message; 0m: not at all (45 CFR 164.526: an amendment is appended)',
    ),
  break_glass: breakGlassSchema,
  training: z
    .array(slug())
    .default([])
    .describe('Courses without which nobody gets in (45 CFR 164.308(a)(5), 164.530(b))'),
  terms: z
    .array(slug())
    .default([])
    .describe(
      'Terms of use without whose acceptance nobody gets in, by their name under terms (45 CFR 164.530(e), (i))',
    ),
  naming: z
    .enum(['unit', 'opaque'])
    .default('unit')
    .describe(
      'Names of rooms are readable by every homeserver in them. unit: what it was created as, a unit and a number; opaque: title and a reference',
    ),
  told: z
    .string()
    .min(1)
    .max(500)
    .default('What is written here is recorded.')
    .describe(
      'What members are told once, when they come in; how long messages live is added (45 CFR 164.520 in spirit)',
    ),
});

const roleSchema = z.strictObject({
  title: z.string().min(1).max(60).describe('In words'),
  review_every: duration()
    .default('90d')
    .describe('How often somebody has to confirm that a person still needs it (45 CFR 164.308(a)(4)(ii)(C))'),
  longest: duration()
    .default('366d')
    .describe('The longest it can be given for at once (45 CFR 164.308(a)(3)(ii)(C), termination)'),
});

export const agreementSchema = z.strictObject({
  domain: domain().describe("The partner's Matrix server name"),
  organisation: z.string().min(1).max(120).optional().describe('Its name'),
  contract: z.string().min(1).max(120).describe('Id of the business associate agreement on file (45 CFR 164.504(e))'),
  from: date().describe('First day'),
  until: date().describe('Last day, inclusive: at its end members are out and the server is shut out'),
  contact: z.string().min(1).max(200).optional().describe('Whom to ask there'),
  classes: roleNames().min(1).describe('Room classes its people may be in'),
  max_age: duration()
    .optional()
    .describe(
      'How long the partner keeps messages of rooms shared with us: the shorter one counts in classes with cross_org: min_of_both',
    ),
});

export const coverageSchema = z.strictObject({
  agreement: z.string().min(1).max(120).describe('Id of the coverage agreement'),
  ours: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/, 'must be ACCOUNT/ROLE')
    .describe('ACCOUNT/ROLE that is covered'),
  theirs: z
    .string()
    .regex(/^[a-z0-9.:[\]-]+\/[^/\s]+$/, 'must be DOMAIN/ROLE')
    .describe('DOMAIN/ROLE that covers'),
  from: date().optional().describe('First day; without it, as long as anybody remembers'),
  until: date().describe('Last day, inclusive'),
  signed_by: z.array(z.string().min(1)).min(2).describe('Who signed: at least one person of each side'),
});

const commandRoles = z
  .record(z.string().regex(/^(\*|[a-z-]+( [a-z-]+)?)$/, 'must be the words of a command, or "*"'), roleNames().min(1))
  .describe('Who may give which command; "*" stands for all that are not named (45 CFR 164.308(a)(4)(ii)(B))');

const oversightSchema = z
  .strictObject({
    review_day: z
      .enum(weekdays)
      .default('monday')
      .describe('On which day the summary of the week before is made (45 CFR 164.308(a)(1)(ii)(D))'),
    refusals_of_one: z
      .int()
      .min(1)
      .max(10_000)
      .default(10)
      .describe('So many refusals of one person within an hour open a draft of an incident'),
    refusals_of_all: z
      .int()
      .min(1)
      .max(100_000)
      .default(50)
      .describe('So many refusals of anybody within an hour, too'),
    night: z
      .strictObject({ from: timeOfDay().default('20:00'), until: timeOfDay().default('06:00') })
      .prefault({})
      .describe('When exports open a draft, by time_zone'),
    volume: z
      .strictObject({
        times: z.number().min(1.5).max(1_000).default(5),
        least: z.int().min(1).max(1_000_000).default(300),
      })
      .prefault({})
      .describe(
        'Messages of one person on one day open a draft when they are at least so many, and more than so many times their busiest day before',
      ),
  })
  .prefault({})
  .describe('What privacy and security officers are told to look at (45 CFR 164.308(a)(1)(ii)(D), (a)(6)(ii))');

const textingSchema = z
  .strictObject({
    content: z
      .boolean()
      .default(false)
      .describe(
        'Whether health information may go out as a text, to patients who asked for it and were warned of the risk (45 CFR 164.522(b)); false: they get a notice to call',
      ),
    who: roleNames()
      .min(1)
      .default(['physician', 'nurse', 'pharmacist', 'social-worker', 'front-desk'])
      .describe('Whose words may go out as a text (45 CFR 164.514(d))'),
    approve: roleNames()
      .min(1)
      .default(['physician', 'nurse', 'privacy-officer'])
      .describe('Who, as a second person, may let go what was held'),
    second_person: z
      .boolean()
      .default(false)
      .describe(
        'Whether a second person reads health information before it goes out; what may name somebody else is always held',
      ),
    quiet_hours: z
      .strictObject({ from: timeOfDay().default('21:00'), until: timeOfDay().default('08:00') })
      .prefault({})
      .describe("When nothing but answers and pages goes out, by the recipient's clock (47 CFR 64.1200(c)(1))"),
    reminders: z
      .strictObject({ per_day: z.int().min(1).max(100).default(1), per_week: z.int().min(1).max(500).default(3) })
      .prefault({})
      .describe('How many reminders one telephone gets at most (47 CFR 64.1200(a)(9)(iv))'),
    answers: z
      .strictObject({ per_hour: z.int().min(1).max(1_000).default(20) })
      .prefault({})
      .describe('How many answers of staff one telephone gets at most within an hour'),
    answer_within: duration()
      .default('4h')
      .describe('A patient who waits for an answer for longer is an alarm, and a message in the room; 0m: never'),
    longest: z.int().min(160).max(1_600).default(640).describe('How many characters a text may have'),
  })
  .prefault({})
  .describe('What goes out as a text message, unencrypted, to whom and when (docs/texting.md)');

const directRoomsSchema = z
  .strictObject({
    max_age: z
      .union([z.literal('never'), duration()])
      .default('90d')
      .describe('Messages older than this are deleted; a notice is given once, so longer than anybody is on leave'),
  })
  .prefault({})
  .describe(
    'Rooms of Wardroom and one person: notices about training and terms, transcripts of emergency access (45 CFR 164.502(b), 164.310(d)(2)(i))',
  );

const termsSchema = z.strictObject({
  title: z.string().min(1).max(120).describe('In words'),
  version: z.int().min(1).default(1).describe('A higher one asks everybody again'),
  text: z.string().min(1).max(8_000).describe('What people accept; nothing about a patient'),
});

/** Every key of the document. */
export const policyShape = {
  time_zone: timeZone().default('UTC').describe('In which dates of agreements and roles begin and end'),
  warn_before: z
    .array(z.int().min(1).max(365))
    .min(1)
    .default([30, 7, 1])
    .describe('So many days before an agreement ends both sides are warned (45 CFR 164.308(b)(1))'),
  roles: z.record(slug(), roleSchema).describe('What people may do by job (45 CFR 164.308(a)(3), (a)(4))'),
  classes: z.record(slug(), classSchema).describe('Kinds of room and their rules'),
  agreements: z
    .array(agreementSchema)
    .default([])
    .describe('Agreements to begin with; later ones are made by command and kept in the database'),
  coverage: z
    .array(coverageSchema)
    .default([])
    .describe('Coverage by partners to begin with: who there may take our calls (cross_org_backup)'),
  terms: z
    .record(slug(), termsSchema)
    .default({})
    .describe(
      'Terms of use that classes may ask for; people read them and write !accept NAME (45 CFR 164.530(e), (i))',
    ),
  direct_rooms: directRoomsSchema,
  commands: commandRoles,
  oversight: oversightSchema,
  texting: textingSchema,
};

export const policySchema = z.strictObject(policyShape);
export type Policy = z.output<typeof policySchema>;
export type PolicyDocument = z.input<typeof policySchema>;
export type RoomClass = z.output<typeof classSchema>;
export type Agreement = z.output<typeof agreementSchema>;
export type Coverage = z.output<typeof coverageSchema>;
export type Oversight = z.output<typeof oversightSchema>;
export type Texting = z.output<typeof textingSchema>;
