/** Carriers of texts and the lines that people text to: the key `texting` of `config/wardroom.yaml`. */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { httpUrl, path, port } from './values.ts';

const slug = () => z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be up to 32 lower-case letters, digits and "-"');
const number = () => z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number with + and country code, +12125550100');
const day = () => z.iso.date('must be a date, 2026-11-30');

const agreement = z
  .strictObject({
    contract: z.string().min(1).max(120).describe('Id of the business associate agreement on file (45 CFR 164.504(e))'),
    from: day().describe('First day, in UTC'),
    until: day().describe('Last day, inclusive'),
  })
  .describe('Without one in force nothing is sent by the carrier (45 CFR 164.308(b)(1))');

const REFUSALS = ['opted-out', 'bad-number', 'unregistered', 'not-allowed', 'rejected'] as const;

const common = { agreement: agreement.optional() };

const local = z
  .strictObject({ kind: z.literal('local'), ...common })
  .describe('A telephone on a page, for the demo and for tests; only in the embedded hospital');

const twilio = z
  .strictObject({
    kind: z.literal('twilio'),
    ...common,
    account_sid: z.string().regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits'),
    auth_token_file: path().describe('File with the auth token, mode 0600: it signs webhooks and opens the API'),
    base_url: httpUrl().default('https://api.twilio.com').describe('Where its API, or one of the same shape, answers'),
    public_url: httpUrl().describe('Where the carrier reaches Wardroom; webhooks are signed over it'),
  })
  .describe('Twilio, or whoever speaks like it');

const telnyx = z
  .strictObject({
    kind: z.literal('telnyx'),
    ...common,
    api_key_file: path().describe('File with the API key, mode 0600'),
    public_key: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be an Ed25519 public key, 44 characters of base64')
      .describe('Signs its webhooks'),
    messaging_profile_id: z.string().min(1).max(100).optional(),
    base_url: httpUrl().default('https://api.telnyx.com'),
    public_url: httpUrl().describe('Where the carrier reaches Wardroom'),
  })
  .describe('Telnyx');

const smpp = z
  .strictObject({
    kind: z.literal('smpp'),
    ...common,
    host: z.string().min(1),
    port: port().default(2775),
    tls: z
      .union([
        z.literal(false),
        z.strictObject({ ca_file: path().optional(), server_name: z.string().min(1).optional() }),
      ])
      .default({})
      .describe('false: plain, to this machine only'),
    system_id: z.string().min(1).max(15),
    password_file: path().describe('File with the password, mode 0600'),
    system_type: z.string().max(12).default(''),
    per_second: z.number().min(0.1).max(10_000).default(10).describe('Parts of texts per second at most'),
    window: z.int().min(1).max(1_000).default(10).describe('Parts that may wait for their answer at one time'),
    default_alphabet: z.enum(['gsm', 'latin1']).default('gsm').describe("What the carrier's data_coding 0 is"),
    concatenating: z
      .enum(['udh8', 'udh16', 'sar', 'payload'])
      .default('udh8')
      .describe('How the carrier takes long texts'),
    refusals: z
      .record(z.string().regex(/^0x[0-9a-f]{1,8}$/, 'must be a status of SMPP, 0x00000410'), z.enum(REFUSALS))
      .default({})
      .describe("The carrier's own statuses, and what they mean"),
  })
  .describe('SMPP 3.4, as a client');

export const carrierSettings = z.discriminatedUnion('kind', [local, twilio, telnyx, smpp]);

const line = z.strictObject({
  number: number().describe('The number that people text to'),
  carrier: z.string().min(1).describe('One of carriers'),
  practice: z.string().min(1).max(60).describe('What patients know the practice by; it must not tell what it treats'),
  call_back: number().describe('The number that patients are asked to call'),
  time_zone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, America/New_York')
    .default('UTC')
    .describe("The practice's"),
  accounts: z
    .array(z.string().min(1))
    .default([])
    .describe('Accounts whose ladders text by this line; whoever is on their schedules answers its texts'),
  team: z.array(z.string().min(1)).default([]).describe('Keys of people who answer its texts, too'),
  campaign: z
    .strictObject({ id: z.string().min(1).max(60), status: z.enum(['ACTIVE', 'SUSPENDED', 'EXPIRED', 'PENDING']) })
    .optional()
    .describe('10DLC registration: without an ACTIVE one nothing is sent by a carrier of the United States'),
});

export const textingSettings = z
  .strictObject({
    carriers: z.record(slug(), carrierSettings).default({}).describe('Accounts at carriers, by a name of your own'),
    lines: z
      .record(slug(), line)
      .default({})
      .describe('Numbers, by a name of your own: it stands in user ids, the number never'),
  })
  .prefault({})
  .describe('Texts of patients and to clinicians (docs/sms.md)');

export type TextingSettings = z.output<typeof textingSettings>;
export type CarrierSettings = z.output<typeof carrierSettings>;
export type LineSettings = z.output<typeof line>;

function isTimeZone(tz: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(tz);
    return true;
  } catch {
    return false;
  }
}
