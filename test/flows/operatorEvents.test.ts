import { changeTicket } from '../../src/flows/changeTicket.ts';
import { takeOperatorEvent } from '../../src/flows/operatorEvents.ts';
import type { TicketId } from '../../src/kernel/ids.ts';
import { FENN, ticketById } from '../tickets/fixtures.ts';
import { NIGHTJAR, TicketRig, WREN } from './ticketRig.ts';

let rig: TicketRig;
let tickets = 0;
beforeAll(async () => {
  rig = await TicketRig.open();
});
afterAll(() => rig?.close());

const HOUR = 3_600_000;
const SECRET = 'Wants Dr Amsel, not Dr Ansel; CNRY-OP-vole';

const take = () => rig.take({ ...ticketById('NJ-260020'), id: `NJ-${++tickets}` });
const tell = async (id: TicketId, event: Record<string, unknown>, service = NIGHTJAR) => {
  const outcome = await takeOperatorEvent(rig.flow, service, id, { by: 'op17', ...event });
  await rig.work();
  return outcome;
};
const last = async (id: TicketId) => (await rig.thread(id)).at(-1)?.content;

describe('what an operator says of a ticket', () => {
  it('patched acknowledges and stops the ladder', async () => {
    const id = await take();
    expect(await tell(id, { type: 'patched' })).toMatchObject({ kind: 'done', ticket: { state: 'acknowledged' } });
    const ticket = await rig.ticket(id);
    expect(ticket).toMatchObject({ nextStepAt: null, acknowledgements: [{ by: 'op17', how: 'patched' }] });
    expect((await rig.reports(id)).at(-1)).toMatchObject({ status: 'acknowledged', by: 'op17' });
    expect((await last(id)).body).toContain('connected');
  });

  it.each(['closed', 'cancelled'])('%s stops the ladder, whoever took it before, and is told once', async (type) => {
    const id = await take();
    await tell(id, { type: 'patched' });
    expect(await tell(id, { type, text: SECRET })).toMatchObject({ kind: 'done', ticket: { state: 'closed' } });
    expect(await tell(id, { type, text: 'again' })).toMatchObject({ kind: 'done', ticket: { state: 'closed' } });
    expect((await rig.statuses(id)).filter((status) => status === 'closed')).toHaveLength(1);
    expect((await rig.ticket(id)).nextStepAt).toBeNull();
    expect(await rig.timeline(id)).toContainEqual({ event: 'closed', code: type, who: null });
    expect(await tell(id, { type: 'patched', id: 'late' })).toEqual({ kind: 'refused', reason: 'closed' });
  });

  it('a correction goes into the thread and calls who is due; a note calls nobody', async () => {
    const id = await take();
    await tell(id, { type: 'corrected', text: SECRET });
    expect(await last(id)).toMatchObject({
      body: `CORRECTION by the answering service (op17):\n${SECRET}`,
      'm.mentions': { user_ids: [FENN] },
      'org.wardroom.ticket': { ticket_id: id, kind: 'notice' },
    });
    await tell(id, { type: 'note', text: SECRET });
    expect(await last(id)).toMatchObject({ 'm.mentions': { user_ids: [] } });
    expect(await rig.ticket(id)).toMatchObject({ state: 'delivered' });
    expect(await rig.leaks('CNRY-OP-vole')).toEqual([]);
  });

  it('comes again, with the ticket, for a device that could not read it', async () => {
    const id = await take();
    await tell(id, { type: 'corrected', text: SECRET });
    for (let times = 0; times < 2; times += 1) {
      await changeTicket(rig.flow, id, { actor: 'wardroom' }, () => [{ type: 'readable', by: FENN }]);
      await rig.work();
    }
    const kinds = (await rig.thread(id)).map(({ content }) => [
      content['org.wardroom.ticket'].kind,
      String(content.body).includes(SECRET),
    ]);
    expect(kinds).toEqual([
      ['ticket', false],
      ['notice', true],
      ['posted_again', false],
      ['notice', true],
      ['posted_again', false],
      ['notice', true],
    ]);
  });

  it('the whole of a long note arrives, in several messages', async () => {
    const id = await take();
    const text = `${'<&">'.repeat(20_000)}the end`;
    await tell(id, { type: 'note', text });
    const bodies = (await rig.thread(id)).filter(({ content }) => content['org.wardroom.ticket'].kind === 'notice');
    expect(bodies.length).toBeGreaterThan(1);
    expect(bodies.map(({ content }) => content.body).join('')).toContain(text);
    for (const { content } of bodies) expect(JSON.stringify(content).length).toBeLessThan(48_000);
  });

  it('the same again within a day is done once, and a day later again', async () => {
    const id = await take();
    const note = { type: 'note', text: 'Caller is on hold.' };
    expect(await tell(id, note)).toMatchObject({ ticket: { duplicate: false } });
    expect(await tell(id, note)).toMatchObject({ ticket: { duplicate: true } });
    const named = { type: 'note', text: 'By id.', id: 'e-1' };
    expect(await tell(id, named)).toMatchObject({ ticket: { duplicate: false } });
    expect(await tell(id, named)).toMatchObject({ ticket: { duplicate: true } });
    expect(await tell(id, { ...named, text: 'Other.' })).toEqual({ kind: 'refused', reason: 'id-reused' });
    const notes = async () => (await rig.timeline(id)).filter(({ event }) => event === 'note').length;
    expect(await notes()).toBe(2);
    rig.now += 25 * HOUR;
    expect(await tell(id, note)).toMatchObject({ ticket: { duplicate: false } });
    expect(await notes()).toBe(3);
    rig.now -= 25 * HOUR;
  });

  it('at once from two connections is done once', async () => {
    const id = await take();
    const both = await Promise.all([1, 2].map(() => tell(id, { type: 'note', text: 'Twice.' })));
    expect(both.map((one) => one.kind === 'done' && one.ticket.duplicate).sort()).toEqual([false, true]);
  });

  it('of another service’s ticket says that there is none', async () => {
    const id = await take();
    expect(await tell(id, { type: 'closed' }, WREN)).toEqual({ kind: 'refused', reason: 'not-found' });
    expect((await rig.ticket(id)).state).toBe('delivered');
  });

  it('is refused when it cannot be meant, with the place and never the value, and audited', async () => {
    const id = await take();
    const before = await rig.entries('ticket.operator_event');
    for (const [event, errors] of [
      [{ type: 'gone' }, [{ path: '/type', code: 'unknown' }]],
      [{ type: 'note' }, [{ path: '/text', code: 'missing' }]],
      [{ type: 'note', text: ' ' }, [{ path: '/text', code: 'empty' }]],
      [
        { type: 'closed', by: 7, id: '\n' },
        [
          { path: '/by', code: 'not-a-string' },
          { path: '/id', code: 'empty' },
        ],
      ],
    ] as const)
      expect(await tell(id, event)).toEqual({ kind: 'refused', reason: 'invalid', errors });
    expect(await rig.entries('ticket.operator_event')).toBe(before + 4);
  });
});
