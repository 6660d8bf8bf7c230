import { eventId, userId } from '../../src/kernel/ids.ts';
import { FENN, STRANGER, SURI, ticketById } from '../tickets/fixtures.ts';
import { TicketRig } from './ticketRig.ts';

let rig: TicketRig;
let tickets = 0;
beforeEach(async () => {
  rig = await TicketRig.open();
});
afterEach(() => rig?.close());

const take = () => rig.take({ ...ticketById('NJ-260020'), id: `NJ-${++tickets}` });
const root = async (id: Awaited<ReturnType<typeof take>>) => (await rig.ticket(id)).rootEventId;

describe('"Send to backup"', () => {
  it('in the thread calls the backup at once and is told to the service without a word of text', async () => {
    const id = await take();
    const said = await rig.says('LARK-CARD', FENN, 'Send to backup', { thread: await root(id) });
    const last = (await rig.thread(id)).at(-1)?.content;
    expect(last).toMatchObject({
      'm.mentions': { user_ids: [SURI] },
      'org.wardroom.ticket': { kind: 'escalation', step: 5 },
    });
    const reports = await rig.reports(id);
    expect(reports.slice(-2)).toMatchObject([
      { status: 'declined', by: FENN, hasText: false },
      { status: 'escalated', step: 5 },
    ]);
    expect(await rig.entries('ticket.decline_received')).toBe(1);
    await rig.receiver.receive(said);
    expect(await rig.reports(id)).toEqual(reports);
  });

  it('is a reaction, too, where a client reacts with words', async () => {
    const id = await take();
    await rig.receiver.receive({
      type: 'reaction',
      room: rig.roomOf('LARK-CARD'),
      event: eventId('$reaction'),
      sender: FENN,
      at: rig.now,
      target: (await root(id))!,
      key: 'Reject',
    });
    expect(await rig.statuses(id)).toContain('declined');
  });

  it('that names no ticket means the only one the sender has; with several it asks', async () => {
    const first = await take();
    await rig.says('LARK-CARD', FENN, 'reject');
    expect(await rig.statuses(first)).toContain('declined');
    const second = await take();
    await rig.says('LARK-CARD', FENN, 'reject');
    expect(await rig.statuses(second)).not.toContain('declined');
    expect(rig.posted.at(-1)?.content.body).toMatch(/^Which ticket\? 2 are open\. Say it in the thread/);
  });

  it('of somebody who was not called is a reply like any other', async () => {
    const id = await take();
    await rig.says('LARK-CARD', userId('@jory:larkmoor.example'), 'Reject', { thread: await root(id) });
    await rig.says('LARK-CARD', STRANGER, 'Reject', { thread: await root(id) });
    expect((await rig.statuses(id)).slice(-3)).toEqual(['seen', 'replied', 'replied']);
  });
});
