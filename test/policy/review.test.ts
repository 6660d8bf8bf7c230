import fc from 'fast-check';
import { type ActivityCount, addDays, chaseDue, groupsOf, periodDue } from '../../src/policy/index.ts';
import { lastTurn, weekdays } from '../../src/policy/review/weeks.ts';

const zone = 'America/New_York';
const at = (iso: string) => Date.parse(iso);

describe('the week of a review', () => {
  it.each([
    // 30 November 2026 is a Monday.
    ['2026-11-30T04:59:59Z', '2026-11-23'],
    ['2026-11-30T05:00:00Z', '2026-11-30'],
    ['2026-12-06T23:00:00Z', '2026-11-30'],
    // The clocks change on 1 November.
    ['2026-11-02T04:59:00Z', '2026-10-26'],
    ['2026-11-02T05:00:00Z', '2026-11-02'],
  ])('at %s the last one turned on %s', (now, day) => expect(lastTurn(at(now), 'monday', zone)).toBe(day));

  it('turns on the day that the policy names', () => {
    const turns = weekdays.map((day) => lastTurn(at('2026-12-02T12:00:00Z'), day, zone));
    expect(turns).toEqual([
      '2026-11-30',
      '2026-12-01',
      '2026-12-02',
      '2026-11-26',
      '2026-11-27',
      '2026-11-28',
      '2026-11-29',
    ]);
  });

  it('is due once, the first from where the record begins, one for all that was missed', () => {
    const since = at('2026-11-25T12:00:00Z');
    const due = (covered: string | null, now: string) => periodDue(covered, since, at(now), 'monday', zone);
    expect(due(null, '2026-11-29T12:00:00Z')).toBeNull();
    expect(due(null, '2026-11-30T12:00:00Z')).toEqual({ from: '2026-11-25', to: '2026-11-30' });
    expect(due('2026-11-30', '2026-12-06T12:00:00Z')).toBeNull();
    expect(due('2026-11-30', '2026-12-28T12:00:00Z')).toEqual({ from: '2026-11-30', to: '2026-12-28' });
  });

  it('leaves no day out and counts none twice, whenever somebody looks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 30 }), (days) => {
        const since = at('2026-11-25T12:00:00Z');
        let covered: string | null = null;
        for (const day of [...days].sort((a, b) => a - b)) {
          const now = at(`${addDays('2026-11-25', day)}T17:00:00Z`);
          const due = periodDue(covered, since, now, 'monday', zone);
          if (due === null) continue;
          expect(due.from).toBe(covered ?? '2026-11-25');
          expect(due.to > due.from).toBe(true);
          covered = due.to;
          expect(periodDue(covered, since, now, 'monday', zone)).toBeNull();
        }
      }),
    );
  });
});

describe('a summary that nobody signs', () => {
  it.each([
    [0, null],
    [2, null],
    [3, { days: 3, alarm: false }],
    [6, { days: 3, alarm: false }],
    [7, { days: 7, alarm: false }],
    [8, { days: 8, alarm: true }],
    [30, { days: 30, alarm: true }],
  ])('is asked for after %s days: %j', (days, due) => {
    expect(chaseDue('2026-11-30', [], at(`${addDays('2026-11-30', days)}T12:00:00Z`), zone)).toEqual(due);
  });

  it('is asked for once at each', () => {
    expect(chaseDue('2026-11-30', [3], at('2026-12-05T12:00:00Z'), zone)).toBeNull();
    expect(chaseDue('2026-11-30', [3, 7, 8], at('2026-12-08T12:00:00Z'), zone)).toBeNull();
    expect(chaseDue('2026-11-30', [3, 7, 8], at('2026-12-09T12:00:00Z'), zone)?.days).toBe(9);
  });
});

describe('a summary', () => {
  const count = (action: string, times = 1, outcome = 'ok', code = ''): ActivityCount => ({
    action,
    outcome,
    code,
    times,
  });
  const lines = (counts: readonly ActivityCount[], title: string) =>
    groupsOf(counts)
      .find((group) => group.title === title)
      ?.lines.map(({ what, times }) => `${what} ${times}`);

  it('shows alarms, refusals by code, and what was done, the most frequent first', () => {
    const counts = [
      count('alarm', 2, 'ok', 'old-key-used'),
      count('command.given', 3, 'refused', 'role-missing'),
      count('command.given', 40),
      count('role.granted', 2, 'refused', 'role-missing'),
      count('role.granted', 1),
    ];
    expect(lines(counts, 'Alarms')).toEqual(['old-key-used 2']);
    expect(lines(counts, 'Refusals by code')).toEqual(['role-missing 5']);
    expect(lines(counts, 'Roles')).toEqual(['role.granted, refused 2', 'role.granted 1']);
    expect(lines(counts, 'Commands')).toEqual(['command.given 40', 'command.given, refused 3']);
  });

  it('has what a reviewer looks for even when nothing happened', () => {
    const titles = groupsOf([]).map(({ title }) => title);
    for (const title of [
      'Alarms',
      'Refusals by code',
      'Emergency access',
      'Exports',
      'Roles',
      'Policy',
      'Legal holds',
      'Incidents',
    ])
      expect(titles).toContain(title);
  });

  it('loses nothing that was counted', () => {
    const any = fc.record({
      action: fc.constantFrom('ticket.accepted', 'room.member', 'nobody.knows', 'alarm', 'hold.placed', 'x'),
      outcome: fc.constantFrom('ok', 'refused', 'failed'),
      code: fc.constantFrom('', 'a', 'b'),
      times: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(any), (counts) => {
        const groups = groupsOf(counts).filter(({ title }) => title !== 'Refusals by code');
        const shown = groups.flatMap((group) => group.lines).reduce((sum, { times }) => sum + times, 0);
        expect(shown).toBe(counts.reduce((sum, { times }) => sum + times, 0));
      }),
    );
  });
});
