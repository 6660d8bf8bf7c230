/** Wall times and rosters over clock changes, against what the runtime's own calendar (Intl) says of each zone. */
import fc from 'fast-check';
import { compileLadder } from '../../src/tickets/compileLadder.ts';
import { dispatchSchema } from '../../src/tickets/dispatchSchema.ts';
import type { Protocol } from '../../src/tickets/protocol.ts';
import { trackOf } from '../../src/tickets/schedule.ts';
import { nextClockTime, nextOfficeOpen, wallInstant, wallOddity } from '../../src/tickets/times.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Whole hours, none at all, half hours, a change by half an hour, and two where it is the other half of the year. */
const ZONES = [
  'America/New_York',
  'America/Chicago',
  'America/Los_Angeles',
  'America/Phoenix',
  'Asia/Kolkata',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Europe/Berlin',
] as const;
const zone = fc.constantFrom(...ZONES);

const formats = new Map(
  ZONES.map((tz) => [
    tz as string,
    new Intl.DateTimeFormat('en-CA', {
      timeZone: tz,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    }),
  ]),
);
/** 2026-11-27T07:00, as the runtime shows it. */
function shownAt(instant: number, tz: string): string {
  const parts = Object.fromEntries(
    formats
      .get(tz)!
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
const asUtc = (wall: string) => Date.parse(`${wall}:00Z`);
const offsetAt = (instant: number, tz: string) => asUtc(shownAt(instant, tz)) - Math.floor(instant / 60_000) * 60_000;

/** The instants at which the wall clock shows this, at most two; when there is none, that of the time moved on by the gap. */
function expectedInstant(wall: string, tz: string): { readonly instant: number; readonly oddity: string | null } {
  const offsets = new Set([asUtc(wall) - DAY, asUtc(wall) + DAY].map((near) => offsetAt(near, tz)));
  const shown = [...offsets].map((offset) => asUtc(wall) - offset).filter((one) => shownAt(one, tz) === wall);
  if (shown.length > 0) return { instant: Math.min(...shown), oddity: shown.length > 1 ? 'twice' : null };
  // By the offset that held before the gap.
  return { instant: asUtc(wall) - offsetAt(asUtc(wall) - DAY, tz), oddity: 'skipped' };
}

/** The instants between 2026 and 2028 at which a zone's clocks change. */
function changesOf(tz: string): readonly number[] {
  const changes: number[] = [];
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2028, 0, 1); at += HOUR / 2)
    if (offsetAt(at, tz) !== offsetAt(at + HOUR / 2, tz)) changes.push(at + HOUR / 2);
  return changes;
}
const changes = new Map(ZONES.map((tz) => [tz as string, changesOf(tz)]));

/** A zone and an instant: near a change of its clocks more often than not. */
const place = zone.chain((tz) =>
  fc
    .oneof(
      ...(changes.get(tz)!.length > 0
        ? [
            {
              weight: 3,
              arbitrary: fc
                .tuple(fc.constantFrom(...changes.get(tz)!), fc.integer({ min: -30 * 60, max: 30 * 60 }))
                .map(([change, minutes]) => change + minutes * 60_000),
            },
          ]
        : []),
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: Date.UTC(2026, 0, 2) / 60_000, max: Date.UTC(2027, 11, 30) / 60_000 })
          .map((minutes) => minutes * 60_000),
      },
    )
    .map((instant) => ({ tz, instant })),
);
const time = fc
  .oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 60, max: 210 }))
  .map((minutes) => new Date(minutes * 60_000).toISOString().slice(11, 16));

const dayLater = (day: string, days: number) => new Date(asUtc(`${day}T00:00`) + days * DAY).toISOString().slice(0, 10);

it('clocks change twice a year in every zone of these but two', () => {
  for (const tz of ZONES) {
    const never = tz === 'America/Phoenix' || tz === 'Asia/Kolkata';
    expect([tz, changes.get(tz)!.length]).toEqual([tz, never ? 0 : 4]);
  }
});

describe('a wall time, in every zone and around every change of the clocks', () => {
  it('is the first instant that shows it, or the one after the gap that swallows it', () => {
    fc.assert(
      fc.property(place, ({ tz, instant }) => {
        const wall = shownAt(instant, tz);
        const { instant: expected, oddity } = expectedInstant(wall, tz);
        expect([wallInstant(wall, tz), wallOddity(wall, tz)]).toEqual([expected, oddity]);
      }),
      { numRuns: 500 },
    );
  });

  it('that nobody’s clock shows comes later by the gap', () => {
    for (const tz of ZONES)
      for (const change of changes.get(tz)!) {
        const gap = offsetAt(change, tz) - offsetAt(change - 60_000, tz);
        if (gap <= 0) continue;
        const wall = new Date(change + offsetAt(change - 60_000, tz) + 10 * 60_000).toISOString().slice(0, 16);
        expect([tz, wallOddity(wall, tz), wallInstant(wall, tz)]).toEqual([tz, 'skipped', change + 10 * 60_000]);
      }
  });

  it('that a step waits for comes within a day and a change of the clocks, and the ladder keeps to the office’s hours', () => {
    fc.assert(
      fc.property(place, time, ({ tz, instant }, at) => {
        const next = nextClockTime(instant, at, tz);
        expect(next - instant).toBeGreaterThanOrEqual(0);
        expect(next - instant).toBeLessThanOrEqual(DAY + HOUR);
        const shown = shownAt(next, tz);
        if (wallOddity(`${shown.slice(0, 10)}T${at}`, tz) !== 'skipped') expect(shown.slice(11)).toBe(at);
        const hours = { days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const, open: at, close: '23:59' };
        const open = nextOfficeOpen(instant, hours, tz)!;
        expect(open === instant || open === next).toBe(true);
        const steps: Protocol = { steps: [{ at, do: 'digest', to: '#desk:x.example' }] };
        const { plan, givesUpAt } = compileLadder(steps, 'fyi', instant, { tz, officeHours: null });
        expect(plan.map(({ dueAt }) => dueAt)).toEqual([next]);
        expect(givesUpAt).toBeGreaterThan(next);
      }),
      { numRuns: 400 },
    );
  });
});

describe('a rotation, in every zone and around every change of the clocks', () => {
  const roster = fc.record({
    place,
    time,
    period: fc.constantFrom(1, 7),
    people: fc.integer({ min: 1, max: 4 }),
    /** How long before the instant the anchor is, in periods; the anchor may lie ahead, too. */
    back: fc.integer({ min: -3, max: 60 }),
  });

  it('has moved on by one for each handover since its anchor, counted one by one', () => {
    fc.assert(
      fc.property(roster, ({ place: { tz, instant }, time: at, period, people, back }) => {
        const anchor = dayLater(shownAt(instant, tz).slice(0, 10), -back * period);
        const order = ['a', 'b', 'c', 'd'].slice(0, people);
        const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][
          new Date(asUtc(`${anchor}T00:00`)).getUTCDay()
        ];
        const rotation =
          period === 1
            ? { type: 'daily' as const, anchor, handover: at, order }
            : { type: 'weekly' as const, anchor, handover: `${weekday} ${at}`, order };
        const { practices } = dispatchSchema.parse({
          practices: { P: { tz, default: ['a'], roles: { role: { rotation } } } },
        });
        const handover = (index: number) => expectedInstant(`${dayLater(anchor, index * period)}T${at}`, tz).instant;
        let index = back + 2;
        while (handover(index) > instant) index -= 1;
        const holder = order[((index % people) + people) % people];
        const track = trackOf(practices.P!, 'role', 'primary')!;
        expect(track.at(instant).who).toBe(holder);
        // The minute is the first one of the next.
        const next = handover(index + 1);
        expect(track.at(next - 1).who).toBe(holder);
        expect(track.at(next).who).toBe(order[(((index + 1) % people) + people) % people]);
        if (people > 1) expect(track.shifts(instant, next + 1).map(({ from }) => from)).toEqual([instant, next]);
      }),
      { numRuns: 500 },
    );
  });
});
