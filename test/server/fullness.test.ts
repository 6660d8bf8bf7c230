import { Fullness } from '../../src/server/fullness.ts';
import type { Urgency } from '../../src/tickets/ticket.ts';

const bounds = { routine: 100, urgent: 1_000 };

/** With so much in this process's hands, and so much owed in all. */
async function fullness(inHand: Partial<Record<Urgency, number>>, owed: Partial<Record<Urgency, number>> = {}) {
  const ahead = (urgency: Urgency) => inHand[urgency] ?? 0;
  const made = new Fullness({ ahead }, bounds, async () => new Map(Object.entries(owed) as [Urgency, number][]));
  await made.look();
  return made;
}

describe('how much may wait', () => {
  it('is less for ROUTINE and FYI than for STAT and URGENT', async () => {
    const made = await fullness({ stat: 999, urgent: 999, routine: 100, fyi: 100 });
    expect([made.isFull('stat'), made.isFull('urgent')]).toEqual([null, null]);
    expect(made.isFull('routine')).toBeGreaterThan(0);
    expect(made.isFull('fyi')).toBeGreaterThan(0);
    expect((await fullness({ stat: 1_000 })).isFull('stat')).toBeGreaterThan(0);
  });

  it('counts what is owed in all, also what this process does not have in hand', async () => {
    const made = await fullness({}, { routine: 60, urgent: 30, stat: 10 });
    expect(made.isFull('routine')).toBeGreaterThan(0);
    expect(made.isFull('urgent')).toBeNull();
  });

  it('does not count for a ticket what is less urgent than it', async () => {
    const made = await fullness({}, { fyi: 5_000, routine: 5_000 });
    expect([made.isFull('stat'), made.isFull('urgent')]).toEqual([null, null]);
  });
});
