/** Two things at the same instant reach a ticket one after the other, in an order that nobody chose. */
import fc from 'fast-check';
import { eventId, operatorName, ticketId, type UserId } from '../../src/kernel/ids.ts';
import type { TicketEvent } from '../../src/tickets/ticket.ts';
import { acknowledgement, FENN, Life, MIN, posted, QUIST, ROOM, SURI, T0, TOLLIVER } from './fixtures.ts';

const person = fc.constantFrom<UserId>(FENN, TOLLIVER, QUIST, SURI);
/** Long after the last step, and at or between any two. */
const instant = fc.integer({ min: 0, max: 160 * MIN });

let acks = 0;
const takes = (by: UserId, ms: number): TicketEvent => {
  acks += 1;
  return { type: 'acknowledged', acknowledgement: acknowledgement(by, { eventId: eventId(`$s${acks}`), at: T0 + ms }) };
};

/** What may come with an acknowledgement of `taker` without taking it back. */
const others: Readonly<Record<string, (other: UserId) => TicketEvent>> = {
  'a deadline': () => ({ type: 'deadline' }),
  "another's decline": (by) => ({ type: 'declined', by }),
  "another's handing over": (by) => ({ type: 'passed', by, to: FENN }),
  'a shift change': () => ({ type: 'shift_changed', late: false }),
  'a repeat call': () => ({ type: 'called_again', ticketId: ticketId('tkt_again'), urgency: 'stat' }),
  'a connection by the operator': () => ({ type: 'patched', by: operatorName('op17'), eventId: eventId('operator:1') }),
  'a correction': () => ({ type: 'noted', how: 'corrected' }),
  'a question': (by) => ({ type: 'replied', by }),
  'a receipt': (by) => ({ type: 'seen', by }),
  'a message that nobody can read': (by) => ({
    type: 'posted',
    kind: 'escalation',
    step: 6,
    eventId: eventId('$escalation6'),
    roomId: ROOM,
    unreadableBy: [by],
  }),
  'a new device': (by) => ({ type: 'readable', by }),
  'news of a delay': () => ({ type: 'delayed' }),
};

/** A ticket with the ladder lived up to an instant, and then both, in each order. */
function eachOrder(ms: number, one: TicketEvent, other: TicketEvent): readonly Life[] {
  return [
    [one, other],
    [other, one],
  ].map((events) => {
    const life = new Life();
    life.happens(0, posted('ticket'));
    life.until(ms - 1);
    for (const event of events) life.happens(ms, event);
    return life;
  });
}

const tellsOf = (life: Life, status: string) => life.reports.filter((one) => one === status).length;

describe('an acknowledgement', () => {
  it.each(Object.keys(others))('at the instant of %s is kept, stops the ladder and is told once', (name) => {
    fc.assert(
      fc.property(instant, person, person, (ms, taker, other) => {
        fc.pre(taker !== other);
        for (const life of eachOrder(ms, takes(taker, ms), others[name]!(other))) {
          expect(life.ticket.acknowledgements.some(({ by }) => by === taker)).toBe(true);
          expect([life.ticket.state, life.ticket.nextStepAt]).toEqual(['acknowledged', null]);
          expect(tellsOf(life, 'acknowledged')).toBe(1);
          // Nothing of the ladder comes later.
          const before = life.log.length;
          life.happens(ms + 300 * MIN, { type: 'deadline' });
          expect(life.log).toHaveLength(before);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('at the instant of another is one of two: each can be taken back, and the other stands', () => {
    fc.assert(
      fc.property(instant, person, person, fc.boolean(), (ms, one, other, first) => {
        fc.pre(one !== other);
        for (const life of eachOrder(ms, takes(one, ms), takes(other, ms))) {
          const stands = life.ticket.acknowledgements;
          expect(stands.map(({ by }) => by).sort()).toEqual([one, other].sort());
          expect(tellsOf(life, 'acknowledged')).toBe(1);
          const back = stands[first ? 0 : 1]!;
          life.happens(ms + MIN, { type: 'withdrawn', eventId: back.eventId });
          expect([life.ticket.state, life.ticket.nextStepAt]).toEqual(['acknowledged', null]);
          life.happens(ms + MIN, { type: 'withdrawn', eventId: stands[first ? 1 : 0]!.eventId });
          expect(life.ticket.state).not.toBe('acknowledged');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('and a cancellation end the ticket whichever comes first, and what was taken before it was cancelled was told', () => {
    fc.assert(
      fc.property(instant, person, fc.constantFrom('cancelled' as const, 'closed' as const), (ms, taker, how) => {
        const over: TicketEvent = { type: 'closed', by: operatorName('op17'), how };
        const [takenFirst, cancelledFirst] = eachOrder(ms, takes(taker, ms), over) as [Life, Life];
        for (const life of [takenFirst, cancelledFirst]) {
          expect([life.ticket.state, life.ticket.nextStepAt]).toEqual(['closed', null]);
          expect(tellsOf(life, 'closed')).toBe(1);
        }
        expect(tellsOf(takenFirst, 'acknowledged')).toBe(1);
        expect(takenFirst.ticket.acknowledgements.map(({ by }) => by)).toEqual([taker]);
        // Nobody is told that somebody goes to a caller who was told to wait for nobody.
        expect(tellsOf(cancelledFirst, 'acknowledged')).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('and the taking back of an older one by the same person leave the ticket taken', () => {
    fc.assert(
      fc.property(instant, person, (ms, taker) => {
        const older = takes(taker, 0) as Extract<TicketEvent, { type: 'acknowledged' }>;
        const back: TicketEvent = { type: 'withdrawn', eventId: older.acknowledgement.eventId };
        for (const withdrawFirst of [true, false]) {
          const life = new Life();
          life.happens(0, posted('ticket'));
          life.happens(0, older);
          const newer = takes(taker, ms);
          for (const event of withdrawFirst ? [back, newer] : [newer, back]) life.happens(ms, event);
          expect(life.ticket.acknowledgements).toHaveLength(1);
          expect([life.ticket.state, life.ticket.nextStepAt]).toEqual(['acknowledged', null]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
