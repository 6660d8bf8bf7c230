import { keepDeadlines } from '../../src/flows/deadlines.ts';
import type { Reads, Store, Tx } from '../../src/flows/ports.ts';
import type { TicketFlow } from '../../src/flows/ticketFlow.ts';
import { type TicketId, ticketId } from '../../src/kernel/ids.ts';

/** A store of which only what the keeper of deadlines asks for is there: who is due, and who was looked at. */
function rig(due: readonly TicketId[], broken: TicketId) {
  const looked: TicketId[] = [];
  const read = {
    dueTickets: async () => due,
    dueSummaries: async () => [],
    delayedTickets: async () => [],
  } as Partial<Reads> as Reads;
  const tx = {
    ticketForUpdate: async (id: TicketId) => {
      looked.push(id);
      if (id === broken) throw new Error('cannot-be-moved');
      return null;
    },
  } as Partial<Tx> as Tx;
  const store: Store = {
    read,
    change: async (work) => (await work(tx))?.value ?? null,
    keepCiphertext: async () => true,
    keepReport: async () => true,
  };
  const flow = { store, clock: { now: () => 0 } } as Partial<TicketFlow> as TicketFlow;
  return { flow, looked };
}

describe('the keeper of deadlines', () => {
  it('does the steps of the other tickets when one cannot be moved, and tells of that one', async () => {
    const ids = ['tkt_a', 'tkt_b', 'tkt_c'].map(ticketId);
    const { flow, looked } = rig(ids, ids[0] as TicketId);
    const failures: unknown[] = [];
    const keeper = keepDeadlines(flow, 60_000, (error) => failures.push(error));
    await keeper.poke();
    await keeper.stop();
    for (const id of ids) expect(looked).toContain(id);
    expect(failures.map(String)).toContain('Error: cannot-be-moved');
  });
});
