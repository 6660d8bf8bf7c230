import type { AccountId } from '../../src/kernel/ids.ts';
import { compileLadder, type Place } from '../../src/tickets/compileLadder.ts';
import { type Protocol, protocolSchema } from '../../src/tickets/protocol.ts';
import type { Urgency } from '../../src/tickets/ticket.ts';
import { nextClockTime, nextOfficeOpen } from '../../src/tickets/times.ts';
import { at, clock, directory, dispatch, MIN, T0 } from './fixtures.ts';

const place: Place = {
  tz: 'America/New_York',
  officeHours: { days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], open: '08:30', close: '17:00' },
};
const ladder = (steps: unknown[], urgency: Urgency = 'stat', acceptedAt = T0, where = place) =>
  compileLadder(protocolSchema.parse({ steps }), urgency, acceptedAt, where);
const times = (steps: unknown[], urgency: Urgency = 'stat') => {
  const { plan, givesUpAt } = ladder(steps, urgency);
  return [
    ...plan.map((step) => `${(step.dueAt - T0) / 1000}:${step.do}${step.repeat > 1 ? step.repeat : ''}`),
    `${(givesUpAt - T0) / 1000}:end`,
  ];
};

describe('a ladder', () => {
  it('of the data has its reminders, to-dos and end where the timelines want them', () => {
    const { plan, givesUpAt } = ladder(dispatch.protocols['LARK-CARD/STAT']!.steps);
    const due = (action: string) => plan.filter((step) => step.do === action).map((step) => (step.dueAt - T0) / MIN);
    expect(due('renotify')).toEqual([2, 4, 6, 8, 10]);
    expect(due('todo')).toEqual([25, 35, 45, 55, 65, 75, 85, 95, 105, 115, 125, 135, 145]);
    expect((givesUpAt - T0) / MIN).toBe(155);
    expect(plan.map((step) => step.dueAt)).toEqual(plan.map((step) => step.dueAt).toSorted((a, b) => a - b));
    expect(
      plan.filter((step) => step.do === 'todo').every((step) => step.text === 'Call alternates, stay on board'),
    ).toBe(true);
  });

  it.each([
    [
      'in seconds',
      [
        { at: '0s', do: 'room', to: 'r' },
        { every: '2s', times: 2, do: 'renotify' },
        { at: '3s', do: 'todo' },
      ],
      ['0:room', '2:renotify', '3:todo', '4:renotify2', '6:end'],
    ],
    [
      'that ends with a to-do',
      [
        { at: '0m', do: 'room', to: 'r' },
        { at: '30m', do: 'todo' },
      ],
      ['0:room', '1800:todo', '1800:end'],
    ],
    [
      'that ends otherwise',
      [
        { at: '0m', do: 'room', to: 'r' },
        { at: '10m', do: 'voice', to: 'r' },
      ],
      ['0:room', '600:voice', '1200:end'],
    ],
    [
      'with two last steps at once',
      [
        { at: '0m', do: 'room', to: 'r' },
        { at: '15m', do: 'voice', to: 'r' },
        { at: '15m', do: 'room', to: 'r' },
      ],
      ['0:room', '900:voice', '900:room', '1800:end'],
    ],
    [
      'of steps that are all due at once',
      [
        { at: '0m', do: 'room', to: 'r' },
        { at: '0m', do: 'voice', to: 'r' },
      ],
      ['0:room', '0:voice', '900:end'],
    ],
    ['of one step', [{ at: '5m', do: 'room', to: 'r' }], ['300:room', '1200:end']],
    [
      'written out of order',
      [
        { at: '10m', do: 'sms', to: 'r' },
        { at: '5m', do: 'room', to: 'r' },
      ],
      ['300:room', '600:sms', '900:end'],
    ],
    [
      'with repetitions counted from the at before them',
      [
        { at: '5m', do: 'room', to: 'r' },
        { every: '1m', times: 1, do: 'renotify' },
        { every: '2m', times: 1, do: 'todo' },
      ],
      ['300:room', '360:renotify', '420:todo', '540:end'],
    ],
  ] as [string, unknown[], string[]][])('%s', (_name, steps, expected) => {
    expect(times(steps)).toEqual(expected);
  });

  it('of one step waits a day when nobody is in a hurry', () => {
    expect(times([{ at: '0m', do: 'room', to: 'r' }], 'fyi')).toEqual(['0:room', '86400:end']);
  });

  it('never gives up before its last step, for every protocol of the data', () => {
    for (const [name, protocol] of Object.entries(dispatch.protocols)) {
      const { plan, givesUpAt } = ladder(
        protocol.steps,
        'stat',
        T0,
        directory.placeOf(name.split('/')[0] as AccountId),
      );
      expect(givesUpAt).toBeGreaterThanOrEqual(plan.at(-1)!.dueAt);
      expect(plan.every((step) => step.dueAt >= T0)).toBe(true);
    }
  });
});

describe('wall times', () => {
  const due = (when: string, accepted: string, where = place) =>
    new Date(ladder([{ at: when, do: 'todo' }], 'fyi', at(accepted), where).plan[0]!.dueAt).toISOString();
  it.each([
    ['07:30', '2026-11-29T10:22:10-05:00', '2026-11-30T12:30:00.000Z'],
    ['07:30', '2026-11-29T07:30:00-05:00', '2026-11-29T12:30:00.000Z'],
    ['next_office_open', '2026-11-29T09:10:20-05:00', '2026-11-30T13:30:00.000Z'],
    ['next_office_open', '2026-11-30T12:00:00-05:00', '2026-11-30T17:00:00.000Z'],
    ['next_office_open', '2026-11-30T17:00:00-05:00', '2026-12-01T13:30:00.000Z'],
    ['next_office_open', '2026-11-27T18:00:00-05:00', '2026-11-30T13:30:00.000Z'],
  ])('%s after %s is %s', (when, accepted, expected) => {
    expect(due(when, accepted)).toBe(expected);
  });

  it('that do not exist move forward by the gap, and mean the first when they happen twice', () => {
    expect(new Date(nextClockTime(at('2027-03-14T00:00:00-06:00'), '02:30', 'America/Chicago')).toISOString()).toBe(
      '2027-03-14T08:30:00.000Z',
    );
    expect(new Date(nextClockTime(at('2026-11-01T00:00:00-05:00'), '01:30', 'America/Chicago')).toISOString()).toBe(
      '2026-11-01T06:30:00.000Z',
    );
    // Between the two: the next one is tomorrow's.
    expect(new Date(nextClockTime(at('2026-11-01T01:10:00-06:00'), '01:05', 'America/Chicago')).toISOString()).toBe(
      '2026-11-02T07:05:00.000Z',
    );
  });

  it('of an office that never opens mean at once: rather early than never', () => {
    expect(nextOfficeOpen(T0, { days: [], open: '09:00', close: '17:00' }, 'UTC')).toBeNull();
    const [step] = ladder([{ at: 'next_office_open', do: 'todo' }], 'routine', T0, {
      tz: 'UTC',
      officeHours: null,
    }).plan;
    expect(step!.dueAt).toBe(T0);
  });

  it('count minutes from acceptance across the hour that happens twice', () => {
    const { plan } = compileLadder(
      dispatch.protocols['BRINE-PEDS/URGENT'] as Protocol,
      'urgent',
      at('2026-11-01T01:40:10-05:00'),
      place,
    );
    expect(plan.at(-1)!.dueAt).toBe(at('2026-11-01T01:10:10-06:00'));
    expect(clock('30:00')).toBe(plan.at(-1)!.dueAt - at('2026-11-01T01:40:10-05:00'));
  });
});
