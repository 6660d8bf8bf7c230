import fc from 'fast-check';
import { eventId, type UserId } from '../../src/kernel/ids.ts';
import { advance } from '../../src/tickets/advance.ts';
import { LATE_MS } from '../../src/tickets/climb.ts';
import type { Effect, MessageKind, Ticket, TicketEvent, TicketState, Urgency } from '../../src/tickets/ticket.ts';
import { acknowledgement, directory, FENN, Life, MIN, QUIST, ROOM, STRANGER, T0, TOLLIVER } from './fixtures.ts';

const person = fc.constantFrom<UserId>(FENN, TOLLIVER, QUIST, STRANGER);
const ackId = fc.constantFrom('$a', '$b', '$c').map(eventId);
const event: fc.Arbitrary<TicketEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<TicketEvent>({ type: 'deadline' }) },
  fc
    .record({
      kind: fc.constantFrom<MessageKind>('ticket', 'posted_again', 'escalation', 'renotify', 'notice'),
      unreadableBy: fc.uniqueArray(person),
    })
    .map(
      ({ kind, unreadableBy }): TicketEvent => ({
        type: 'posted',
        kind,
        step: null,
        eventId: eventId(`$${kind}`),
        roomId: ROOM,
        unreadableBy,
      }),
    ),
  person.map((by): TicketEvent => ({ type: 'readable', by })),
  person.map((by): TicketEvent => ({ type: 'seen', by })),
  person.map((by): TicketEvent => ({ type: 'replied', by })),
  fc
    .tuple(person, ackId)
    .map(([by, id]): TicketEvent => ({ type: 'acknowledged', acknowledgement: acknowledgement(by, { eventId: id }) })),
  ackId.map((id): TicketEvent => ({ type: 'withdrawn', eventId: id })),
  fc.constant<TicketEvent>({ type: 'delayed' }),
);
/** Events with the time since the one before; the clock may stand still or step back a little. */
const history = fc.array(fc.tuple(event, fc.integer({ min: -2000, max: 12 * MIN })), { maxLength: 60 });
const urgency = fc.constantFrom<Urgency>('stat', 'urgent', 'routine', 'fyi');

interface Moment {
  readonly before: Ticket;
  readonly after: Ticket;
  readonly event: TicketEvent;
  readonly effects: readonly Effect[];
  readonly now: number;
}

function live(
  of: Urgency,
  events: readonly (readonly [TicketEvent, number])[],
): { readonly life: Life; readonly moments: readonly Moment[] } {
  const life = new Life({ urgency: of });
  let ms = 0;
  const moments = events.map(([happened, pause]) => {
    ms = Math.max(0, ms + pause);
    const before = life.ticket;
    const { ticket: after, effects } = life.happens(ms, happened);
    return { before, after, event: happened, effects, now: T0 + ms };
  });
  return { life, moments };
}

const STEP_EVENTS = new Set(['step_due', 'renotified', 'todo', 'step_skipped']);
const stepsLogged = (life: Life) =>
  life
    .of('timeline')
    .filter((entry) => STEP_EVENTS.has(entry.event) && entry.step !== undefined)
    .map((entry) => entry.step!);
const check = (property: (of: Urgency, events: readonly (readonly [TicketEvent, number])[]) => void) =>
  fc.assert(fc.property(urgency, history, property), { numRuns: 400 });

describe('whatever happens in whatever order', () => {
  it('every step is done or skipped once, in order, and none before its time', () => {
    check((of, events) => {
      const { life, moments } = live(of, events);
      expect(stepsLogged(life)).toEqual(life.ticket.plan.slice(0, life.ticket.done).map((planned) => planned.step));
      for (const { before, after, now } of moments) {
        expect(after.done).toBeGreaterThanOrEqual(before.done);
        for (const planned of after.plan.slice(before.done, after.done)) expect(planned.dueAt).toBeLessThanOrEqual(now);
      }
    });
  });

  it('nothing that is due is left undone by a deadline of an open ticket', () => {
    check((of, events) => {
      for (const { after, event: happened, now } of live(of, events).moments) {
        if (happened.type !== 'deadline' || after.nextStepAt === null) continue;
        expect(after.nextStepAt).toBeGreaterThan(now);
      }
    });
  });

  it('a ticket that nobody took has a next step or was handed to an operator, and one that was taken has none', () => {
    check((of, events) => {
      for (const { after } of live(of, events).moments) {
        const isTaken = after.acknowledgements.length > 0;
        expect(after.state === 'acknowledged').toBe(isTaken);
        expect(after.nextStepAt === null).toBe(isTaken || after.state === 'undelivered');
      }
    });
  });

  it('the ticket is posted exactly once, and an acknowledged one is never escalated or reminded of', () => {
    check((of, events) => {
      const { life, moments } = live(of, events);
      expect(life.of('post').filter((post) => post.kind === 'ticket')).toHaveLength(1);
      for (const { after, effects } of moments) {
        if (after.state !== 'acknowledged') continue;
        expect(
          effects.filter((one) => one.type === 'post' && (one.kind === 'renotify' || one.kind === 'escalation')),
        ).toEqual([]);
      }
    });
  });

  it('no state is taken back, short of a withdrawn acknowledgement and of who is due without a key', () => {
    const rank: Record<TicketState, number> = {
      accepted: 0,
      sent: 1,
      delivered: 2,
      undecryptable: 2,
      seen: 3,
      undelivered: 4,
      acknowledged: 5,
      reported: 6,
      closed: 6,
    };
    check((of, events) => {
      for (const { before, after, event: happened } of live(of, events).moments) {
        if (happened.type === 'withdrawn') continue;
        expect(rank[after.state]).toBeGreaterThanOrEqual(rank[before.state]);
      }
    });
  });

  it('the same event again changes nothing', () => {
    check((of, events) => {
      for (const { after, event: happened, now } of live(of, events).moments) {
        if (happened.type === 'replied') continue;
        // A message with the same id says of its readers what it said before; only after a second posting is there news.
        const again = advance(after, happened, now, directory);
        if (happened.type === 'posted') expect(again.effects.filter((one) => one.type !== 'post')).toEqual([]);
        else expect(again).toEqual({ ticket: after, effects: [] });
      }
    });
  });

  it('delivered is reported only when everyone due can read, and never while somebody cannot', () => {
    check((of, events) => {
      for (const { after, effects } of live(of, events).moments) {
        const claims = effects.some((one) => one.type === 'report' && one.status === 'delivered');
        const unable = after.due.some((user) => after.cannotRead.includes(user));
        if (claims) expect([unable, after.due.length > 0, after.rootEventId !== null]).toEqual([false, true, true]);
        if (after.state === 'delivered') expect(unable).toBe(false);
      }
    });
  });

  it('only who may acknowledge ever does, and strangers are never told of as having seen it', () => {
    check((of, events) => {
      const { life } = live(of, events);
      expect(life.ticket.acknowledgements.some((one) => one.by === STRANGER)).toBe(false);
      expect(life.ticket.seenBy).not.toContain(STRANGER);
      expect(new Set(life.ticket.seenBy).size).toBe(life.ticket.seenBy.length);
    });
  });

  it('a step is marked late exactly when it is done more than five seconds after it was due', () => {
    check((of, events) => {
      for (const { before, after, effects, now } of live(of, events).moments) {
        const done = after.plan.slice(before.done, after.done);
        const logged = effects.flatMap((one) =>
          one.type === 'timeline' && STEP_EVENTS.has(one.event) && one.step !== undefined ? [one.late === true] : [],
        );
        expect(logged).toEqual(done.map((planned) => now - planned.dueAt > LATE_MS));
      }
    });
  });

  it('nothing in a ticket or its effects is anything but plain data', () => {
    check((of, events) => {
      const { life, moments } = live(of, events);
      expect(JSON.parse(JSON.stringify(life.ticket))).toEqual(life.ticket);
      for (const { effects } of moments) expect(JSON.parse(JSON.stringify(effects))).toEqual(effects);
    });
  });
});
