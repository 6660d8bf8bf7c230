import { ticketView } from '../../src/channels/http/schemas.ts';
import { type Rig, startRig, TOKENS } from '../channels/http/rig.ts';

describe('POST /api/v1/accounts/{id}/test', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.stop());

  const test = (account: string, token: string | null = TOKENS.nightjar) =>
    rig.call(`/api/v1/accounts/${account}/test`, {
      method: 'POST',
      ...(token && { headers: { authorization: `Bearer ${token}` } }),
    });

  it('answers 202 with a marked ticket and where to look at it', async () => {
    const { status, body, headers } = await test('LARK-CARD');
    expect(status).toBe(202);
    expect(ticketView.parse(body)).toMatchObject({ account: 'LARK-CARD', urgency: 'stat', test: true });
    expect(headers.get('location')).toBe(`/api/v1/tickets/${body.ticket_id}`);
  });

  it('answers 401 without a token, and 403 to an account that is unknown or belongs to another service', async () => {
    expect((await test('LARK-CARD', null)).status).toBe(401);
    for (const account of ['ORRIN-HOME', 'NOBODY', 'LARK-CARD%00'])
      expect((await test(account)).body).toMatchObject({ status: 403, code: 'account-refused' });
  });

  it('answers 503 with Retry-After when nothing can be kept now', async () => {
    rig.tickets.failure = 'busy';
    const { status, headers } = await test('LARK-CARD');
    expect([status, headers.get('retry-after')]).toEqual([503, '7']);
  });

  it('answers 429 with Retry-After beyond six a minute for an account; other accounts and tickets are let through', async () => {
    for (let count = 0; count < 6; count += 1) expect((await test('LARK-CARD')).status).toBe(202);
    const { status, headers } = await test('LARK-CARD');
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await test('TAMSIN-OB')).status).toBe(202);
    expect((await rig.post({ id: 'NJ-9', account: 'LARK-CARD', reason: 'Wants a call.' })).status).toBe(202);
  });

  it('answers 405 to other methods', async () => {
    expect((await rig.get('/api/v1/accounts/LARK-CARD/test')).status).toBe(405);
  });
});
