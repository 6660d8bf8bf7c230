/** A STAT is never left alone: whatever the protocol, the schedule and the order of what happens. */
import fc from 'fast-check';
import { accountId, eventId, operatorName, roomId, ticketId, type UserId, userId } from '../../src/kernel/ids.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { type Dispatch, dispatchSchema } from '../../src/tickets/dispatchSchema.ts';
import type { MessageKind, TicketEvent } from '../../src/tickets/ticket.ts';
import { acknowledgement, Life, MIN } from './fixtures.ts';

const KEYS = ['a', 'b', 'c'] as const;
const users = KEYS.map((key) => userId(`@${key}:x.example`));
const person = fc.constantFrom<UserId>(...users, userId('@stranger:x.example'));
const TARGETS = [
  'role',
  'role.backup',
  'nobody-of-that-name',
  'site.default_oncall',
  'b',
  'cross_org_backup',
  'dispatcher',
];
const PHONES = ['primary.cell', 'primary.second', 'backup.cell'];

const action = fc.oneof(
  fc.record({ do: fc.constant('room'), to: fc.constantFrom(...TARGETS), mention: fc.boolean() }),
  fc.record({ do: fc.constant('renotify') }),
  fc.record({ do: fc.constant('todo'), to: fc.constant('dispatcher') }),
  fc.record({ do: fc.constantFrom('sms', 'voice', 'patch'), to: fc.constantFrom(...PHONES) }),
  fc.record({ do: fc.constantFrom('report', 'digest'), to: fc.constantFrom('#desk:x.example', 'role') }),
);
const moment = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).map((minutes) => ({ at: `${minutes}m` })) },
  { weight: 1, arbitrary: fc.constantFrom({ at: 'next_office_open' }, { at: '07:30' }) },
);
const repetition = fc.record({ every: fc.constantFrom('1m', '10m'), times: fc.integer({ min: 1, max: 4 }) });
const protocol = fc
  .tuple(
    fc.tuple(moment, action),
    fc.array(fc.tuple(fc.oneof(moment, repetition), action), { maxLength: 6 }),
    fc.constantFrom(undefined, 'restart_from_15m'),
  )
  .map(([first, more, again]) => ({
    steps: [first, ...more].map(([when, what]) => ({ ...when, ...what })),
    ...(again === undefined ? {} : { caller_repeat_call: again }),
  }));

const START = Date.UTC(2026, 10, 1, 5, 40);
const wall = fc
  .integer({ min: -36, max: 36 })
  .map((hours) => new Date(START + hours * 3_600_000).toISOString().slice(0, 16));
const blocks = fc.array(fc.tuple(wall, wall, fc.constantFrom(...KEYS, '')), { maxLength: 5 });
const practice = fc.record(
  {
    tz: fc.constantFrom('America/New_York', 'America/Phoenix', 'Asia/Kolkata'),
    default: fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 2 }),
    office_hours: fc.constant({ days: ['Mon' as const], open: '08:30', close: '17:00' }),
    roles: fc.record({
      role: fc.record(
        {
          rotation: blocks.map((list) => ({ type: 'custom' as const, blocks: list })),
          backup: blocks.map((list) => ({ type: 'custom' as const, blocks: list })),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { requiredKeys: ['tz', 'default', 'roles'] },
);
const site = fc.constantFrom<string[]>([], ['c']);

const KINDS: readonly MessageKind[] = ['ticket', 'posted_again', 'escalation', 'renotify', 'notice', 'report'];
let counter = 0;
const event: fc.Arbitrary<() => TicketEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(() => ({ type: 'deadline' }) as const) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...KINDS), fc.uniqueArray(person))
      .map(([kind, unreadableBy]) => (): TicketEvent => {
        counter += 1;
        const at = { eventId: eventId(`$m${counter}`), roomId: roomId('!room'), step: 0 };
        return { type: 'posted', kind, unreadableBy, ...at };
      }),
  },
  { weight: 2, arbitrary: person.map((by) => () => ({ type: 'declined', by }) as const) },
  {
    weight: 2,
    arbitrary: fc.tuple(person, person).map(
      ([by, to]) =>
        () =>
          ({ type: 'passed', by, to }) as const,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(person, fc.constantFrom('$a', '$b', '$c')).map(
      ([by, id]) =>
        () =>
          ({ type: 'acknowledged', acknowledgement: acknowledgement(by, { eventId: eventId(id) }) }) as const,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('$a', '$b', '$c')
      .map((id) => () => ({ type: 'withdrawn', eventId: eventId(id) }) as const),
  },
  person.map((by) => () => ({ type: 'readable', by }) as const),
  person.map((by) => () => ({ type: 'replied', by }) as const),
  fc.boolean().map((late) => () => ({ type: 'shift_changed', late }) as const),
  fc.constant(() => ({ type: 'called_again', ticketId: ticketId('tkt_again'), urgency: 'stat' }) as const),
  fc.constant(() => ({ type: 'delayed' }) as const),
  fc.constant(() => ({ type: 'noted', how: 'corrected' }) as const),
  fc.constant(() => ({ type: 'patched', by: operatorName('op17'), eventId: eventId('operator:1') }) as const),
);
/** Each with the time since the one before, and whether the ladder's deadlines were kept meanwhile or Wardroom was away. */
const history = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 30 * MIN }), fc.boolean()), { maxLength: 40 });

const dispatchOf = (one: object, steps: object, defaults: readonly string[]): Dispatch =>
  dispatchSchema.parse({
    site: { default_oncall: defaults },
    practices: { P: one },
    people: Object.fromEntries(KEYS.map((key) => [key, { mxid: `@${key}:x.example`, cell: '+12125550100' }])),
    protocols: { 'P/STAT': steps },
  });

/** In hand, or with a next step, or with a human operator who was told. */
function expectNotAlone(life: Life): void {
  const { state, nextStepAt, acknowledgements } = life.ticket;
  if (acknowledgements.length > 0) {
    expect([state, nextStepAt]).toEqual(['acknowledged', null]);
    return;
  }
  expect(['accepted', 'sent', 'delivered', 'undecryptable', 'seen', 'undelivered']).toContain(state);
  if (nextStepAt !== null) expect(Number.isFinite(nextStepAt)).toBe(true);
  else
    expect([state, life.reports.at(-1) !== undefined, life.reports.includes('undelivered')]).toEqual([
      'undelivered',
      true,
      true,
    ]);
}

describe('a STAT, at every instant of its life', () => {
  it('has a next step, is in somebody’s hands, or was given to a human operator', () => {
    fc.assert(
      fc.property(practice, protocol, site, history, (one, steps, defaults, events) => {
        const directory = buildDirectory(dispatchOf(one, steps, defaults));
        const life = new Life({ account: accountId('P'), acceptedAt: START }, directory);
        expectNotAlone(life);
        let ms = 0;
        for (const [make, pause, isKept] of events) {
          ms += pause;
          if (isKept) life.until(ms);
          expectNotAlone(life);
          life.happens(ms, make());
          expectNotAlone(life);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('comes to somebody’s hands or a human operator in the end, when its deadlines are kept', () => {
    fc.assert(
      fc.property(practice, protocol, site, history, (one, steps, defaults, events) => {
        const directory = buildDirectory(dispatchOf(one, steps, defaults));
        const life = new Life({ account: accountId('P'), acceptedAt: START }, directory);
        let ms = 0;
        for (const [make, pause] of events) {
          ms += pause;
          life.until(ms).happens(ms, make());
        }
        // The longest wait there is: for the office, a week.
        life.until(ms + 30 * 24 * 60 * MIN);
        expect(['acknowledged', 'undelivered']).toContain(life.ticket.state);
        if (life.ticket.state === 'undelivered') expect(life.reports).toContain('undelivered');
      }),
      { numRuns: 300 },
    );
  });
});
