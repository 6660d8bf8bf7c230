/** docs/reminders.md: what a scheduling system relies on. The real edge; the flow behind it is held in test/flows/reminders.test.ts. */

import { reminderDocument, reminderView } from '../../src/channels/http/reminderSchemas.ts';
import { problem } from '../../src/channels/http/schemas.ts';
import type { ReminderOutcome, ReminderView } from '../../src/flows/texting/remindersApi.ts';
import { Secret } from '../../src/kernel/phi.ts';
import { type Rig, startRig, TOKENS } from '../channels/http/rig.ts';

const TOKEN = 'reminders-token-0123456789';
const VIEW: ReminderView = {
  id: 'A-1',
  state: 'queued',
  code: null,
  line: 'lark',
  template: 'visit',
  language: 'en',
  version: 1,
  due_at: '2026-11-30T17:00:00.000Z',
  answer: null,
  answered_at: null,
};
const DOCUMENT = { id: 'A-1', patient: 'P-1001', line: 'lark', template: 'visit', slots: { date: '2026-12-04' } };

let rig: Rig;
let outcome: ReminderOutcome;
const heard: unknown[] = [];

beforeAll(async () => {
  const api = {
    submit: async (document: unknown) => {
      heard.push(document);
      return outcome;
    },
    show: async (id: string) => (id === VIEW.id ? VIEW : null),
  };
  rig = await startRig({ reminders: { api, token: new Secret(TOKEN), perMinute: 1000 } });
});
afterAll(() => rig?.stop());

const call = (method: string, path: string, body?: unknown, token = TOKEN) =>
  rig.call(`/api/v1/reminders${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('/api/v1/reminders', () => {
  it('answers 202 with its place to a new one, 200 to the same again', async () => {
    reminderDocument.parse(DOCUMENT);
    outcome = { kind: 'taken', isNew: true, reminder: VIEW };
    const first = await call('POST', '', DOCUMENT);
    expect([first.status, first.headers.get('location')]).toEqual([202, '/api/v1/reminders/A-1']);
    expect(reminderView.parse(first.body)).toEqual(VIEW);
    expect(heard.at(-1)).toEqual(DOCUMENT);
    outcome = { kind: 'taken', isNew: false, reminder: VIEW };
    expect((await call('POST', '', DOCUMENT)).status).toBe(200);
    expect(reminderView.parse((await call('GET', '/A-1')).body)).toEqual(VIEW);
  });

  it.each<[ReminderOutcome, number, string]>([
    [{ kind: 'id-reused' }, 409, 'reminder-id-reused'],
    [{ kind: 'refused', errors: [{ path: '/line', code: 'line-unknown' }] }, 422, 'invalid'],
    [{ kind: 'no-policy' }, 503, 'policy-unreadable'],
  ])('answers %j with %i', async (given, status, code) => {
    outcome = given;
    const answer = await call('POST', '', DOCUMENT);
    expect([answer.status, problem.parse(answer.body).code]).toEqual([status, code]);
  });

  it('opens to its own token only, and is where it is switched on only', async () => {
    expect((await call('POST', '', DOCUMENT, TOKENS.nightjar)).status).toBe(401);
    expect((await call('GET', '/A-1', undefined, 'nobody')).status).toBe(401);
    expect((await call('GET', '/A-2')).status).toBe(404);
    expect((await call('DELETE', '/A-1')).status).toBe(405);
    const tickets = await rig.call('/api/v1/tickets', { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(tickets.status).toBe(401);
    const off = await startRig({});
    expect((await off.call('/api/v1/reminders', { method: 'POST' })).status).toBe(404);
    expect(JSON.stringify((await off.call('/api/v1/openapi.json', {})).body)).not.toContain('reminders');
    expect(JSON.stringify((await rig.call('/api/v1/openapi.json', {})).body)).toContain('/api/v1/reminders/{id}');
    await off.stop();
  });
});
