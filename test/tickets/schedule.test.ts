import fc from 'fast-check';
import { accountId } from '../../src/kernel/ids.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { type Dispatch, dispatchSchema, type Practice } from '../../src/tickets/dispatchSchema.ts';
import { type Shift, type Track, trackOf } from '../../src/tickets/schedule.ts';
import { isTimeZone, wallInstant, wallOddity } from '../../src/tickets/times.ts';
import { at, directory, dispatch } from './fixtures.ts';

const practice = (name: string): Practice => dispatch.practices[name]!;
const primary = (account: string, role: string): Track => trackOf(practice(account), role, 'primary')!;
const who = (account: string, role: string, iso: string) => primary(account, role).at(at(iso)).who;
const day = 24 * 3_600_000;

describe('who holds a role', () => {
  it.each([
    // Weekly: the anchor's Monday 07:00 begins with the first, each later one moves one on.
    ['LARK-CARD', 'oncall-cardiology', '2026-11-02T06:59:59-05:00', 'dr.vantongeren'],
    ['LARK-CARD', 'oncall-cardiology', '2026-11-02T07:00:00-05:00', 'dr.fenn'],
    ['LARK-CARD', 'oncall-cardiology', '2026-11-09T07:00:00-05:00', 'dr.tolliver'],
    ['LARK-CARD', 'oncall-cardiology', '2026-12-09T20:00:00-05:00', 'dr.vantongeren'],
    // An override counts from its beginning up to, and not including, its end.
    ['LARK-CARD', 'oncall-cardiology', '2026-11-26T07:00:00-05:00', 'dr.tolliver'],
    ['LARK-CARD', 'oncall-cardiology', '2026-11-27T06:59:59-05:00', 'dr.tolliver'],
    ['LARK-CARD', 'oncall-cardiology', '2026-11-27T07:00:00-05:00', 'dr.fenn'],
    // A hole on purpose.
    ['LARK-CARD', 'oncall-cardiology', '2026-11-29T10:22:00-05:00', null],
    ['LARK-CARD', 'oncall-cardiology', '2026-11-29T12:00:00-05:00', 'dr.fenn'],
    // Dated blocks with none current.
    ['ORRIN-HOME', 'homecare-rn', '2026-11-28T19:59:59-05:00', 'rn.quarrie'],
    ['ORRIN-HOME', 'homecare-rn', '2026-11-28T20:00:00-05:00', null],
    ['ORRIN-HOME', 'homecare-rn', '2026-11-28T21:00:00-05:00', 'rn.osmere'],
    // 02:30 does not exist that night, and is 03:30.
    ['BRINE-PEDS', 'oncall-peds', '2027-03-14T01:59:59-06:00', 'dr.averkamp'],
    ['BRINE-PEDS', 'oncall-peds', '2027-03-14T03:30:00-05:00', 'dr.sundqvist'],
    // 01:30 happens twice that night; the first one counts.
    ['BRINE-PEDS', 'oncall-peds', '2026-11-01T01:20:00-05:00', 'dr.oyelowe'],
    ['BRINE-PEDS', 'oncall-peds', '2026-11-01T01:30:00-05:00', 'dr.averkamp'],
    ['BRINE-PEDS', 'oncall-peds', '2026-11-01T01:20:00-06:00', 'dr.averkamp'],
  ])('%s %s at %s: %s', (account, role, iso, expected) => {
    expect(who(account, role, iso)).toBe(expected);
  });

  it('is the default list, the first and the second, for a role without a rotation', () => {
    const bare: Practice = { ...practice('LARK-CARD'), roles: { desk: {} } };
    expect(trackOf(bare, 'desk', 'primary')?.at(0)).toEqual({ who: 'dr.fenn', via: 'default' });
    expect(trackOf(bare, 'desk', 'backup')?.at(0)).toEqual({ who: 'dr.tolliver', via: 'default' });
    expect(trackOf({ ...bare, default: ['dr.fenn'] }, 'desk', 'backup')).toBeNull();
    expect(trackOf(bare, 'constructor', 'primary')).toBeNull();
  });

  it('of two overrides at the same time the last one counts, each for its own tier', () => {
    const lark = practice('LARK-CARD');
    const role = lark.roles['oncall-cardiology']!;
    const time = { from: '2026-12-01T00:00', to: '2026-12-02T00:00' };
    const roles = {
      'oncall-cardiology': {
        ...role,
        overrides: [
          { ...time, who: 'dr.fenn' },
          { ...time, who: 'mgr.hale' },
          { ...time, who: 'dr.tolliver', tier: 'backup' as const },
        ],
      },
    };
    const noon = at('2026-12-01T12:00:00-05:00');
    expect(trackOf({ ...lark, roles }, 'oncall-cardiology', 'primary')?.at(noon).who).toBe('mgr.hale');
    expect(trackOf({ ...lark, roles }, 'oncall-cardiology', 'backup')?.at(noon).who).toBe('dr.tolliver');
  });
});

describe('shifts', () => {
  it('are those that touch the time, cut to it, with the holes between them', () => {
    const from = at('2026-11-28T12:00:00-05:00');
    expect(primary('ORRIN-HOME', 'homecare-rn').shifts(from, from + day)).toEqual([
      { from, until: at('2026-11-28T20:00:00-05:00'), who: 'rn.quarrie', via: 'rotation' },
      { from: at('2026-11-28T20:00:00-05:00'), until: at('2026-11-28T21:00:00-05:00'), who: null, via: 'rotation' },
      {
        from: at('2026-11-28T21:00:00-05:00'),
        until: at('2026-11-29T08:00:00-05:00'),
        who: 'rn.osmere',
        via: 'rotation',
      },
      { from: at('2026-11-29T08:00:00-05:00'), until: from + day, who: null, via: 'rotation' },
    ]);
  });
});

/** Rosters of any kind in zones of every kind, around the nights on which clocks change. */
const zones = ['America/New_York', 'America/Phoenix', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Europe/Berlin', 'UTC'];
const wall = fc
  .record({ day: fc.integer({ min: 0, max: 500 }), minute: fc.integer({ min: 0, max: 1439 }) })
  .map(({ day: days, minute }) => {
    const date = new Date(Date.UTC(2026, 8, 1) + days * day + minute * 60_000).toISOString();
    return date.slice(0, 16);
  });
const person = fc.constantFrom('a', 'b', 'c', '');
const somebody = fc.constantFrom('a', 'b', 'c');
const rotation = fc.oneof(
  fc.record({
    type: fc.constant('weekly' as const),
    anchor: wall.map((text) => text.slice(0, 10)),
    handover: fc.tuple(fc.constantFrom('Mon', 'Sun', 'Wed'), wall).map(([name, text]) => `${name} ${text.slice(11)}`),
    order: fc.array(somebody, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('daily' as const),
    anchor: wall.map((text) => text.slice(0, 10)),
    handover: fc.oneof(
      wall.map((text) => text.slice(11)),
      fc.constantFrom('01:30', '02:00', '02:30'),
    ),
    order: fc.array(somebody, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('custom' as const),
    blocks: fc.array(fc.tuple(wall, wall, person), { maxLength: 5 }),
  }),
);
const anyPractice = fc.record({
  tz: fc.constantFrom(...zones),
  default: fc.array(somebody, { minLength: 1, maxLength: 3 }),
  roles: fc.record({
    role: fc.record(
      {
        rotation,
        backup: rotation,
        overrides: fc.array(fc.record({ from: wall, to: wall, who: person }), { maxLength: 4 }),
      },
      { requiredKeys: [] },
    ),
  }),
});
const anyTime = fc.integer({ min: Date.UTC(2026, 8, 1), max: Date.UTC(2027, 11, 1) });

const dispatchOf = (one: object): Dispatch =>
  dispatchSchema.parse({
    site: { default_oncall: ['a'] },
    practices: { P: one },
    people: Object.fromEntries(
      ['a', 'b', 'c'].map((key) => [key, { mxid: `@${key}:x.example`, cell: '+12125550100' }]),
    ),
  });

describe('whatever the roster and the zone', () => {
  it('shifts follow each other without gap or overlap, and say what `at` says at every edge and between', () => {
    fc.assert(
      fc.property(anyPractice, anyTime, fc.integer({ min: 1, max: 20 }), (one, from, days) => {
        const parsed = dispatchOf(one).practices.P!;
        for (const tier of ['primary', 'backup'] as const) {
          const track = trackOf(parsed, 'role', tier);
          if (!track) continue;
          const until = from + days * day;
          const shifts = track.shifts(from, until);
          expect(shifts[0]?.from).toBe(from);
          expect(shifts.at(-1)?.until).toBe(until);
          expect(shifts.slice(1).map((shift) => shift.from)).toEqual(shifts.slice(0, -1).map((shift) => shift.until));
          for (const { from: begins, until: ends, who: name, via } of shifts) {
            expect(begins).toBeLessThan(ends);
            for (const instant of [begins, Math.floor((begins + ends) / 2), ends - 1])
              expect(track.at(instant)).toEqual({ who: name, via });
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a role always means somebody, with an alarm where its schedule has a hole', () => {
    fc.assert(
      fc.property(anyPractice, anyTime, (one, instant) => {
        const parsed = dispatchOf(one);
        const duty = trackOf(parsed.practices.P!, 'role', 'primary')!.at(instant);
        const found = buildDirectory(parsed).resolve(accountId('P'), 'role', instant);
        expect(found).toMatchObject({
          kind: 'people',
          people: [{ person: duty.who ?? one.default[0] }],
          alarms: duty.who === null ? ['schedule-hole'] : [],
        });
      }),
      { numRuns: 300 },
    );
  });

  it('a daily handover is once a day, also when the clock changes over it', () => {
    const berlin: Practice = {
      tz: 'Europe/Berlin',
      default: ['a'],
      roles: { role: { rotation: { type: 'daily', anchor: '2027-03-20', handover: '02:30', order: ['a', 'b'] } } },
    };
    const from = at('2027-03-25T12:00:00Z');
    const shifts: readonly Shift[] = trackOf(berlin, 'role', 'primary')!.shifts(from, from + 6 * day);
    expect(shifts.map((shift) => new Date(shift.from).toISOString()).slice(1)).toEqual([
      '2027-03-26T01:30:00.000Z',
      '2027-03-27T01:30:00.000Z',
      '2027-03-28T01:30:00.000Z', // 02:30 does not exist: 03:30
      '2027-03-29T00:30:00.000Z',
      '2027-03-30T00:30:00.000Z',
      '2027-03-31T00:30:00.000Z',
    ]);
  });
});

it('tells the wall times over which clocks change', () => {
  expect(zones.every(isTimeZone)).toBe(true);
  expect(wallOddity('2027-03-14T02:30', 'America/Chicago')).toBe('skipped');
  expect(wallOddity('2026-11-01T01:30', 'America/Chicago')).toBe('twice');
  expect(wallOddity('2026-11-01T01:30', 'America/Phoenix')).toBeNull();
  expect(new Date(wallInstant('2027-03-14T02:30', 'America/Chicago')).toISOString()).toBe('2027-03-14T08:30:00.000Z');
});

describe('do not disturb', () => {
  const account = accountId('LARK-CARD');
  const inside = at('2026-11-28T10:50:00-05:00');
  const backup = (instant: number, urgency: 'stat' | 'urgent', using = directory) =>
    using.resolve(account, 'oncall-cardiology.backup', instant, { urgency });

  it('never holds back STAT, and skips the rest until it ends', () => {
    expect(backup(inside, 'stat')).toMatchObject({ people: [{ person: 'dr.vantongeren' }] });
    expect(backup(inside, 'urgent')).toEqual({ kind: 'skip', code: 'do-not-disturb', alarms: [] });
    expect(backup(at('2026-11-28T12:59:59-05:00'), 'urgent')).toMatchObject({ code: 'do-not-disturb' });
    expect(backup(at('2026-11-28T13:00:00-05:00'), 'urgent')).toMatchObject({ kind: 'people' });
  });

  it('goes to the delegate where there is one', () => {
    const copy = structuredClone(dispatch);
    copy.people['dr.vantongeren']!.dnd_delegate = 'np.quist';
    expect(backup(inside, 'urgent', buildDirectory(copy))).toMatchObject({ people: [{ person: 'np.quist' }] });
  });
});

it('an agreement that ended covers nobody, and alarms', () => {
  const cover = (iso: string) => directory.resolve(accountId('LARK-CARD'), 'cross_org_backup', at(iso));
  expect(cover('2027-06-30T23:59:59-04:00').kind).toBe('organisation');
  expect(cover('2027-07-01T00:00:00-04:00')).toEqual({
    kind: 'skip',
    code: 'agreement-ended',
    alarms: ['agreement-ended'],
  });
});
