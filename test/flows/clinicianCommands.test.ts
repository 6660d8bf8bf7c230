import type { TicketId } from '../../src/kernel/ids.ts';
import { FENN, QUIST, STRANGER, SURI, ticketById } from '../tickets/fixtures.ts';
import { CONTROL, TicketRig, WREN } from './ticketRig.ts';

let rig: TicketRig;
let tickets = 0;
beforeEach(async () => {
  rig = await TicketRig.open();
});
afterEach(() => rig?.close());

const MIN = 60_000;
const ACCOUNT = 'LARK-CARD';
const SECRET = 'CNRY-DONE-newt';

const take = () => rig.take({ ...ticketById('NJ-260020'), id: `NJ-${++tickets}` });
/** Says it in the thread of the ticket, or beside it; the answer. */
async function ask(who: string, body: string, about: TicketId | null = null, more: object = {}) {
  const thread = about === null ? null : (await rig.ticket(about)).rootEventId;
  return rig.answerTo(await rig.says(ACCOUNT, who, body, { thread, ...more }));
}

describe('every command', () => {
  it('gets one answer, a notice in reply to it, in its thread, also when its event comes again', async () => {
    const id = await take();
    const thread = (await rig.ticket(id)).rootEventId;
    const said = await rig.says(ACCOUNT, FENN, '!ack', { thread });
    const first = rig.answerTo(said);
    expect(first.content).toMatchObject({
      msgtype: 'm.notice',
      format: 'org.matrix.custom.html',
      'm.relates_to': { rel_type: 'm.thread', event_id: thread, 'm.in_reply_to': { event_id: said.event } },
      'org.wardroom.answer': { command: 'ack', outcome: 'ok', code: 'acknowledged', data: { ticket_id: id } },
    });
    await rig.receiver.receive(said);
    const answers = rig.posted.filter(({ event }) => event === `$wr.answer.${said.event}`);
    // The homeserver takes the same transaction id once.
    expect(answers.map(({ content }) => content)).toEqual([first.content, first.content]);
    expect((await rig.ticket(id)).acknowledgements).toHaveLength(1);
    expect(await rig.entries('command.given')).toBe(1);
  });

  it('is refused clearly when it cannot be meant', async () => {
    await take();
    const { outcome, code, body } = await ask(FENN, '!pass');
    expect([outcome, code]).toEqual(['refused', 'bad-argument']);
    expect(body).toContain('!pass [NUMBER] @COLLEAGUE');
    expect(await ask(FENN, '!tickets please')).toMatchObject({ code: 'bad-argument' });
  });

  it('with several tickets that could be meant, or none, does nothing and says so', async () => {
    expect(await ask(FENN, '!ack')).toMatchObject({ outcome: 'refused', code: 'no-ticket' });
    const ids = [await take(), await take()];
    expect(await ask(FENN, '!ack')).toMatchObject({ code: 'which-ticket' });
    const { token } = await rig.ticket(ids[1]!);
    expect(await ask(FENN, `!ack ${token}`)).toMatchObject({ code: 'acknowledged', data: { ticket_id: ids[1] } });
    expect(await ask(FENN, '!ack')).toMatchObject({ code: 'acknowledged', data: { ticket_id: ids[0] } });
  });

  it('that names no ticket and is heard late does nothing', async () => {
    const id = await take();
    expect(await ask(FENN, '!ack', null, { sentAt: rig.now - 15 * MIN })).toMatchObject({ code: 'heard-late' });
    expect(await ask(FENN, '!ack', id, { sentAt: rig.now - 15 * MIN })).toMatchObject({ code: 'acknowledged' });
  });

  it('counts for nothing from somebody whom no step can name', async () => {
    const id = await take();
    for (const said of ['!ack', '!done', `!pass ${QUIST}`])
      expect(await ask(STRANGER, said, id)).toMatchObject({ outcome: 'refused', code: 'not-yours' });
    expect((await rig.ticket(id)).state).toBe('delivered');
  });

  it('unencrypted is no command', async () => {
    const id = await take();
    await rig.says(ACCOUNT, FENN, '!ack', { thread: (await rig.ticket(id)).rootEventId, encrypted: false });
    expect((await rig.ticket(id)).state).toBe('delivered');
  });
});

describe('!pass', () => {
  it.each([QUIST, '@jory', 'np.quist', `https://matrix.to/#/${encodeURIComponent(QUIST)}`])(
    'hands the ticket to a colleague named %s, who is called',
    async (name) => {
      const id = await take();
      expect(await ask(FENN, `!pass ${name}`, id)).toMatchObject({ code: 'passed', data: { to: QUIST } });
      const call = (await rig.thread(id)).find(({ content }) => content['org.wardroom.ticket']?.kind === 'escalation');
      expect(call?.content['m.mentions'].user_ids).toEqual([QUIST]);
      expect((await rig.reports(id)).at(-1)).toMatchObject({ status: 'declined', by: FENN });
      expect(await rig.timeline(id)).toContainEqual({ event: 'step_due', code: 'passed', who: QUIST });
    },
  );

  it('understands a mention, whatever the name in the text', async () => {
    const id = await take();
    const answer = await ask(FENN, '!pass Jory Q.', id, { mentions: [QUIST] });
    expect(answer).toMatchObject({ code: 'passed', data: { to: QUIST } });
  });

  it('is refused for who may not take it, who has not got it, and when a colleague took it', async () => {
    const id = await take();
    expect(await ask(FENN, `!pass ${STRANGER}`, id)).toMatchObject({ code: 'no-such-colleague' });
    expect(await ask(FENN, `!pass ${FENN}`, id)).toMatchObject({ code: 'no-such-colleague' });
    expect(await ask(QUIST, `!pass ${FENN}`, id)).toMatchObject({ code: 'not-yours' });
    await ask(QUIST, '!ack', id);
    expect(await ask(FENN, `!pass ${SURI}`, id)).toMatchObject({ code: 'not-yours' });
    expect((await rig.ticket(id)).state).toBe('acknowledged');
  });

  it('by the one who took it gives it away', async () => {
    const id = await take();
    await ask(FENN, '!ack', id);
    rig.now += 30 * MIN;
    expect(await ask(FENN, `!pass ${SURI}`, id)).toMatchObject({ code: 'passed' });
    expect((await rig.statuses(id)).slice(-2)).toEqual(['unacknowledged', 'declined']);
    expect(await rig.ticket(id)).toMatchObject({ state: 'seen', alerted: [SURI], acknowledgements: [] });
    await rig.says(ACCOUNT, SURI, 'ok', { thread: (await rig.ticket(id)).rootEventId });
    expect((await rig.ticket(id)).state).toBe('acknowledged');
  });
});

describe('!done', () => {
  it('takes an open ticket and closes it; what was done goes to a service that wants text, sealed', async () => {
    const id = await take();
    const answer = await ask(FENN, `!done Spoke to the wife. ${SECRET}`, id);
    expect(answer).toMatchObject({ code: 'closed', data: { state: 'closed' } });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect((await rig.reports(id)).slice(-2)).toMatchObject([
      { status: 'acknowledged', by: FENN },
      { status: 'closed', by: FENN, hasText: true },
    ]);
    expect(await rig.ticket(id)).toMatchObject({ state: 'closed', nextStepAt: null });
    expect(await rig.leaks(SECRET)).toEqual([]);
    expect(await ask(FENN, '!done', id)).toMatchObject({ outcome: 'refused', code: 'ticket-closed' });
  });

  it('tells no text to a service that wants none', async () => {
    const id = await rig.take({ ...ticketById('NJ-260016'), id: 'WX-1' }, WREN);
    const { rootEventId: thread } = await rig.ticket(id);
    const who = '@osmere:orrin.example';
    expect(rig.answerTo(await rig.says('ORRIN-HOME', who, '!done Called back.', { thread }))).toMatchObject({
      code: 'closed',
    });
    expect((await rig.reports(id)).at(-1)).toMatchObject({ status: 'closed', hasText: false });
  });

  it('outside a thread means the one that the sender has in hand', async () => {
    const [first, second] = [await take(), await take()];
    await ask(FENN, '!ack', second);
    await ask(FENN, '!ack', first);
    expect(await ask(FENN, '!done')).toMatchObject({ code: 'which-ticket' });
    await ask(FENN, '!done', first);
    expect(await ask(FENN, '!done told the nurse')).toMatchObject({ code: 'closed', data: { ticket_id: second } });
  });
});

describe('!tickets', () => {
  it('lists the sender’s own, those that wait and those in hand, without a word of their text', async () => {
    const [first, second, third] = [await take(), await take(), await take()];
    await ask(FENN, '!ack', second);
    await ask(FENN, '!done', third);
    rig.now += 5 * MIN;
    const answer = await ask(FENN, '!tickets');
    const { token, rootEventId } = await rig.ticket(first);
    expect(answer.data).toEqual({
      more: 0,
      tickets: [
        expect.objectContaining({
          ticket_id: first,
          number: token,
          urgency: 'stat',
          state: 'delivered',
          age_seconds: 300,
          alerted: expect.stringMatching(/^Alerted: dr\.fenn \d\d:\d\d\. Next: dr\.vantongeren \d\d:\d\d\.$/),
        }),
      ],
      in_hand: [
        expect.objectContaining({
          ticket_id: second,
          number: null,
          state: 'acknowledged',
          account: ACCOUNT,
          alerted: null,
        }),
      ],
    });
    expect(answer.body).toContain(`\`${token}\` STAT LARK-CARD, 5 min, delivered: https://matrix.to/#/`);
    expect(answer.body).toContain(`${encodeURIComponent(rootEventId!)} Alerted: dr.fenn `);
    expect(answer.body).not.toContain('CNRY');
    expect((await ask(QUIST, '!tickets')).body).toBe('No ticket waits for you, and you have none in hand.');
    expect((await ask(STRANGER, '!tickets')).data).toEqual({ tickets: [], in_hand: [], more: 0 });
  });
});

describe('!oncall', () => {
  it('says who is on call for the account of the room now', async () => {
    await take();
    const answer = await ask(FENN, '!oncall');
    expect(answer.data).toEqual({
      account: ACCOUNT,
      roles: [
        { role: 'oncall-cardiology', tier: 'primary', people: [{ person: 'dr.fenn', user_id: FENN }] },
        { role: 'oncall-cardiology', tier: 'backup', people: [{ person: 'dr.vantongeren', user_id: SURI }] },
      ],
    });
    expect(answer.body).toContain('oncall-cardiology, backup: dr.vantongeren (@suri:larkmoor.example)');
  });

  it('says nothing of accounts that the sender is no part of, nor whether there are such', async () => {
    await take();
    const other = await ask(FENN, '!oncall BRINE-PEDS');
    const unknown = await ask(FENN, '!oncall NOTHING');
    expect([other.code, unknown.code]).toEqual(['no-account', 'no-account']);
    expect(other.body).toBe(unknown.body);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'takes %s, a word that every object knows, for an account like any that is not there',
    async (word) => {
      await take();
      const [here, nothing] = [await ask(FENN, `!oncall ${word}`), await ask(FENN, '!oncall NOTHING')];
      expect([here.outcome, here.code, here.body]).toEqual(['refused', 'no-account', nothing.body]);
      const said = await rig.says('x', FENN, `!oncall ${word}`, { room: CONTROL });
      expect(rig.answerTo(said)).toMatchObject({ outcome: 'refused', code: 'no-account' });
    },
  );

  it('in the control room says it of any', async () => {
    const said = await rig.says('x', FENN, '!oncall BRINE-PEDS', { room: CONTROL });
    const answer = rig.answerTo(said);
    expect(answer).toMatchObject({ room: CONTROL, code: 'oncall', data: { account: 'BRINE-PEDS' } });
  });
});
