/** The shapes of the HTTP API as zod schemas: the source of its OpenAPI document, and what the contract tests hold answers against. */
import { z } from 'zod';
import type { TicketState } from '../../tickets/ticket.ts';
import { PROBLEM_CODES } from './problem.ts';

const URGENCIES = ['fyi', 'routine', 'urgent', 'stat'] as const;
/** Every state of a ticket. */
export const STATES = [
  'accepted',
  'sent',
  'delivered',
  'undecryptable',
  'seen',
  'acknowledged',
  'closed',
  'reported',
  'undelivered',
] as const satisfies readonly TicketState[];

const instant = () => z.iso.datetime({ offset: true });
/** Missing, null and odd values never refuse a ticket. */
const odd = (schema: z.ZodType, about: string) => schema.nullish().describe(about);

export const ticketDocument = z
  .looseObject({
    id: z.string().min(1).describe("The service's own id of the ticket; opaque"),
    account: z.string().min(1).describe('The customer line; one of the accounts of this service'),
    reason: z.string().min(1).describe('What the caller wants, as the operator took it'),
    urgency: odd(z.string(), 'STAT, URGENT, ROUTINE or FYI; anything else counts as at least URGENT'),
    taken_at: odd(instant(), 'When the operator took the call, with offset'),
    operator: odd(z.string(), 'Who took it'),
    line: odd(z.string(), 'The line it came in on'),
    caller: odd(
      z.looseObject({
        name: z.string().nullish(),
        relation: z.string().nullish(),
        callback: z.string().nullish().describe('E.164'),
        ext: z.string().nullish(),
        readback: z.boolean().nullish(),
      }),
      'Who called',
    ),
    patient: odd(
      z.looseObject({ name: z.string().nullish(), dob: z.string().nullish(), mrn: z.string().nullish() }),
      'Whom it is about',
    ),
    provider_requested: odd(z.string(), 'Whom the caller asked for'),
    relates_to: odd(z.string(), 'The id of the ticket this call repeats'),
  })
  .describe('A ticket. Only id, account and reason are required; whatever else is present is shown to the clinician.');

const view = {
  ticket_id: z.string().regex(/^tkt_[0-9A-Za-z]{26}$/),
  external_id: z.string(),
  account: z.string(),
  urgency: z.enum(URGENCIES),
  state: z.enum(STATES),
  duplicate: z.boolean().describe('The same ticket had been accepted before'),
  flags: z
    .array(z.string())
    .describe('What is odd about it: callback, dob, urgency, taken_at, id_reused, no_schedule, ...'),
  test: z.literal(true).optional().describe('A test page'),
};

export const ticketView = z.strictObject(view);

export const ticketDetail = z.strictObject({
  ...view,
  accepted_at: instant(),
  step: z.int().nullable().describe('The step of the protocol done last, from 0'),
  next_step_at: instant().nullable(),
  acknowledged: z
    .strictObject({
      by: z.string().describe('Matrix id'),
      at: instant(),
      how: z.enum(['reaction', 'reply', 'command']),
      strength: z.enum(['device', 'server', 'sms']),
    })
    .nullable(),
  room_id: z.string().nullable(),
  event_id: z.string().nullable().describe("Root of the ticket's thread"),
  timeline: z.array(
    z.strictObject({
      at: instant(),
      event: z.string(),
      step: z.int().optional(),
      who: z.string().optional(),
      late: z.boolean().optional(),
      code: z.string().optional(),
    }),
  ),
});

export const ticketPage = z.strictObject({
  tickets: z.array(ticketView),
  next: z.string().nullable().describe('The cursor of the next page'),
});

export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(PROBLEM_CODES),
    errors: z.array(z.strictObject({ path: z.string(), code: z.string() })).optional(),
    not_ready: z.array(z.string()).optional(),
  })
  .describe('RFC 9457; never repeats a value that was sent');

export const statusCallback = z.strictObject({
  type: z.string().regex(/^ticket\.[a-z]+$/),
  timestamp: instant(),
  data: z.strictObject({
    event_id: z.string(),
    sequence: z.int().min(0),
    ticket_id: view.ticket_id,
    external_id: z.string(),
    account: z.string(),
    urgency: z.enum(URGENCIES),
    test: z.literal(true).optional().describe('About a test page'),
    state: z.enum(STATES),
    step: z.int().optional(),
    by: z.string().optional(),
    strength: z.enum(['device', 'server', 'sms']).optional(),
    text: z.string().optional().describe('Only with ticket.replied (replies: text) and ticket.todo'),
  }),
});

const part = () => z.enum(['ok', 'down']);

export const heartbeatCallback = z
  .strictObject({
    type: z.literal('service.heartbeat'),
    timestamp: instant(),
    data: z.strictObject({
      event_id: z.string(),
      sequence: z.int().min(1).describe('Counts up since the start of the process'),
      service: z.string(),
      state: z.enum(['ok', 'degraded']).describe('degraded: a part is down, messages may not reach anybody'),
      wardroom: z.literal('ok'),
      database: part(),
      homeserver: part(),
      voices: part(),
      oldest_unsent_seconds: z.int().min(0).nullable().describe('Age of the message that waits longest for its room'),
    }),
  })
  .describe('Sent at regular times and at once when a part fails or is back; never repeated');
