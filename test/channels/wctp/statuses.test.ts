/** Statuses and replies on their way back: pushed to the service's address, or fetched by polls. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWctpSender } from '../../../src/channels/wctp/index.ts';
import { parseXml, type XmlElement } from '../../../src/channels/wctp/parseXml.ts';
import { confirmSuccess } from '../../../src/channels/wctp/writeOperation.ts';
import { WctpPush } from '../../../src/flows/pushWctp.ts';
import { RoomEventReceiver } from '../../../src/flows/receiveRoomEvent.ts';
import type { DeliveryFlow } from '../../../src/flows/ticketFlow.ts';
import { WCTP_WORDS } from '../../../src/flows/wctpStatuses.ts';
import { eventId, operatorName, roomId, serviceId } from '../../../src/kernel/ids.ts';
import { Phi } from '../../../src/kernel/phi.ts';
import type { Acknowledgement, Ticket, TicketEvent } from '../../../src/tickets/ticket.ts';
import { find, personOf, posted, sample, startWctpRig, type WctpRig } from './rig.ts';

let rig: WctpRig;
let server: Server;
let url: string;
/** What the service was posted; how it answers. */
const heard: { readonly root: XmlElement; readonly xml: string }[] = [];
let answers: ((xml: string) => { status?: number; body: string })[] = [];
const accept = (): { status?: number; body: string } => ({ body: confirmSuccess(3, 'Message accepted') });

beforeAll(async () => {
  rig = await startWctpRig();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const xml = Buffer.concat(chunks).toString();
      const parsed = parseXml(Buffer.from(xml));
      if (!parsed.ok) throw new Error('not well-formed');
      heard.push({ root: parsed.value, xml });
      const { status = 200, body } = (answers.shift() ?? accept)(xml);
      response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wctp`;
});
afterEach(async () => {
  heard.length = 0;
  answers = [];
  await rig.clear();
});
afterAll(async () => {
  await rig?.stop();
  server?.close();
});

const pushTo = (
  address: string | null = url,
  giveUpAfterMs = 60_000,
  services = ['nightjar', 'wren', 'orrin-frontdesk'],
) =>
  new WctpPush(
    {
      store: rig.store,
      alarms: rig.flow.alarms,
      crash: rig.flow.crash,
      machineClock: { now: () => Date.now() },
      sender: createWctpSender({ urlOf: () => address, timeoutMs: 2000 }),
      services: services.map(serviceId),
    },
    giveUpAfterMs,
    (error) => {
      throw error;
    },
  );

async function pushAll(push = pushTo()): Promise<void> {
  for (let n = 0; n < 16; n += 1) {
    await push.look();
    await push.stop();
  }
}
const dueNow = () => rig.bench.admin.query('UPDATE wardroom.wctp_responses SET next_try_at = now()');

const acknowledgement: Acknowledgement = {
  by: personOf('dr.tolliver'),
  person: null,
  at: 0,
  how: 'reply',
  strength: 'device',
  eventId: eventId('$ok'),
};
const acknowledged: TicketEvent = { type: 'acknowledged', acknowledgement };

async function submit(xml: string): Promise<Ticket> {
  expect((await rig.post(xml)).code).toBe(200);
  const stored = await rig.tickets();
  return stored.at(-1)!.ticket;
}

/** What was said, in short: `DELIVERED`, `reply 1 ok`, `failure 500`, `message HIGH: About ...`. */
const said = () =>
  heard.map(({ root }) => {
    const notification = find(root, 'Notification');
    if (notification) return notification.attributes.get('type');
    const failure = find(root, 'Failure');
    if (failure) return `failure ${failure.attributes.get('errorcode')}`;
    const submitted = find(root, 'SubmitRequest');
    if (submitted) {
      const priority = find(submitted, 'MessageControl')?.attributes.get('deliverypriority');
      return `message${priority ? ` ${priority}` : ''}: ${find(root, 'Alphanumeric')?.text}`;
    }
    const isChoice = find(root, 'MessageReply')?.attributes.get('mcrmessagereply') === 'true';
    return `${isChoice ? 'choice' : 'reply'} ${find(root, 'Alphanumeric')?.text}`;
  });

describe('a status of a ticket that came by WCTP', () => {
  it('has at most what WCTP can say without claiming more than is known', () => {
    const sayable = Object.entries(WCTP_WORDS).filter(([, words]) => words.some((word) => 'notify' in word));
    expect(sayable.map(([status]) => status)).toEqual(['sent', 'delivered', 'seen', 'acknowledged']);
    expect(WCTP_WORDS.undecryptable).toEqual([]);
  });

  it('goes back in order, in the words of WCTP, about the message it answers', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [posted]);
    await rig.happen(ticketId, [{ type: 'seen', by: personOf('dr.tolliver') }]);
    await rig.happen(ticketId, [{ type: 'seen', by: personOf('np.quist') }]);
    await rig.happen(ticketId, [acknowledged]);
    await pushAll();
    expect(said()).toEqual(['QUEUED', 'DELIVERED', 'READ', 'reply 1 ok']);
    const header = find(heard[0]!.root, 'ResponseHeader');
    expect(header?.attributes.get('responsetomessageid')).toBe('NJ-260001-1');
    expect(find(header, 'Originator')?.attributes.get('senderid')).toBe('LARK-CARD.oncall');
    expect(find(header, 'Recipient')?.attributes.get('recipientid')).toBe('nightjar-ops');
    expect(find(header, 'MessageControl')?.attributes.get('transactionid')).toBe('NJ-260001');
    expect(find(header, 'MessageControl')?.attributes.get('messageid')).toMatch(/^mx-\d+$/);
    expect(heard.map(({ xml }) => xml).join()).not.toMatch(/CNRY|Ziegelow/);
    await pushAll();
    expect(heard).toHaveLength(4);
  });

  it('is told only as far as it was asked for', async () => {
    const { ticketId } = await submit(
      sample('in-send-msg-multi').replace('notifyWhenDelivered', 'allowResponse="false" notifyWhenDelivered'),
    );
    await rig.happen(ticketId, [posted, { type: 'seen', by: personOf('dr.fenn') }, acknowledged]);
    await pushAll();
    expect(said()).toEqual(['DELIVERED']);
  });

  it('is never DELIVERED while somebody due cannot read it', async () => {
    const { ticketId, due } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [{ ...posted, unreadableBy: due } as TicketEvent]);
    await pushAll();
    // A console without status callbacks is told what its operator has to do.
    expect(said()).toEqual(['QUEUED', 'message HIGH: About NJ-260001-1: To do: Message cannot be read, ring cell']);
  });

  it('ends in a Failure when nobody acknowledged', async () => {
    const { ticketId, givesUpAt } = await submit(sample('in-submit-stat-mcr'));
    rig.now = givesUpAt + 1;
    await rig.happen(ticketId, [{ type: 'deadline' }]);
    await pushAll();
    expect(said().filter((one) => !one?.startsWith('message HIGH'))).toEqual(['failure 500']);
    expect(find(heard.at(-1)!.root, 'Failure')?.text).toBe('Nobody acknowledged, a person must take over');
  });

  it('is not told of what its own operators did, and is told of what clinicians did', async () => {
    const { ticketId } = await submit(sample('in-submit-alphanumeric-token'));
    const operator = operatorName('op17');
    await rig.happen(ticketId, [
      { type: 'patched', by: operator, eventId: eventId('op:1') },
      { type: 'closed', by: operator, how: 'closed' },
    ]);
    await pushAll();
    expect(said()).toEqual([]);
    await rig.clear();
    const other = await submit(sample('in-submit-alphanumeric-token'));
    const by = personOf('dr.fenn');
    await rig.happen(other.ticketId, [{ type: 'closed', by, how: 'done', who: by }], 'dose corrected');
    await pushAll();
    expect(said()).toEqual(['reply 2: dose corrected']);
  });

  it("has its to-dos told as messages of our own, in the protocol's words, whatever responses were asked for", async () => {
    const { ticketId, plan } = await submit(
      sample('in-submit-stat-mcr').replace('allowResponse="true"', 'allowResponse="false"'),
    );
    await rig.happen(ticketId, [{ type: 'delayed' }]);
    rig.now = plan.find((step) => step.do === 'voice' || step.do === 'patch')!.dueAt;
    await rig.happen(ticketId, [{ type: 'deadline' }]);
    await pushAll();
    expect(said()).toEqual([
      'message HIGH: About NJ-260001-1: Not delivered yet, no clinician has it; it is tried on and on',
      'message HIGH: About NJ-260001-1: To do: DIAL dr.tolliver +12125550179',
    ]);
    const control = find(heard[0]!.root, 'MessageControl');
    expect([control?.attributes.get('transactionid'), control?.attributes.get('allowresponse')]).toEqual([
      'NJ-260001',
      'false',
    ]);
    expect(heard.map(({ xml }) => xml).join()).not.toMatch(/CNRY|Ziegelow/);
  });

  it('has nothing told twice: where there are status callbacks, to-dos go by them', async () => {
    const both = await startWctpRig({ hasCallback: true });
    try {
      expect((await both.post(sample('in-submit-stat-mcr'))).code).toBe(200);
      const { ticket } = (await both.tickets())[0]!;
      both.now = ticket.plan.find((step) => step.do === 'voice')!.dueAt;
      await both.happen(ticket.ticketId, [{ type: 'delayed' }, { type: 'deadline' }]);
      const { rows } = await both.bench.admin.query('SELECT kind FROM wardroom.wctp_responses');
      expect(rows).toEqual([]);
      const told = await both.bench.admin.query(
        `SELECT status FROM wardroom.reports WHERE status IN ('todo', 'delayed')`,
      );
      expect(told.rows).toHaveLength(2);
    } finally {
      await both.stop();
    }
  });

  it('that is closed, or four hours old, is not answered any more: what a clinician writes then is a message', async () => {
    const { ticketId } = await submit(sample('in-submit-alphanumeric-token'));
    const by = personOf('dr.fenn');
    await rig.happen(ticketId, [posted]);
    rig.now += 4 * 3_600_000;
    await rig.happen(ticketId, [{ type: 'replied', by }], 'is she home?');
    rig.now += 1;
    await rig.happen(ticketId, [{ type: 'replied', by }], '2 ok');
    const other = await submit(sample('in-submit-alphanumeric-token').replace('NJ-260005-1', 'NJ-2'));
    await rig.happen(other.ticketId, [posted, { type: 'closed', by, how: 'done', who: by }], 'dose corrected');
    await rig.happen(other.ticketId, [{ type: 'replied', by }], 'and call her daughter');
    await pushAll();
    const words = said().filter((one) => !/^[A-Z]+$/.test(one ?? ''));
    expect(words).toHaveLength(4);
    expect(new Set(words)).toEqual(
      new Set([
        'reply 2: is she home?',
        // No number and ok in it that a console would take for an acknowledgement.
        'message: About NJ-260005-1: 2  ok',
        'reply 2: dose corrected',
        'message: About NJ-2: and call her daughter',
      ]),
    );
  });

  it('ends in no Failure for being late, and in one for not being there by the time that was set for it', async () => {
    const by = (time: string) =>
      sample('in-submit-stat-mcr').replace('deliveryPriority', `deliveryBefore="${time}" deliveryPriority`);
    const { ticketId, nextStepAt } = await submit(by('2026-11-27T07:05:20'));
    expect(nextStepAt).toBe(Date.parse('2026-11-27T07:05:20Z'));
    rig.now = nextStepAt!;
    await rig.happen(ticketId, [{ type: 'deadline' }]);
    await rig.happen(ticketId, [{ type: 'deadline' }]);
    // It goes on: late is better than never.
    await rig.happen(ticketId, [posted]);
    await pushAll();
    expect(said()).toEqual(['failure 501', 'QUEUED', 'DELIVERED']);
    expect(find(heard[0]!.root, 'Failure')?.text).toBe('Not delivered in time, a person must take over');
    expect(rig.alarms).toContain('expired');
    await rig.clear();
    heard.length = 0;
    const intime = await submit(by('2026-11-27T07:05:20'));
    await rig.happen(intime.ticketId, [posted]);
    rig.now = Date.parse('2026-11-27T07:05:20Z');
    await rig.happen(intime.ticketId, [{ type: 'deadline' }]);
    await pushAll();
    expect(said()).toEqual(['QUEUED', 'DELIVERED']);
  });

  it('is tried again when the service says later or nothing at all, and parked when it says never', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [posted]);
    answers = [
      () => ({ body: sample('in-confirmation-failure-604') }),
      () => ({ status: 503, body: '' }),
      () => ({ body: 'not XML' }),
      () => ({ body: sample('in-confirmation-success') }),
      () => ({ body: sample('in-confirmation-failure-604').replace('604', '504') }),
    ];
    for (let n = 0; n < 6; n += 1) {
      await pushAll();
      await dueNow();
    }
    expect(said()).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'QUEUED', 'DELIVERED']);
    const ids = heard.slice(0, 4).map(({ root }) => find(root, 'MessageControl')?.attributes.get('messageid'));
    expect(new Set(ids).size).toBe(1);
    expect(rig.alarms).toContain('wctp-response-parked');
  });

  it('is parked with an alarm when the service cannot be reached for too long', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [posted]);
    const push = pushTo('http://127.0.0.1:1/', -1);
    for (let n = 0; n < 3; n += 1) {
      await dueNow();
      await push.look();
      await push.stop();
    }
    expect(rig.alarms).toContain('wctp-response-parked');
  });
});

describe('a clinician', () => {
  /** Somebody writes in the thread of the ticket. */
  async function write(body: string, who = 'dr.tolliver'): Promise<void> {
    const room = roomId('!room:larkmoor.example');
    await rig.bench.admin.query(
      `INSERT INTO wardroom.account_rooms VALUES ('LARK-CARD', $1), ('BRINE-PEDS', '!peds:x') ON CONFLICT DO NOTHING`,
      [room],
    );
    const [stored] = await rig.tickets();
    await rig.bench.admin.query(
      `INSERT INTO wardroom.ticket_events VALUES ('$root', $1, 'message') ON CONFLICT DO NOTHING`,
      [stored!.ticket.ticketId],
    );
    const receiver = new RoomEventReceiver({ ...rig.flow, isOwnUser: () => false } as unknown as DeliveryFlow, {
      acceptsUnsignedDevices: false,
      commands: { knows: () => false, receive: async () => undefined },
      hearsCommands: () => false,
      machineClock: { now: () => rig.now },
      elsewhere: async () => undefined,
      byHand: { redacted: async () => undefined, edited: async () => undefined },
    });
    await receiver.receive({
      type: 'message',
      room,
      event: eventId(`$${body.replace(/\W/g, '')}${who}`),
      sender: personOf(who),
      at: rig.now,
      sentAt: rig.now,
      body: new Phi(body),
      inReplyTo: null,
      thread: eventId('$root'),
      isEdit: false,
      encrypted: true,
      crossSigned: true,
      signedBy: null,
    });
  }
  const replies = () => said().filter((one) => !/^[A-Z]+$/.test(one ?? ''));

  it('takes the ticket by the choice that was offered, and only where it was', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [posted]);
    await write('Who is this for?');
    await write('calling now');
    await pushAll();
    expect(replies()).toEqual(['reply 1: Who is this for?', 'choice Calling now']);
    expect((await rig.tickets())[0]?.ticket.state).toBe('acknowledged');
    await rig.clear();
    heard.length = 0;
    const other = await submit(sample('in-submit-alphanumeric-token'));
    await rig.happen(other.ticketId, [posted]);
    await write('Calling now', 'dr.fenn');
    await pushAll();
    expect(replies()).toEqual(['reply 2: Calling now']);
    expect((await rig.tickets())[0]?.ticket.state).not.toBe('acknowledged');
  });

  it('who asks back is not taken for one who takes it, by whatever looks for a number and ok', async () => {
    const { ticketId } = await submit(sample('in-submit-alphanumeric-token'));
    await rig.happen(ticketId, [posted]);
    for (const words of ['ok who is this for?', '2 ok?', 'Is 50ok for her, or 5 okay?', '2 no'])
      await write(words, 'dr.fenn');
    await pushAll();
    expect(replies()).toHaveLength(4);
    for (const reply of replies()) {
      expect(reply).toMatch(/^reply 2\b/);
      expect(reply!.slice(6)).not.toMatch(/\b\d+( ?ok(ay)?)\b/i);
    }
  });

  it('declines by a choice, whose reply goes back', async () => {
    const { ticketId } = await submit(sample('in-submit-choice-pairs').replaceAll('BRINE-PEDS', 'LARK-CARD'));
    await rig.happen(ticketId, [posted]);
    await write('Send to backup');
    await pushAll();
    expect(replies()).toEqual(['choice DECLINE']);
  });
});

describe('a service that polls', () => {
  const poll = (confirmed = '', most = 5) =>
    rig.post(
      `<wctp-Operation wctpVersion="wctp-dtd-v1r3"><wctp-PollForMessages pollerID="nightjar-ops" securityCode="s3cr3tc0de16ch" maxMessagesInBatch="${most}">${confirmed}</wctp-PollForMessages></wctp-Operation>`,
    );
  const numbers = (root: XmlElement | null) =>
    find(root, 'PollResponse')
      ?.children.map((child) => child.attributes.get('sequenceno'))
      .filter((one) => one !== undefined) ?? [];
  const confirm = (number: string | undefined, inner = '<wctp-Success successCode="200">Got it</wctp-Success>') =>
    `<wctp-MessageReceived sequenceNo="${number}">${inner}</wctp-MessageReceived>`;

  it('is given what is owed until it confirms it; what it refuses is put to a person', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    expect(find((await poll()).root, 'NoMessages')).not.toBeNull();
    await rig.happen(ticketId, [posted, { type: 'seen', by: personOf('dr.fenn') }]);
    const first = numbers((await poll('', 2)).root);
    expect(first).toHaveLength(2);
    expect(numbers((await poll('', 2)).root)).toEqual(first);
    const next = await poll(confirm(first[0]));
    expect(numbers(next.root)).toHaveLength(2);
    expect(numbers(next.root)).not.toContain(first[0]);
    const failed = confirm(first[1], '<wctp-Failure errorCode="504" errorText="x">No such call here</wctp-Failure>');
    const last = await poll(failed);
    expect(numbers(last.root)).toHaveLength(1);
    expect(rig.alarms).toEqual(['wctp-response-refused']);
    expect(last.xml).not.toMatch(/CNRY/);
  });

  it('that never does is given up on, with an alarm', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [posted]);
    await pushTo(null, 60_000, []).look();
    expect(rig.alarms).toEqual([]);
    await pushTo(null, -1, []).look();
    expect(rig.alarms).toEqual(['wctp-response-parked']);
    expect(find((await poll()).root, 'NoMessages')).not.toBeNull();
  });

  it('is nobody else', async () => {
    const { ticketId } = await submit(sample('in-submit-stat-mcr'));
    await rig.happen(ticketId, [posted]);
    const [number] = numbers((await poll()).root);
    const stranger = sample('in-poll-for-messages').replace('"18"', `"${number}"`);
    const answer = await rig.post(stranger);
    expect(find(answer.root, 'NoMessages')).not.toBeNull();
    expect(rig.alarms).toEqual(['wctp-response-refused']);
    expect(numbers((await poll()).root)).toContain(number);
    expect((await rig.post(stranger.replace('wren-16-chars-ok', 'guess'))).code).toBe(432);
    expect((await rig.post(stranger.replace('wren-exchange', 'nobody'))).code).toBe(432);
  });
});
