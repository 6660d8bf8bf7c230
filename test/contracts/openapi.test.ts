import type { RolesApi } from '../../src/flows/rolesApi.ts';
import { Secret } from '../../src/kernel/phi.ts';
import { type Rig, startRig } from '../channels/http/rig.ts';

type Json = Record<string, unknown>;

/** Only described here. */
const noRoles = { api: {} as RolesApi, token: new Secret('roles-token-0123456789'), perMinute: 10 };

describe('the OpenAPI document', () => {
  let rig: Rig;
  let document: Json & { paths: Record<string, Record<string, { responses: Json; operationId: string }>> };
  beforeAll(async () => {
    rig = await startRig({ publicUrl: 'https://wardroom.hospital.example', roles: noRoles });
    const answer = await rig.call('/api/v1/openapi.json');
    expect(answer.status).toBe(200);
    document = answer.body;
  });
  afterAll(() => rig.stop());

  it('is of version 3.1, names the public address, and needs no token', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://wardroom.hospital.example' }] });
  });

  it('has every path that is served, with every status that can come', () => {
    const statuses = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) => `${method} ${path} ${Object.keys(operation.responses).join(' ')}`,
      ),
    );
    expect(statuses.sort()).toEqual([
      'get /api/v1/openapi.json 200',
      'get /api/v1/roles 200 401 422 429 503',
      'get /api/v1/roles/{user_id} 200 400 401 404 422 429 503',
      'get /api/v1/tickets 200 401 422 429 503',
      'get /api/v1/tickets/{ticket_id} 200 400 401 404 429 503',
      'get /health 200',
      'get /ready 200 503',
      'post /api/v1/accounts/{account}/test 202 400 401 403 429 503',
      'post /api/v1/roles/import 200 400 401 413 415 422 429 503',
      'post /api/v1/tickets 200 202 400 401 403 413 415 422 429 503',
      'post /api/v1/tickets/{ticket_id}/events 200 400 401 404 409 413 415 422 429 503',
      'put /api/v1/roles/{user_id} 200 400 401 404 413 415 422 429 503',
    ]);
  });

  it('says nothing of roles where they are not served', async () => {
    const without = await startRig();
    const { text } = await without.call('/api/v1/openapi.json');
    await without.stop();
    expect(text).not.toMatch(/role/i);
    expect(JSON.stringify(document)).toMatch(/rolesToken/);
  });

  it('points nowhere that does not exist', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);
      expect([reference, typeof found]).toEqual([reference, 'object']);
    }
  });

  it('tells the required fields of a ticket, and the statuses that are called back', () => {
    const schemas = (document.components as { schemas: Record<string, Json> }).schemas;
    expect(schemas.TicketDocument?.required).toEqual(['id', 'account', 'reason']);
    expect(document.webhooks).toHaveProperty('ticketStatus.post.requestBody');
    expect(document.webhooks).toHaveProperty('heartbeat.post.requestBody');
  });
});
