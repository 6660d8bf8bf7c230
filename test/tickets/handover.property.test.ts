import fc from 'fast-check';
import { eventId, operatorName, ticketId, type UserId } from '../../src/kernel/ids.ts';
import type { TicketEvent } from '../../src/tickets/ticket.ts';
import { acknowledgement, FENN, Life, MIN, posted, QUIST, STRANGER, SURI, T0, TOLLIVER } from './fixtures.ts';

const person = fc.constantFrom<UserId>(FENN, TOLLIVER, QUIST, SURI, STRANGER);
let acks = 0;
const acknowledged = (by: UserId, ms = 0): TicketEvent => {
  acks += 1;
  const id = eventId(`$p${acks}`);
  return { type: 'acknowledged', acknowledgement: acknowledgement(by, { eventId: id, at: T0 + ms }) };
};
/** What happens, made when it happens: an acknowledgement knows its time. */
const event: fc.Arbitrary<(ms: number) => TicketEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(() => ({ type: 'deadline' }) as const) },
  { weight: 2, arbitrary: person.map((by) => (ms: number) => acknowledged(by, ms)) },
  { weight: 3, arbitrary: person.map((by) => () => ({ type: 'declined', by }) as const) },
  {
    weight: 3,
    arbitrary: fc.tuple(person, person).map(
      ([by, to]) =>
        () =>
          ({ type: 'passed', by, to }) as const,
    ),
  },
  fc
    .constantFrom('stat' as const, 'fyi' as const)
    .map((urgency) => () => ({ type: 'called_again', ticketId: ticketId('tkt_again'), urgency }) as const),
  fc.constant(
    (ms: number) => ({ type: 'patched', by: operatorName('op17'), eventId: eventId(`operator:${ms}`) }) as const,
  ),
  fc.constant(() => ({ type: 'noted', how: 'corrected' }) as const),
  person.map((by) => () => ({ type: 'seen', by }) as const),
);
const history = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 20 * MIN })), { maxLength: 50 });

/** A STAT ticket; `look` sees it after each event. */
function live(
  events: readonly (readonly [(ms: number) => TicketEvent, number])[],
  look: (life: Life, from: number, ms: number, event: TicketEvent) => void = () => undefined,
): Life {
  const life = new Life();
  life.happens(0, posted('ticket'));
  let ms = 0;
  for (const [make, pause] of events) {
    ms += pause;
    const from = life.log.length;
    const happened = make(ms);
    life.happens(ms, happened);
    look(life, from, ms, happened);
  }
  return life;
}
const check = (property: (events: readonly (readonly [(ms: number) => TicketEvent, number])[]) => void) =>
  fc.assert(fc.property(history, property), { numRuns: 400 });
const names = (life: Life) => life.ticket.plan.map(({ step, repeat }) => `${step}.${repeat}`).sort();

describe('whoever declines, hands over, takes and is connected in whatever order', () => {
  it('no step is lost or done twice, and what is to come is in order', () => {
    const all = names(new Life());
    check((events) => {
      live(events, (life) => {
        expect(names(life)).toEqual(all);
        const times = life.ticket.plan.slice(life.ticket.done).map(({ dueAt }) => dueAt);
        expect(times).toEqual([...times].sort((one, other) => one - other));
        expect(life.ticket.givesUpAt).toBeGreaterThanOrEqual(times.at(-1) ?? 0);
      });
    });
  });

  it('a STAT always has a next step, somebody who took it, or a human operator who was told', () => {
    check((events) => {
      live(events, ({ ticket }) => {
        const isTaken = ticket.acknowledgements.length > 0;
        expect(ticket.state === 'acknowledged').toBe(isTaken);
        expect(ticket.nextStepAt === null).toBe(isTaken || ticket.state === 'undelivered');
      });
    });
  });

  it('a deadline leaves nothing undone that is due', () => {
    check((events) => {
      live(events, ({ ticket }, _from, ms, happened) => {
        if (happened.type === 'deadline' && ticket.nextStepAt !== null)
          expect(ticket.nextStepAt).toBeGreaterThan(T0 + ms);
      });
    });
  });

  it('nobody is called about a ticket that is in hand, and who is called may take it', () => {
    check((events) => {
      live(events, (life, from) => {
        const calls = life.log.slice(from).flatMap(({ effect }) => (effect.type === 'post' ? [effect] : []));
        if (life.ticket.state === 'acknowledged') expect(calls).toEqual([]);
        for (const { mention } of calls) expect(mention).not.toContain(STRANGER);
      });
    });
  });

  it('somebody who declines when waited for is followed by a call to another, or a to-do', () => {
    check((events) => {
      let waited: readonly UserId[] = [FENN];
      live(events, (life, from, _ms, happened) => {
        const effects = life.log.slice(from).map(({ effect }) => effect);
        const told = effects.some((one) => one.type === 'report' && one.status === 'declined');
        if (happened.type === 'declined' && told && waited.includes(happened.by)) {
          const next = effects.some(
            (one) =>
              (one.type === 'post' && one.kind === 'escalation') ||
              (one.type === 'report' && (one.status === 'todo' || one.status === 'undelivered')),
          );
          expect(next || life.ticket.state === 'undelivered').toBe(true);
        }
        waited = life.ticket.alerted;
      });
    });
  });

  it('an acknowledgement at the same moment is never lost, whatever comes first', () => {
    fc.assert(
      fc.property(history, person, person, fc.boolean(), (events, taker, other, declines) => {
        fc.pre(taker !== other && taker !== STRANGER);
        const second: TicketEvent = declines
          ? { type: 'declined', by: other }
          : { type: 'called_again', ticketId: ticketId('tkt_again'), urgency: 'stat' };
        for (const order of ['first', 'last']) {
          const life = live(events);
          const ms = 50 * 20 * MIN;
          const take = acknowledged(taker, ms);
          for (const happened of order === 'first' ? [take, second] : [second, take]) life.happens(ms, happened);
          expect(life.ticket.acknowledgements.some(({ by }) => by === taker)).toBe(true);
          expect([life.ticket.state, life.ticket.nextStepAt]).toEqual(['acknowledged', null]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
