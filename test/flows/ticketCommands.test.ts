import { TicketDesk } from '../../src/flows/ticketDesk.ts';
import { accountId, type TicketId } from '../../src/kernel/ids.ts';
import { FENN, ticketById } from '../tickets/fixtures.ts';
import { ash, birch, type installation as Installation, installation } from './controlRig.ts';
import { TicketRig, WREN } from './ticketRig.ts';

const SECRET = 'CNRY-NOTE-newt';
const ACCOUNT = 'LARK-CARD';

let rig: TicketRig;
let site: ReturnType<typeof Installation>;
let tickets = 0;

beforeEach(async () => {
  rig = await TicketRig.open();
  site = installation(rig.store, {
    clock: rig.flow.clock,
    api: { tickets: new TicketDesk(rig.flow), accounts: () => [ACCOUNT, 'ORRIN-HOME'].map(accountId) },
  });
});
afterEach(() => rig?.close());

async function take(patch: object = {}): Promise<{ id: TicketId; ref: string }> {
  const ref = `NJ-${++tickets}`;
  return { id: await rig.take({ ...ticketById('NJ-260020'), id: ref, ...patch }), ref };
}
async function command(words: string, who = ash) {
  const answer = await site.say(who, `!wr ${words}`);
  const content = [...site.posted.values()].at(-1);
  return { ...answer, body: String(content?.body), html: String(content?.formatted_body) };
}
const acknowledge = async (id: TicketId) =>
  rig.says(ACCOUNT, FENN, 'ok', { thread: (await rig.ticket(id)).rootEventId });

describe('ticket list', () => {
  it('shows open tickets, the most urgent first, and never their text', async () => {
    const routine = await take({ urgency: 'ROUTINE' });
    const stat = await take({ urgency: 'STAT', reason: SECRET, patient: { name: SECRET } });
    const taken = await take();
    await acknowledge(taken.id);
    const { data, body, html } = await command('ticket list');
    expect((data as { tickets: { ref: string }[] }).tickets.map(({ ref }) => ref)).toEqual([stat.ref, routine.ref]);
    expect(data).toMatchObject({
      more: 0,
      tickets: [{ urgency: 'stat', state: 'delivered', account: ACCOUNT, service: 'nightjar' }, {}],
    });
    expect(body).toMatch(new RegExp(`${stat.ref}.*STAT.*delivered, not seen.*dr\\.fenn`));
    expect(html).toContain(`<td><code>${stat.ref}</code></td><td>STAT</td>`);
    expect(JSON.stringify([data, body, html])).not.toContain(SECRET);
    expect(await rig.leaks(SECRET)).toEqual([]);
  });

  it('shows those of one account, in any case, and says which account may have been meant', async () => {
    await take();
    expect((await command('ticket list orrin-home')).data).toEqual({ tickets: [], more: 0 });
    expect((await command('ticket list lark-card')).data).toMatchObject({ tickets: [{ account: ACCOUNT }] });
    const slip = await command('ticket list LARK-CRAD');
    expect(slip).toMatchObject({ code: 'bad-argument', data: { argument: 'ACCOUNT', did_you_mean: [ACCOUNT] } });
    expect(slip.body).toContain(`Did you mean \`${ACCOUNT}\`?`);
  });
});

describe('ticket show', () => {
  it('tells the life of a ticket by either id, without its text', async () => {
    const { id, ref } = await take({ reason: SECRET });
    await acknowledge(id);
    for (const name of [id, ref, `"${ref}"`]) {
      const { data, body } = await command(`ticket show ${name}`);
      expect(data).toMatchObject({
        ticket_id: id,
        state: 'acknowledged',
        acknowledged: { by: FENN, strength: 'device' },
      });
      expect((data as { timeline: { event: string }[] }).timeline.map(({ event }) => event)).toEqual(
        expect.arrayContaining(['accepted', 'delivered', 'acknowledged']),
      );
      expect(body).toContain(`Acknowledged by ${FENN}`);
      expect(JSON.stringify(data) + body).not.toContain(SECRET);
    }
  });

  it('of an id that there is not, or that two services use, says so', async () => {
    const { id, ref } = await take();
    const other = await rig.take({ ...ticketById('NJ-260016'), id: ref }, WREN);
    expect(await command('ticket show NJ-0')).toMatchObject({ outcome: 'refused', code: 'no-such-ticket', data: {} });
    const both = await command(`ticket show ${ref}`);
    expect(both).toMatchObject({ outcome: 'refused', code: 'which-ticket' });
    expect(new Set((both.data as { did_you_mean: string[] }).did_you_mean)).toEqual(new Set([id, other]));
    expect(await command(`ticket show ${other}`)).toMatchObject({ code: 'shown', data: { account: 'ORRIN-HOME' } });
  });
});

describe('ticket close', () => {
  it('closes at once what somebody took, and tells the thread and the service who did', async () => {
    const { id, ref } = await take();
    await acknowledge(id);
    expect(await command(`ticket close ${ref}`)).toMatchObject({
      outcome: 'ok',
      code: 'closed',
      data: { state: 'closed' },
    });
    await rig.work();
    expect((await rig.thread(id)).at(-1)?.content.body).toBe(`Closed by the administrator ${ash}.`);
    expect((await rig.reports(id)).at(-1)).toMatchObject({ status: 'closed', by: ash });
    expect(await command(`ticket close ${ref}`)).toMatchObject({ outcome: 'refused', code: 'ticket-closed' });
  });

  it('asks where nobody took it, and is refused when somebody did meanwhile', async () => {
    const { id, ref } = await take({ urgency: 'URGENT' });
    const asked = await command(`ticket close ${ref}`);
    expect(asked).toMatchObject({ outcome: 'confirm', data: { second_person: false, urgency: 'urgent' } });
    expect(asked.body).toContain(`NOBODY took URGENT \`${ref}\``);
    expect((await rig.ticket(id)).state).toBe('delivered');
    await acknowledge(id);
    expect(await command(`confirm ${asked.confirm}`)).toMatchObject({ outcome: 'refused', code: 'state-changed' });
    expect((await rig.ticket(id)).state).toBe('acknowledged');
  });

  it('of a STAT that nobody took needs another administrator', async () => {
    const { id, ref } = await take({ urgency: 'STAT' });
    const asked = await command(`ticket close ${ref}`);
    expect(asked).toMatchObject({ outcome: 'confirm', data: { second_person: true } });
    expect(await command(`confirm ${asked.confirm}`)).toMatchObject({ code: 'needs-second-person' });
    expect(await command(`confirm ${asked.confirm}`, birch)).toMatchObject({
      outcome: 'ok',
      code: 'closed',
      data: { of: 'ticket close' },
    });
    expect(await rig.ticket(id)).toMatchObject({ state: 'closed', nextStepAt: null });
    expect(await rig.entries('ticket.administrator_closed')).toBe(1);
  });
});

describe('ticket note', () => {
  it('goes into the thread as it was written, and nowhere else', async () => {
    const { id, ref } = await take();
    const answer = await command(`ticket note ${ref} Say “${SECRET}” --now`);
    expect(answer).toMatchObject({ outcome: 'ok', code: 'noted' });
    await rig.work();
    expect((await rig.thread(id)).at(-1)?.content.body).toBe(
      `Note of the administrator ${ash}:\nSay “${SECRET}” --now`,
    );
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(await rig.leaks(SECRET)).toEqual([]);
    expect((await rig.ticket(id)).state).toBe('delivered');
    expect(await command(`ticket note ${ref}`)).toMatchObject({
      code: 'bad-argument',
      data: { argument: 'TEXT', why: 'missing' },
    });
  });
});
