import { type Json, json, refusals, schema } from './openapiParts.ts';
import { reminderComponents, reminderPaths, remindersSecurity } from './reminderOperations.ts';
import { roleComponents, rolePaths, rolesSecurity } from './roleOperations.ts';
import {
  CURSOR,
  heartbeatCallback,
  operatorEvent,
  problem,
  STATES,
  statusCallback,
  ticketDetail,
  ticketDocument,
  ticketPage,
  ticketView,
} from './schemas.ts';

/** The API's own description (OpenAPI 3.1), served at `/api/v1/openapi.json`. */
export function openApiDocument(version: string, publicUrl?: string, { roles = false, reminders = false } = {}): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wardroom: tickets of answering services',
      version,
      summary: 'Accepts tickets, shows their state, reports every status by signed callback',
    },
    servers: [{ url: publicUrl ?? '/' }],
    security: [{ token: [] }],
    paths: {
      '/api/v1/tickets': { post: submitTicket, get: listTickets },
      '/api/v1/tickets/{ticket_id}': { get: showTicket },
      '/api/v1/tickets/{ticket_id}/events': { post: tellEvent },
      '/api/v1/accounts/{account}/test': { post: sendTestPage },
      ...(roles && rolePaths),
      ...(reminders && reminderPaths),
      '/api/v1/openapi.json': {
        get: {
          operationId: 'describe',
          summary: 'This document',
          security: [],
          responses: {
            200: { description: 'OpenAPI', content: { 'application/json': { schema: { type: 'object' } } } },
          },
        },
      },
      '/health': { get: health('health', 'Whether the process lives', false) },
      '/ready': { get: health('ready', 'Whether database, homeserver and voices can do their work', true) },
    },
    webhooks: { ticketStatus: { post: callback }, heartbeat: { post: heartbeat } },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The token of the answering service' },
        ...(roles && rolesSecurity),
        ...(reminders && remindersSecurity),
      },
      schemas: {
        TicketDocument: schema(ticketDocument, 'input'),
        OperatorEvent: schema(operatorEvent, 'input'),
        TicketView: schema(ticketView, 'output'),
        TicketDetail: schema(ticketDetail, 'output'),
        TicketPage: schema(ticketPage, 'output'),
        Problem: schema(problem, 'output'),
        StatusCallback: schema(statusCallback, 'output'),
        HeartbeatCallback: schema(heartbeatCallback, 'output'),
        ...(roles && roleComponents),
        ...(reminders && reminderComponents),
      },
    },
  };
}

const submitTicket: Json = {
  operationId: 'submitTicket',
  summary: 'Submit a ticket',
  description: 'A 2xx answer means that the ticket is safe. Sending the same ticket again is harmless.',
  requestBody: { required: true, content: json('TicketDocument') },
  responses: {
    200: { description: 'The same ticket again', content: json('TicketView') },
    202: {
      description: 'A new ticket',
      headers: { Location: { schema: { type: 'string' } } },
      content: json('TicketView'),
    },
    ...refusals(400, 401, 403, 413, 415, 422, 429, 503),
  },
};

const listTickets: Json = {
  operationId: 'listTickets',
  summary: "This service's tickets",
  parameters: [
    {
      name: 'state',
      in: 'query',
      description: '`open`, or one state; empty: all',
      schema: { enum: ['', 'open', ...STATES] },
    },
    {
      name: 'cursor',
      in: 'query',
      description: '`next` of the page before',
      schema: { type: 'string', pattern: CURSOR.source },
    },
  ],
  responses: { 200: { description: 'A page', content: json('TicketPage') }, ...refusals(401, 422, 429, 503) },
};

const showTicket: Json = {
  operationId: 'showTicket',
  summary: 'State and timeline of a ticket, without its text',
  parameters: [{ name: 'ticket_id', in: 'path', required: true, schema: { type: 'string' } }],
  responses: {
    200: { description: 'The ticket', content: json('TicketDetail') },
    ...refusals(400, 401, 404, 429, 503),
  },
};

const tellEvent: Json = {
  operationId: 'tellEvent',
  summary: 'Cancel, correct, close a ticket, say that caller and clinician were connected, or add a note',
  description:
    'A 2xx answer means that it is done. The same again (the same id, or without one the same document within 24 hours) is done once. What is said goes encrypted into the thread of the ticket.',
  parameters: [{ name: 'ticket_id', in: 'path', required: true, schema: { type: 'string' } }],
  requestBody: { required: true, content: json('OperatorEvent') },
  responses: {
    200: { description: 'The ticket as it is now', content: json('TicketView') },
    ...refusals(400, 401, 404, 409, 413, 415, 422, 429, 503),
  },
};

const sendTestPage: Json = {
  operationId: 'sendTestPage',
  summary: 'Send a marked test page to the room of an account',
  description:
    'It goes the way of a STAT ticket, alerts nobody, never escalates and closes by itself after ten minutes. Its timeline and its callbacks tell how long each part of the way took.',
  parameters: [{ name: 'account', in: 'path', required: true, schema: { type: 'string' } }],
  responses: {
    202: {
      description: 'A test page is on its way',
      headers: { Location: { schema: { type: 'string' } } },
      content: json('TicketView'),
    },
    ...refusals(400, 401, 403, 429, 503),
  },
};

const health = (operationId: string, summary: string, mayFail: boolean): Json => ({
  operationId,
  summary,
  security: [],
  responses: {
    200: { description: 'Yes', content: { 'application/json': { schema: { type: 'object' } } } },
    ...(mayFail && refusals(503)),
  },
});

const signed = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
  name,
  in: 'header',
  required: true,
  schema: { type: 'string' },
}));

const heartbeat: Json = {
  operationId: 'heartbeat',
  summary: 'A sign of life, sent to callback_url of the service (Standard Webhooks)',
  description: 'When none comes, or one says that a part is down, reach the clinicians another way.',
  security: [],
  parameters: signed,
  requestBody: { required: true, content: json('HeartbeatCallback') },
  responses: { '2XX': { description: 'Received' } },
};

const callback: Json = {
  operationId: 'ticketStatus',
  summary: 'A status of a ticket, sent to callback_url of the service (Standard Webhooks)',
  description:
    'At least once, in order per ticket; tell repetitions by webhook-id. Any answer but 2xx, or none in time, is tried again for three days.',
  security: [],
  parameters: signed,
  requestBody: { required: true, content: json('StatusCallback') },
  responses: { '2XX': { description: 'Received' } },
};
