/** What every channel promises to whoever hands a ticket over, whatever it speaks: one suite, with a real database behind each. */

import { eventId, type TicketId } from '../../src/kernel/ids.ts';
import type { Ticket, TicketEvent } from '../../src/tickets/ticket.ts';
import { find, personOf, posted, startWctpRig, type WctpRig } from '../channels/wctp/rig.ts';

interface Given {
  readonly id: string;
  readonly account?: string;
  readonly text?: string;
}

/** `later`: send it again. `never`: it makes no sense to. */
type Answer = 'accepted' | 'later' | 'never';

interface Channel {
  readonly name: string;
  submit(rig: WctpRig, given: Given): Promise<Answer>;
  /** In the channel's own words, in order. */
  told(rig: WctpRig, ticket: TicketId): Promise<readonly string[]>;
  /** What it says of sent, delivered, seen, acknowledged. */
  readonly words: readonly string[];
  /** The word that no ticket may have that somebody due cannot read. */
  readonly delivered: string;
}

const TEXT = 'STAT LARK-CARD | Clr Maren Ziegelow (spouse) 212-555-0142 | Chest pressure 20 min | CNRY-X1-contract';

const http: Channel = {
  name: 'http',
  async submit(rig, { id, account = 'LARK-CARD', text = TEXT }) {
    const response = await fetch(`${rig.listener.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { authorization: 'Bearer nightjar-token-0123456789', 'content-type': 'application/json' },
      body: JSON.stringify({ id, account, reason: text, urgency: 'STAT' }),
    });
    const body = await response.text();
    expect(body).not.toMatch(/CNRY|Ziegelow/);
    if (response.ok) return 'accepted';
    return response.status >= 500 || response.status === 429 ? 'later' : 'never';
  },
  async told(rig, ticket) {
    const { rows } = await rig.bench.admin.query<{ status: string }>(
      'SELECT status FROM wardroom.reports WHERE ticket_id = $1 ORDER BY sequence',
      [ticket],
    );
    return rows.map(({ status }) => status);
  },
  words: ['accepted', 'sent', 'delivered', 'seen', 'acknowledged'],
  delivered: 'delivered',
};

const wctp: Channel = {
  name: 'wctp',
  async submit(rig, { id, account = 'LARK-CARD', text = TEXT }) {
    const answer = await rig.post(
      `<wctp-Operation wctpVersion="1.3"><wctp-SubmitRequest><wctp-SubmitHeader><wctp-Originator senderID="nightjar-ops" securityCode="s3cr3tc0de16ch"/>` +
        `<wctp-MessageControl messageID="${id}" notifyWhenQueued="true" notifyWhenDelivered="true" notifyWhenRead="true"/><wctp-Recipient recipientID="${account}"/></wctp-SubmitHeader>` +
        `<wctp-Payload><wctp-Alphanumeric>${text}</wctp-Alphanumeric></wctp-Payload></wctp-SubmitRequest></wctp-Operation>`,
    );
    expect(answer.xml).not.toMatch(/CNRY|Ziegelow/);
    expect(find(answer.root, 'Confirmation')).not.toBeNull();
    if (answer.code === 200) return 'accepted';
    return answer.code !== null && answer.code >= 600 ? 'later' : 'never';
  },
  async told(rig, ticket) {
    const { rows } = await rig.bench.admin.query<{ kind: string }>(
      'SELECT kind FROM wardroom.wctp_responses WHERE ticket_id = $1 ORDER BY sequence_no',
      [ticket],
    );
    return rows.map(({ kind }) => kind);
  },
  words: ['QUEUED', 'DELIVERED', 'READ', 'reply'],
  delivered: 'DELIVERED',
};

describe.each([http, wctp])('$name', (channel) => {
  let rig: WctpRig;
  beforeAll(async () => {
    rig = await startWctpRig({ hasCallback: true });
  });
  afterEach(() => rig.clear());
  afterAll(() => rig?.stop());

  const only = async (): Promise<Ticket> => {
    const [stored, ...more] = await rig.tickets();
    expect(more).toEqual([]);
    return stored!.ticket;
  };
  const taken = (by: string): TicketEvent => ({
    type: 'acknowledged',
    acknowledgement: {
      by: personOf(by),
      person: null,
      at: 0,
      how: 'reply',
      strength: 'device',
      eventId: eventId(`$ok-${by}`),
    },
  });

  it('takes a ticket that is sent again as one, also when both come at once', async () => {
    const [one, other] = await Promise.all([channel.submit(rig, { id: 'C-1' }), channel.submit(rig, { id: 'C-1' })]);
    expect([one, other, await channel.submit(rig, { id: 'C-1' })]).toEqual(['accepted', 'accepted', 'accepted']);
    expect((await only()).externalId).toBe('C-1');
  });

  it('takes another text under the same id as a second ticket, and says so in the room', async () => {
    await channel.submit(rig, { id: 'C-1' });
    expect(await channel.submit(rig, { id: 'C-1', text: TEXT.replace('0142', '0143') })).toBe('accepted');
    const flags = (await rig.tickets()).map(({ ticket }) => ticket.flags.includes('id_reused'));
    expect(flags.sort()).toEqual([false, true]);
  });

  it('refuses an account that is unknown or another service has, and keeps nothing of it', async () => {
    expect(await channel.submit(rig, { id: 'C-1', account: 'LARC-CARD' })).toBe('never');
    expect(await channel.submit(rig, { id: 'C-1', account: 'MARLOW-CARD' })).toBe('never');
    expect(await rig.tickets()).toEqual([]);
  });

  it('says later when there is too much to do, and takes what it has even then', async () => {
    await channel.submit(rig, { id: 'C-1' });
    rig.full = 5;
    expect(await channel.submit(rig, { id: 'C-2' })).toBe('later');
    expect(await channel.submit(rig, { id: 'C-1' })).toBe('accepted');
    expect((await only()).externalId).toBe('C-1');
  });

  it('says later when the database fails, and nothing before the commit', async () => {
    rig.beforeChange = async () => {
      throw new Error('database-away');
    };
    expect(await channel.submit(rig, { id: 'C-1' })).toBe('later');
    expect(await rig.tickets()).toEqual([]);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = () => {};
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    rig.beforeChange = () => {
      arrived();
      return held;
    };
    let answered = false;
    const answer = channel.submit(rig, { id: 'C-1' }).then((given) => {
      answered = true;
      return given;
    });
    await waiting;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    release();
    expect(await answer).toBe('accepted');
  });

  it('owes the room what it accepted, should the process end right afterwards', async () => {
    await channel.submit(rig, { id: 'C-1' });
    const ticket = await only();
    const owed = await rig.store.read.unsentMessages(10);
    expect(owed.map(({ id }) => id)).toEqual([`${ticket.ticketId}.0`]);
    expect(ticket.nextStepAt).not.toBeNull();
  });

  it('tells each status in its own words, in order, once', async () => {
    await channel.submit(rig, { id: 'C-1' });
    const { ticketId } = await only();
    const seen: TicketEvent = { type: 'seen', by: personOf('dr.tolliver') };
    for (const event of [posted, seen, seen, taken('dr.tolliver'), taken('dr.tolliver')])
      await rig.happen(ticketId, [event]);
    expect(await channel.told(rig, ticketId)).toEqual(channel.words);
  });

  it('never calls a ticket delivered that somebody who is due cannot read', async () => {
    await channel.submit(rig, { id: 'C-1' });
    const { ticketId, due } = await only();
    await rig.happen(ticketId, [{ ...posted, unreadableBy: due } as TicketEvent]);
    expect(await channel.told(rig, ticketId)).not.toContain(channel.delivered);
  });
});
