import { type Json, json, refusals, schema } from './openapiParts.ts';
import { reminderDocument, reminderView } from './reminderSchemas.ts';

/** Another token than the answering services' and the identity system's. */
const security: Json[] = [{ remindersToken: [] }];

const submitReminder: Json = {
  operationId: 'submitReminder',
  summary: 'Send a reminder by text',
  description:
    'A 2xx answer means that it is safe: it is sent once, within hours and limits, if the patient agreed to reminders. Sending the same again is harmless.',
  security,
  requestBody: { required: true, content: json('ReminderDocument') },
  responses: {
    200: { description: 'The same reminder again, as it is now', content: json('ReminderView') },
    202: {
      description: 'A new reminder; state blocked: it may not be sent, code says why',
      headers: { Location: { schema: { type: 'string' } } },
      content: json('ReminderView'),
    },
    ...refusals(400, 401, 409, 413, 415, 422, 429, 503),
  },
};

const showReminder: Json = {
  operationId: 'showReminder',
  summary: 'What became of a reminder, and what the patient answered',
  security,
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
  responses: {
    200: { description: 'The reminder', content: json('ReminderView') },
    ...refusals(400, 401, 404, 429, 503),
  },
};

/** What the document says of `/api/v1/reminders`, where it is served. */
export const reminderPaths: Json = {
  '/api/v1/reminders': { post: submitReminder },
  '/api/v1/reminders/{id}': { get: showReminder },
};

export const reminderComponents: Json = {
  ReminderDocument: schema(reminderDocument, 'input'),
  ReminderView: schema(reminderView, 'output'),
};

export const remindersSecurity: Json = {
  remindersToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of the scheduling system: SECRETS_DIR/reminders-api.token',
  },
};
