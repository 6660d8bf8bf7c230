import { ticketView } from '../../src/channels/http/schemas.ts';
import { aTicket, type Rig, startRig, TOKENS } from '../channels/http/rig.ts';

describe('POST /api/v1/tickets/{ticket_id}/events', () => {
  let rig: Rig;
  let id: string;
  beforeEach(async () => {
    rig = await startRig();
    id = (await rig.post(aTicket())).body.ticket_id;
  });
  afterEach(() => rig.stop());

  const tell = (event: unknown, ticket = id, token: string | null = TOKENS.nightjar, type = 'application/json') =>
    rig.call(`/api/v1/tickets/${ticket}/events`, {
      method: 'POST',
      headers: { 'content-type': type, ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(event),
    });

  it('answers 200 with the ticket as it is now', async () => {
    const { status, body } = await tell({ type: 'closed', by: 'op17', text: 'Patient went to the ward.' });
    expect(status).toBe(200);
    expect(ticketView.parse(body)).toMatchObject({ ticket_id: id, state: 'closed', duplicate: false });
  });

  it('answers 401, 404, 405, 409, 415 and 422 in the way of the other routes', async () => {
    const event = { type: 'closed', by: 'op17' };
    expect((await tell(event, id, null)).status).toBe(401);
    for (const other of ['tkt_00000000000000000000000999', 'nothing', '%00'])
      expect((await tell(event, other)).body).toMatchObject({ status: 404, code: 'not-found' });
    expect((await tell(event, id, TOKENS.wren)).status).toBe(404);
    expect((await rig.get(`/api/v1/tickets/${id}/events`)).status).toBe(405);
    expect((await tell(event, id, TOKENS.nightjar, 'text/plain')).status).toBe(415);
    const refused = await tell({ type: 'vanished', by: 'op17', text: 'CNRY-fox' });
    expect(refused.body).toMatchObject({ status: 422, code: 'invalid', errors: [{ path: '/type', code: 'unknown' }] });
    expect(refused.text).not.toContain('CNRY');
    await tell(event);
    expect((await tell({ type: 'patched', by: 'op17' })).body).toMatchObject({ status: 409, code: 'ticket-closed' });
  });
});
