import { changeTicket } from '../../src/flows/changeTicket.ts';
import { takeOperatorEvent } from '../../src/flows/operatorEvents.ts';
import type { TicketId } from '../../src/kernel/ids.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { dispatchSchema } from '../../src/tickets/dispatchSchema.ts';
import { acknowledgement, at, FENN, oncall, ticketById } from '../tickets/fixtures.ts';
import { NIGHTJAR, TicketRig, VOICE, WREN } from './ticketRig.ts';

const DESK = '#larkmoor-frontdesk:larkmoor.example';
const ROOM = `!${DESK}`;
const { practices, protocols } = oncall as Record<string, Record<string, object>>;
/** Three practices of two services that read one report: BRINE-PEDS is an hour behind, and hears also of what somebody dealt with. */
const dispatch = dispatchSchema.parse({
  ...oncall,
  practices: { ...practices, 'BRINE-PEDS': { ...practices?.['BRINE-PEDS'], report_includes: 'all' } },
  protocols: {
    ...protocols,
    'BRINE-PEDS/FYI': { steps: [{ at: '06:30', do: 'digest', to: DESK }] },
    'BRINE-PEDS/ROUTINE': { steps: [{ at: '06:30', do: 'report', to: DESK }] },
    'ORRIN-HOME/FYI': { steps: [{ at: '07:30', do: 'digest', to: DESK }] },
  },
});
const [NOON, MORNING] = [at('2026-11-28T12:00:00-05:00'), at('2026-11-29T07:30:00-05:00')];
const DAY = 24 * 3_600_000;

let rig: TicketRig;
let count = 0;
beforeEach(async () => {
  rig = await TicketRig.open({ dispatch, directory: buildDirectory(dispatch) });
  rig.now = NOON;
});
afterEach(() => rig?.close());

const take = (patch: Record<string, unknown> = {}, service = NIGHTJAR) =>
  rig.take({ ...ticketById('NJ-260008'), id: `D-${++count}`, ...patch }, service);
const tell = (id: TicketId, type: string, text: string) =>
  takeOperatorEvent(rig.flow, NIGHTJAR, id, { by: 'op17', type, text });
/** As the homeserver keeps them: what comes under the same transaction id again is the same event. */
const reports = () =>
  rig.posted
    .filter(({ content }) => content['org.wardroom.ticket'].kind === 'report')
    .filter((one, index, all) => all.findIndex(({ event }) => event === one.event) === index);
const idsIn = () => reports().map(({ content }) => content['org.wardroom.ticket'].ticket_ids);
const body = (index = 0): string => reports()[index]?.content.body;
const reportedTimes = async (id: TicketId) => (await rig.statuses(id)).filter((status) => status === 'reported').length;
const eventBytes = (content: unknown) => Math.ceil(((JSON.stringify(content).length + 300) * 4) / 3) + 4096;

describe('the report of a room', () => {
  it('is one message with everything that falls due at that moment, the most urgent first, each ticket reported once', async () => {
    const first = await take({ reason: 'Wants the form back', taken_at: '2026-11-28T11:58:40-05:00' });
    rig.now += 60_000;
    const second = await take({ reason: 'Says thank you' });
    const routine = await take({ account: 'BRINE-PEDS', urgency: 'ROUTINE', reason: 'Refill' });
    await rig.fallDue(MORNING - 1);
    expect(reports()).toEqual([]);
    await rig.until(MORNING);
    expect(idsIn()).toEqual([[routine, first, second]]);
    expect(reports()[0]).toMatchObject({
      room: ROOM,
      voice: VOICE,
      content: {
        msgtype: 'm.text',
        'm.mentions': { user_ids: [] },
        'org.wardroom.ticket': { ticket_id: routine, urgency: 'routine', kind: 'report' },
      },
    });
    expect(reports()[0]?.content).not.toHaveProperty('m.relates_to');
    const lines = body().split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'REPORT \u00b7 BRINE-PEDS, LARK-CARD \u00b7 3 tickets: 1 routine, 2 FYI',
      'Sat 28 Nov 11:00 to Sun 29 Nov 06:30 (America/Chicago)',
    ]);
    for (const line of [
      'Reason: Wants the form back',
      'Received Sat 28 Nov 11:58',
      'Reason: Says thank you',
      'Reason: Refill',
    ])
      expect(lines).toContain(line);
    expect(body()).not.toContain('Late');
    expect(body()).not.toContain('reply ok');
    for (const id of [first, second, routine]) {
      expect((await rig.ticket(id)).state).toBe('reported');
      expect(await rig.statuses(id)).toEqual(['accepted', 'sent', 'reported']);
    }
    await rig.startAgain();
    expect(reports()).toHaveLength(1);
  });

  it('of two services is said by Wardroom itself', async () => {
    const nightjar = await take();
    const wren = await take({ account: 'ORRIN-HOME' }, WREN);
    await rig.until(MORNING);
    expect(idsIn()).toEqual([[nightjar, wren]]);
    expect(reports()[0]?.voice).toBe('@wardroom:example');
  });

  it('leaves a ticket that came after the moment to the next one', async () => {
    const before = await take();
    await rig.until(MORNING);
    rig.now = MORNING + 1000;
    const after = await take();
    await rig.until(MORNING + DAY);
    expect(idsIn()).toEqual([[before], [after]]);
  });

  it('that comes late says so, and is one message for every moment it missed', async () => {
    const first = await take();
    rig.now = NOON + DAY;
    const second = await take();
    await rig.until(NOON + 2 * DAY);
    expect(idsIn()).toEqual([[first, second]]);
    expect(body()).toContain('\u26a0 Late: it was due Sun 29 Nov 07:30.');
    const { rows } = await rig.bench.admin.query(
      `SELECT ticket_id, late FROM wardroom.timeline WHERE event = 'step_due' ORDER BY seq`,
    );
    expect(rows).toEqual([first, second].map((id) => ({ ticket_id: id, late: true })));
  });

  it('says what the operator corrected, and nothing of a ticket that was cancelled before, or between the moment and the message', async () => {
    const corrected = await take();
    const [cancelled, cancelledLate] = [await take(), await take()];
    await tell(corrected, 'corrected', 'Room 12, not 21');
    await tell(cancelled, 'cancelled', 'sent twice');
    await rig.fallDue(MORNING);
    await tell(cancelledLate, 'cancelled', 'sent twice');
    await rig.work();
    expect(idsIn()).toEqual([[corrected]]);
    expect(body()).toContain('Room 12, not 21');
    expect(body()).toContain('Corrected by the answering service Sat 28 Nov 12:00.');
    for (const id of [cancelled, cancelledLate]) {
      expect((await rig.ticket(id)).state).toBe('closed');
      expect(await reportedTimes(id)).toBe(0);
    }
  });

  it('also lists what somebody dealt with, and how it ended, where the practice wants that', async () => {
    const peds = { account: 'BRINE-PEDS' };
    const taken = await take({ ...peds, urgency: 'STAT', reason: 'Fever' });
    const open = await take({ ...peds, urgency: 'URGENT', reason: 'Cough' });
    const cancelled = await take({ ...peds, reason: 'Sent twice' });
    const elsewhere = await take({ urgency: 'STAT' });
    const [who] = (await rig.ticket(taken)).due;
    if (!who) throw new Error('nobody is due');
    for (const id of [taken, elsewhere])
      await changeTicket(rig.flow, id, { actor: who }, () => [
        { type: 'acknowledged', acknowledgement: acknowledgement(id === taken ? who : FENN) },
      ]);
    await tell(cancelled, 'cancelled', 'sent twice');
    await rig.until(MORNING);
    expect(idsIn()).toEqual([[taken, open, cancelled]]);
    const [, stat, urgent, fyi] = body().split(/\n\n/);
    const name = buildDirectory(dispatch).personOf(who);
    expect(stat).toMatch(
      new RegExp(`What happened: Alerted: ${name} Sat 28 Nov 11:00\\. Taken by ${name} Sat 28 Nov 11:00\\.$`),
    );
    expect(urgent).toContain('Nobody has taken it yet.');
    expect(fyi).toMatch(/CANCELLED[\s\S]*Cancelled by the answering service Sat 28 Nov 11:00\.$/);
    // It was only listed: what its own ladder asks for stays as it is.
    expect((await rig.ticket(taken)).state).toBe('acknowledged');
    expect((await rig.ticket(cancelled)).state).toBe('closed');
    expect(['reported', 'acknowledged', 'closed']).not.toContain((await rig.ticket(open)).state);
    for (const id of [taken, open, cancelled]) expect(await reportedTimes(id)).toBe(0);
    await rig.until(MORNING + 3 * DAY);
    expect(reports()).toHaveLength(1);
  });

  it('too long for one event is several messages, each of whole tickets, none lost, none twice', async () => {
    const ids: TicketId[] = [];
    for (let index = 0; index < 9; index += 1, rig.now += 1)
      ids.push(await take({ reason: `${index} ${'<wide> \u{1F4DF} '.repeat(index === 4 ? 30_000 : 400)}` }));
    await rig.until(MORNING);
    expect(reports().length).toBeGreaterThan(1);
    expect(idsIn().flat()).toEqual(ids);
    for (const [index, { content }] of reports().entries()) {
      expect(eventBytes(content)).toBeLessThan(65_536);
      expect(content.body).toContain(`Part ${index + 1} of ${reports().length}.`);
      expect(content.body).toContain('9 tickets: 9 FYI');
    }
    for (const id of ids) expect([(await rig.ticket(id)).state, await reportedTimes(id)]).toEqual(['reported', 1]);
  });
});

describe('a kill over a report', () => {
  it.each([
    ['post.encrypted', 0],
    ['post.stored', 0],
    ['post.sent', 0],
    // Between the records of its tickets, the last of which carries the message.
    ['change.before_commit', 0],
    ['change.before_commit', 1],
    ['change.before_commit', 2],
    ['post.recorded', 0],
  ] as const)('at %s, passed %i times before: one message, each ticket reported once', async (point, after) => {
    const ids = [await take(), await take(), await take({ account: 'ORRIN-HOME' }, WREN)];
    await rig.fallDue(MORNING);
    rig.crash = { point, after };
    await expect(rig.work()).rejects.toThrow(`killed at ${point}`);
    await rig.startAgain();
    expect(idsIn()).toEqual([ids]);
    for (const id of ids) {
      expect((await rig.ticket(id)).state).toBe('reported');
      expect(await reportedTimes(id)).toBe(1);
    }
    expect(await rig.entries('message.sent')).toBe(6);
  });
});
