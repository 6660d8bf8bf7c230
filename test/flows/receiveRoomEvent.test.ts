import { NotYet } from '../../src/flows/meantTicket.ts';
import type { Reads, RoomEvent, Store, Tx } from '../../src/flows/ports.ts';
import { RoomEventReceiver } from '../../src/flows/receiveRoomEvent.ts';
import type { DeliveryFlow } from '../../src/flows/ticketFlow.ts';
import { accountId, eventId, roomId, type TicketId, ticketId, userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import type { Ticket } from '../../src/tickets/ticket.ts';

const room = roomId('!ward:example');
const root = eventId('$root');
const sender = userId('@alder:example');
const at = 0;

const answers: readonly { readonly what: string; readonly event: RoomEvent }[] = [
  {
    what: 'a reaction',
    event: { type: 'reaction', room, event: eventId('$tick'), sender, at, target: root, key: '\u2705' },
  },
  {
    what: 'an ok in the thread',
    event: {
      type: 'message',
      room,
      event: eventId('$ok'),
      sender,
      at,
      sentAt: at,
      body: new Phi('ok'),
      inReplyTo: null,
      thread: root,
      isEdit: false,
      encrypted: true,
      crossSigned: true,
      signedBy: null,
    },
  },
  { what: 'a receipt', event: { type: 'read', room, user: sender, roots: [root] } },
];

/** A store in which our message's event id is recorded, or not, at the moment `recordedAt` says; who was looked up afterwards. */
function rig(recordedAt: 'before' | 'between the looks' | 'later') {
  const changed: TicketId[] = [];
  let isRecorded = recordedAt === 'before';
  const read: Partial<Reads> = {
    eventKind: async () => null,
    accountOfRoom: async () => accountId('WARD'),
    openTicketsIn: async () => [],
    ticketOfEvent: async () => (isRecorded ? ticketId('tkt_a') : null),
    hasUnrecordedMessage: async () => {
      if (recordedAt === 'between the looks') isRecorded = true;
      return !isRecorded;
    },
  };
  const store: Partial<Store> = {
    read: read as Reads,
    change: async () => {
      changed.push(ticketId('tkt_a'));
      return null;
    },
  };
  const flow: Partial<DeliveryFlow> = { store: store as Store, isOwnUser: () => false };
  const receiver = new RoomEventReceiver(flow as DeliveryFlow, {
    acceptsUnsignedDevices: false,
    commands: { knows: () => false, receive: async () => undefined },
    hearsCommands: () => false,
    machineClock: { now: () => at },
    elsewhere: async () => undefined,
    byHand: { redacted: async () => undefined, edited: async () => undefined },
  });
  return { receiver, changed };
}

describe.each(answers)('$what to a message of ours', ({ event }) => {
  it('is told of its ticket', async () => {
    const { receiver, changed } = rig('before');
    await receiver.receive(event);
    expect(changed).toHaveLength(1);
  });

  it('is not lost when the message is recorded between the two looks', async () => {
    const { receiver, changed } = rig('between the looks');
    await receiver.receive(event);
    expect(changed).toHaveLength(1);
  });

  it('comes again while the message is not recorded', async () => {
    const { receiver, changed } = rig('later');
    await expect(receiver.receive(event)).rejects.toThrow(NotYet);
    expect(changed).toEqual([]);
  });
});

describe('an ok that names no message, while one ticket is open', () => {
  const MINUTE = 60_000;

  /** What the store was asked for, when it is heard so long after it was sent. */
  async function heardAfter(ms: number, body: string): Promise<readonly string[]> {
    const asked: string[] = [];
    const open = {
      ticketId: ticketId('tkt_b'),
      token: '3',
      urgency: 'stat',
      acceptedAt: at,
      account: accountId('WARD'),
    };
    const read: Partial<Reads> = {
      eventKind: async () => null,
      accountOfRoom: async () => accountId('WARD'),
      openTicketsIn: async () => [open as unknown as Ticket],
    };
    const tx = new Proxy({} as Tx, {
      get: (_tx, name) => async () => {
        asked.push(String(name));
        return null;
      },
    });
    const store: Partial<Store> = {
      read: read as Reads,
      change: async (work) => (await work(tx))?.value ?? null,
    };
    const flow: Partial<DeliveryFlow> = {
      store: store as Store,
      clock: { now: () => at },
      isOwnUser: () => false,
      directory: { mayAcknowledge: () => true } as unknown as DeliveryFlow['directory'],
    };
    const receiver = new RoomEventReceiver(flow as DeliveryFlow, {
      acceptsUnsignedDevices: false,
      commands: { knows: () => false, receive: async () => undefined },
      hearsCommands: () => false,
      machineClock: { now: () => at + ms },
      elsewhere: async () => undefined,
      byHand: { redacted: async () => undefined, edited: async () => undefined },
    });
    const ok = answers.find(({ event }) => event.type === 'message')?.event;
    await receiver.receive({ ...ok, thread: null, body: new Phi(body) } as RoomEvent);
    return asked;
  }

  it.each(['ok', '3 ok'])('acknowledges it: %s', async (body) => {
    expect(await heardAfter(MINUTE, body)).toContain('ticketForUpdate');
  });

  // It may have been said to another ticket, before this one came.
  it.each(['ok', '3 ok'])('is asked about when it is heard a quarter of an hour late: %s', async (body) => {
    const asked = await heardAfter(15 * MINUTE, body);
    expect(asked).not.toContain('ticketForUpdate');
    expect(asked).toContain('insertMessage');
  });
});
