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

/** What Wardroom hands out as ids and cursors; anything else cannot exist. An empty cursor is none. */
export const TICKET_ID = /^tkt_[0-9A-Za-z]{1,64}$/;
export const CURSOR = /^[0-9A-Za-z_.=-]{0,200}$/;
/** Any printable text with something in it, as `src/tickets/readTicket.ts` takes it. (Escapes that JSON Schema, Python and ECMAScript share.) */
const PRINTABLE =
  /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\u0000-\u001f\u007f-\u009f\u2028\u2029\s][^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;
const identifier = (about: string) => z.string().min(1).max(512).regex(PRINTABLE).describe(about);

const instant = () => z.iso.datetime({ offset: true });
/** Missing, null and odd values never refuse a ticket: what is shown is what is usual. */
const usually = (about: string, ...examples: readonly unknown[]) =>
  z.unknown().optional().meta({ description: about, examples });

export const ticketDocument = z
  .looseObject({
    id: identifier("The service's own id of the ticket; opaque"),
    account: identifier('The customer line; one of the accounts of this service'),
    reason: z.string().min(1).regex(/\S/).describe('What the caller wants, as the operator took it'),
    urgency: usually('STAT, URGENT, ROUTINE or FYI; anything else counts as at least URGENT', 'STAT', 'ROUTINE'),
    taken_at: usually('When the operator took the call, RFC 3339 with offset', '2026-11-28T13:20:00Z'),
    operator: usually('Who took it', 'op-7'),
    line: usually('The line it came in on', '+12125550100'),
    caller: usually('Who called; callback in E.164', {
      name: 'Maren Holloway',
      relation: 'spouse',
      callback: '+12125550142',
      ext: null,
      readback: true,
    }),
    patient: usually('Whom it is about', { name: 'Ottis Holloway', dob: '1951-03-09', mrn: 'FV-0091827' }),
    provider_requested: usually('Whom the caller asked for', 'Dr. Amsel'),
    relates_to: usually('The id of the ticket this call repeats', 'T-1001'),
  })
  .describe(
    'A ticket. Only id, account and reason are required; whatever else is present is shown to the clinician, odd values flagged.',
  );

const event = {
  id: identifier("The service's own id of the event: sent again with it, the event is done once").nullish(),
  by: identifier('The operator, as the service names them; opaque'),
};

export const operatorEvent = z
  .union([
    z.looseObject({
      type: z
        .enum(['cancelled', 'patched', 'closed'])
        .describe('patched: caller and clinician were connected. Each stops the ladder'),
      ...event,
      text: z.string().nullish().describe('Shown to the clinicians'),
    }),
    z.looseObject({
      type: z.enum(['corrected', 'note']).describe('A correction calls those whom the ticket concerns'),
      ...event,
      text: z.string().min(1).regex(/\S/).describe('Shown to the clinicians'),
    }),
  ])
  .describe('What an operator says of a ticket');

const view = {
  ticket_id: z.string().regex(/^tkt_[0-9A-Za-z]{26}$/),
  external_id: z.string(),
  account: z.string(),
  urgency: z.enum(URGENCIES),
  state: z.enum(STATES),
  duplicate: z.boolean().describe('The same had been accepted before'),
  flags: z
    .array(z.string())
    .describe('What is odd about it: callback, dob, urgency, taken_at, id_reused, no_schedule, ...'),
  joined_to: z.string().optional().describe('Of a repeat call: the ticket whose ladder and thread it joined'),
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
      by: z.string().describe('Matrix id; with patched: the operator'),
      at: instant(),
      how: z.enum(['reaction', 'reply', 'command', 'patched']),
      strength: z.enum(['device', 'server', 'sms']),
    })
    .nullable(),
  joined: z.array(z.string()).optional().describe('Repeat calls that joined this ticket'),
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
    text: z.string().optional().describe('Only with ticket.replied and ticket.closed (replies: text), and ticket.todo'),
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
