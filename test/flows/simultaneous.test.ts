/** What comes at the same instant, on a real database: row locks decide the order, and no order loses an acknowledgement. */
import { randomUUID } from 'node:crypto';
import { keepDeadlines } from '../../src/flows/deadlines.ts';
import { takeOperatorEvent } from '../../src/flows/operatorEvents.ts';
import { eventId, type TicketId, type UserId } from '../../src/kernel/ids.ts';
import { FENN, MIN, SURI, ticketById } from '../tickets/fixtures.ts';
import { NIGHTJAR, TicketRig } from './ticketRig.ts';

const ROUNDS = 8;
const ACCOUNT = 'LARK-CARD';

let rig: TicketRig;
beforeEach(async () => {
  rig = await TicketRig.open();
});
afterEach(() => rig?.close());

const take = () => rig.take({ ...ticketById('NJ-260020'), id: `NJ-${randomUUID()}` });

/** A tick on the ticket's message. */
async function tick(id: TicketId, sender: UserId): Promise<void> {
  const { rootEventId } = await rig.ticket(id);
  await rig.receiver.receive({
    type: 'reaction',
    room: rig.roomOf(ACCOUNT),
    event: eventId(`$tick-${randomUUID()}`),
    sender,
    at: rig.now,
    target: rootEventId!,
    key: '\u2705',
  });
}

async function deadline(): Promise<void> {
  const failures: unknown[] = [];
  const keeper = keepDeadlines(rig.flow, MIN, (error) => void failures.push(error));
  await keeper.poke();
  await keeper.stop();
  expect(failures).toEqual([]);
}

const operatorSays = (id: TicketId, type: string) => takeOperatorEvent(rig.flow, NIGHTJAR, id, { type, by: 'op17' });

/** As they come in: all are on their way before the first is done. */
const OTHERS: Readonly<Record<string, (id: TicketId) => Promise<unknown>>> = {
  'a deadline': deadline,
  "another's decline": async (id) =>
    rig.says(ACCOUNT, SURI, 'Send to backup', { thread: (await rig.ticket(id)).rootEventId }),
  'an acknowledgement of another': (id) => tick(id, SURI),
  'a connection by the operator': (id) => operatorSays(id, 'patched'),
};

describe('an acknowledgement', () => {
  it.each(Object.keys(OTHERS))(`at the instant of %s is kept, ${ROUNDS} times`, async (name) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await take();
      rig.now += 5 * MIN;
      const both = [() => tick(id, FENN), () => OTHERS[name]!(id)];
      await Promise.all((round % 2 === 0 ? both : both.reverse()).map((one) => one()));
      const ticket = await rig.ticket(id);
      expect(ticket.acknowledgements.map(({ by }) => by)).toContain(FENN);
      expect([ticket.state, ticket.nextStepAt]).toEqual(['acknowledged', null]);
      expect((await rig.statuses(id)).filter((status) => status === 'acknowledged')).toHaveLength(1);
    }
  });

  it(`at the instant of a cancellation is in the audit log, whichever counts for the ticket, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await take();
      const before = await rig.entries('ticket.acknowledgement');
      const both = [() => tick(id, FENN), () => operatorSays(id, 'cancelled')];
      await Promise.all((round % 2 === 0 ? both : both.reverse()).map((one) => one()));
      expect((await rig.ticket(id)).state).toBe('closed');
      expect(await rig.entries('ticket.acknowledgement')).toBe(before + 1);
      const told = (await rig.statuses(id)).filter((status) => status === 'acknowledged' || status === 'closed');
      expect([['acknowledged', 'closed'], ['closed']]).toContainEqual(told);
    }
  });
});
