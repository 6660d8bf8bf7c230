import { admitTicket } from '../../src/flows/admitTicket.ts';
import { takeOperatorEvent } from '../../src/flows/operatorEvents.ts';
import type { TicketId } from '../../src/kernel/ids.ts';
import { FENN, SURI, ticketById } from '../tickets/fixtures.ts';
import { NIGHTJAR, TicketRig, WREN } from './ticketRig.ts';

let rig: TicketRig;
beforeEach(async () => {
  rig = await TicketRig.open();
});
afterEach(() => rig?.close());

const first = () => rig.take({ ...ticketById('NJ-260020'), id: 'NJ-1' });
const again = (patch: Record<string, unknown> = {}) =>
  rig.take({ ...ticketById('NJ-260001-R2'), id: 'NJ-1-R2', relates_to: 'NJ-1', ...patch });
const state = async (id: TicketId) => (await rig.ticket(id)).state;
const root = async (id: TicketId) => (await rig.ticket(id)).rootEventId;

describe('a ticket that names an open one', () => {
  it('joins its ladder: its text is a notice in the thread that calls who is due, and both are linked', async () => {
    const one = await first();
    const two = await again();
    const notice = (await rig.thread(one)).find(({ content }) => content['org.wardroom.ticket'].kind === 'notice');
    expect(notice?.content.body).toContain('THE CALLER RANG AGAIN: STAT \u00b7 LARK-CARD \u00b7 ref NJ-1-R2');
    expect(notice?.content.body).toContain('SECOND CALL re NJ-260001');
    expect(notice?.content.body).toContain('CNRY-B2-stoat');
    expect(notice?.content['m.mentions'].user_ids).toEqual([FENN]);
    expect(notice?.content['org.wardroom.ticket']).toMatchObject({ ticket_id: one, joined_ticket_id: two });
    expect(await rig.ticket(two)).toMatchObject({
      joins: one,
      rootEventId: await root(one),
      plan: [],
      nextStepAt: null,
      flags: expect.arrayContaining(['repeat_call']),
    });
    expect((await rig.ticket(one)).joined).toEqual([two]);
    // The clock jumped to 15 minutes: the backup is called.
    expect((await rig.thread(one)).at(-1)?.content['m.mentions'].user_ids).toEqual([SURI]);
    expect(await rig.leaks('CNRY-B2-stoat')).toEqual([]);
  });

  it('goes the way of the first, which alone is reminded, escalated and answered', async () => {
    const one = await first();
    const two = await again();
    expect(await rig.statuses(two)).toEqual(['accepted', 'sent', 'delivered']);
    await rig.says('LARK-CARD', FENN, 'ok');
    expect([await state(one), await state(two)]).toEqual(['acknowledged', 'acknowledged']);
    expect((await rig.reports(two)).at(-1)).toMatchObject({ status: 'acknowledged', by: FENN });
    const said = await rig.says('LARK-CARD', FENN, '!pass @suri', { thread: await root(one) });
    expect(rig.answerTo(said).code).toBe('passed');
    expect([await state(two), (await rig.statuses(two)).at(-1)]).toEqual(['delivered', 'unacknowledged']);
    await rig.says('LARK-CARD', SURI, '!done Called the family.', { thread: await root(one) });
    expect([await state(one), await state(two)]).toEqual(['closed', 'closed']);
    expect((await rig.reports(two)).at(-1)).toMatchObject({ status: 'closed', by: SURI, hasText: true });
    expect(await rig.statuses(two)).not.toContain('escalated');
  });

  it('a third call about the second joins the first', async () => {
    const one = await first();
    await again();
    const three = await again({ id: 'NJ-1-R3', relates_to: 'NJ-1-R2' });
    expect((await rig.ticket(three)).joins).toBe(one);
    expect((await rig.ticket(one)).joined).toHaveLength(2);
  });

  it('sent again is the same ticket, and joins once', async () => {
    const one = await first();
    const two = await again();
    expect(await again()).toBe(two);
    expect((await rig.ticket(one)).joined).toEqual([two]);
  });

  it('uses up no number', async () => {
    const one = await first();
    await again();
    const next = await rig.take({ ...ticketById('NJ-260020'), id: 'NJ-2' });
    expect([(await rig.ticket(one)).token, (await rig.ticket(next)).token]).toEqual(['1', '2']);
  });

  it.each([
    ['is more urgent than it', { urgency: 'ROUTINE' }, {}],
    ['is of another account', {}, { account: 'BRINE-PEDS' }],
    ['names none that there is', {}, { relates_to: 'NJ-9' }],
  ])('climbs a ladder of its own when it %s', async (_what, patch, more) => {
    const one = await rig.take({ ...ticketById('NJ-260020'), id: 'NJ-1', ...patch });
    const two = await again(more);
    expect((await rig.ticket(two)).joins).toBeUndefined();
    expect((await rig.ticket(two)).plan.length).toBeGreaterThan(0);
    expect((await rig.ticket(one)).joined).toBeUndefined();
  });

  it('of another service climbs a ladder of its own', async () => {
    await rig.take({ ...ticketById('NJ-260016'), id: 'NJ-1' });
    const outcome = await admitTicket(rig.flow, WREN, {
      ...ticketById('NJ-260016'),
      id: 'WX-1',
      relates_to: 'NJ-1',
    });
    if (outcome.kind !== 'accepted') throw new Error('refused');
    expect(outcome.ticket.joined_to).toBeUndefined();
  });

  it('after somebody took the first climbs a ladder of its own', async () => {
    const one = await first();
    await rig.says('LARK-CARD', FENN, 'ok');
    expect(await state(one)).toBe('acknowledged');
    expect((await rig.ticket(await again())).joins).toBeUndefined();
  });

  it('closed by its operator closes nothing else; connected, it stops the ladder of both', async () => {
    const one = await first();
    const two = await again();
    const three = await again({ id: 'NJ-1-R3' });
    await takeOperatorEvent(rig.flow, NIGHTJAR, two, { type: 'closed', by: 'op17', text: 'Same call twice.' });
    await rig.work();
    expect([await state(one), await state(two), await state(three)]).toEqual(['delivered', 'closed', 'delivered']);
    expect((await rig.thread(one)).at(-1)?.content.body).toContain('Same call twice.');
    const told = await takeOperatorEvent(rig.flow, NIGHTJAR, three, { type: 'patched', by: 'op17' });
    expect(told).toMatchObject({ kind: 'done', ticket: { ticket_id: three, state: 'acknowledged' } });
    expect([await state(one), await state(two), await state(three)]).toEqual([
      'acknowledged',
      'closed',
      'acknowledged',
    ]);
  });
});
