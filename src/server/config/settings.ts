/**
 * How an installation runs: the keys of `config/wardroom.yaml`. The comments an operator reads stand in that file;
 * the `describe` texts go into `config/wardroom.schema.json`, for editors.
 */
import { z } from 'zod';
import { crashPoints } from '../../flows/crashPoint.ts';
import { textingSettings } from './textingSettings.ts';
import { duration, httpUrl, path, port, serverName } from './values.ts';

const homeserver = z
  .strictObject({
    url: httpUrl().describe('Where Wardroom reaches the homeserver'),
    server_name: serverName().describe('The part of Matrix ids after the colon'),
    admin_token_file: path()
      .optional()
      .describe('File with an access token of a server administrator, in place of making the bot one'),
    config_file: path()
      .optional()
      .describe("The homeserver's own homeserver.yaml, where it can be read from here: `doctor` reads two keys of it"),
  })
  .describe('The homeserver Wardroom belongs to');

const appservice = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: port().default(9009),
    url: httpUrl().optional().describe('Where the homeserver reaches Wardroom; default http://HOST:PORT'),
    registration_file: path()
      .optional()
      .describe('Written by `wardroom registration`; default SECRETS_DIR/registration.yaml'),
  })
  .prefault({})
  .describe('The listener that takes transactions from the homeserver');

const rateLimits = z
  .strictObject({
    service_per_minute: z.int().min(1).default(30_000).describe('Requests of one answering service per minute'),
    bad_tokens_per_minute: z
      .int()
      .min(1)
      .default(300)
      .describe('Requests without a good token, per client address and minute'),
  })
  .prefault({})
  .describe('Beyond these the answer is 429');

const backlog = z
  .strictObject({
    routine: z
      .int()
      .min(1)
      .default(1_000)
      .describe('ROUTINE and FYI tickets are answered 503 when so much waits before them'),
    urgent: z.int().min(1).default(20_000).describe('The same for STAT and URGENT ones'),
  })
  .prefault({})
  .describe('How many messages and callbacks may wait for the homeserver and the services');

const http = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: port().default(8080),
    public_url: httpUrl().optional().describe('Where answering services reach the API; named in its OpenAPI document'),
    trust_proxy: z
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe('How many reverse proxies stand in front (X-Forwarded-For)'),
    rate_limits: rateLimits,
    backlog,
  })
  .prefault({})
  .describe('The API for answering services, /health and /ready');

const rolesApi = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Serve /api/v1/roles, with the token in SECRETS_DIR/roles-api.token'),
    requests_per_minute: z.int().min(1).default(600).describe('Beyond these the answer is 429'),
  })
  .prefault({})
  .describe('Roles for an identity system, by HTTP (docs/roles-api.md)');

const remindersApi = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Serve /api/v1/reminders, with the token in SECRETS_DIR/reminders-api.token'),
    requests_per_minute: z.int().min(1).default(6000).describe('Beyond these the answer is 429'),
  })
  .prefault({})
  .describe('Reminders by text for a scheduling system, by HTTP (docs/reminders.md)');

const metrics = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: port().default(9464),
  })
  .prefault({})
  .describe('The listener for Prometheus');

const database = z
  .strictObject({
    url: z.string().min(1).optional().describe('postgresql:// URL of the role wardroom_service, without a password'),
    url_file: path().optional().describe('File with the URL, where it holds a password'),
    owner_url: z.string().min(1).optional().describe('postgresql:// URL of the role that migrates, without a password'),
    owner_url_file: path().optional().describe('File with the URL, where it holds a password'),
  })
  .prefault({})
  .describe('PostgreSQL; with none given Wardroom starts its own under data_dir');

const crypto = z
  .strictObject({
    devices: z
      .enum(['cross-signed', 'all'])
      .default('cross-signed')
      .describe('Which devices of people get keys: those their owner cross-signed, or every one'),
    rotation: z
      .strictObject({
        messages: z.int().min(1).max(10_000).default(100),
        period: duration().prefault('7d'),
      })
      .prefault({})
      .describe('When a voice begins a new outbound session in a room'),
  })
  .prefault({});

const delivery = z
  .strictObject({
    delayed_after: duration()
      .prefault('60s')
      .describe('A STAT or URGENT ticket that could not be posted for this long is reported as delayed'),
    heartbeat_every: duration()
      .prefault('60s')
      .describe(
        'How often answering services with a callback_url get service.heartbeat; a part that fails is told at once',
      ),
    callback_timeout: duration()
      .prefault('15s')
      .describe('How long an answering service may take to answer a callback'),
    callback_give_up: duration().prefault('3d').describe('How long a callback is tried again before it is parked'),
  })
  .prefault({});

const oncall = z
  .strictObject({
    warn_before: duration()
      .prefault('3d')
      .describe(
        'How long before a hole in a schedule, the end of an agreement, or the shift of somebody whom no page reaches an alarm is raised',
      ),
    unseen_after: duration()
      .prefault('7d')
      .describe('Whose devices the homeserver did not hear of for so long counts as somebody whom no page reaches'),
  })
  .prefault({})
  .describe('Schedules');

const dev = z
  .strictObject({
    clock_file: path().optional().describe('Business time: written by `wardroom dev clock`'),
    hospitals: z.record(z.string(), serverName()).default({}).describe('Server name of each embedded hospital'),
    domains: z
      .record(z.string(), z.string().min(1))
      .default({})
      .describe('Domain of a Matrix id in dispatch.yaml ("*": any other) to a name under hospitals, or a server name'),
    people: z
      .array(z.string().regex(/^[a-z0-9._=/+-]+$/))
      .default([])
      .describe('Extra people, by local part'),
    control: z
      .array(z.string().min(1))
      .optional()
      .describe('Who is in the control room: keys of people, or local parts'),
    allow_plain_http_callbacks: z.boolean().default(false).describe('Callbacks over http:// to loopback addresses'),
    crash_at: z
      .partialRecord(z.enum(crashPoints), z.int().min(1))
      .default({})
      .describe('SIGKILL oneself when this point is reached for the n-th time'),
  })
  .describe('The embedded hospital only: never in production');

const backup = z
  .strictObject({
    key_file: path()
      .optional()
      .describe(
        'The age key that `wardroom backup` encrypts for, or only its public half; `restore` needs the key itself',
      ),
  })
  .prefault({})
  .describe('Backups of the database and the secrets');

/** Every key of this document, except those of `dispatch.yaml`. */
export const settingsShape = {
  homeserver,
  appservice,
  http,
  roles_api: rolesApi,
  reminders_api: remindersApi,
  metrics,
  database,
  data_dir: path().describe('What Wardroom keeps on disk'),
  policy_file: path()
    .optional()
    .describe('Room classes, roles, agreements; without it the built-in policy holds, which config/policy.yaml shows'),
  secrets_dir: path().optional().describe('Keys and tokens, one file each, mode 0600; default DATA_DIR/secrets'),
  rooms: z
    .strictObject({
      version: z
        .literal([11, 12, '11', '12'])
        .prefault(12)
        .transform((version) => (String(version) === '11' ? '11' : '12'))
        .describe('Room version of the rooms Wardroom creates'),
    })
    .prefault({}),
  crypto,
  bot: z
    .strictObject({
      require_cross_signed: z
        .boolean()
        .default(true)
        .describe('Commands count only from devices that their owner signed; confirming an administrator always does'),
    })
    .prefault({}),
  audit: z
    .strictObject({
      origin: z
        .string()
        .regex(/^[^\s+]{1,255}$/, 'must have no spaces and no plus sign')
        .optional()
        .describe('Name of the audit log in its checkpoints; default SERVER_NAME/wardroom'),
    })
    .prefault({}),
  logging: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info') })
    .prefault({}),
  delivery,
  oncall,
  texting: textingSettings,
  backup,
  control: z
    .strictObject({ members: z.array(z.string().min(1)).min(1).optional() })
    .prefault({})
    .describe('The first administrators of Wardroom: keys of people; default the first two'),
  dev: dev.optional(),
};

export const settingsSchema = z.strictObject(settingsShape);
export type Settings = z.output<typeof settingsSchema>;
