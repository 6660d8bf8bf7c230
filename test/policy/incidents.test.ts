import fc from 'fast-check';
import type { RoomId, UserId } from '../../src/kernel/ids.ts';
import {
  addDays,
  couldRead,
  dayAt,
  daysLeft,
  factors,
  foldIncident,
  type Incident,
  type IncidentEvent,
  incidentNumber,
  lastDay,
  missingFactors,
  notifications,
  type RoomRecord,
  reminderDue,
} from '../../src/policy/index.ts';

const by = '@ash:example';
const at = Date.parse('2026-11-28T10:00:00Z');
const noFacts = { discovered: null, happened: null, rooms: [], people: [] };
const opened = (discovered = '2026-11-20'): IncidentEvent => ({ type: 'opened', by, at, ...noFacts, discovered });

const folded = (...events: readonly IncidentEvent[]): Incident =>
  foldIncident(
    7,
    events.map((event, number) => ({ number, event })),
  );
const noonOf = (day: string) => Date.parse(`${day}T12:00:00Z`);

describe('an incident', () => {
  it('is what was written about it, in order: later facts are added, later assessments count', () => {
    const [room, other] = ['!a:example', '!b:example'] as RoomId[];
    const incident = folded(
      { ...opened(), rooms: [room!] } as IncidentEvent,
      { type: 'noted', by, at, ...noFacts, discovered: '2026-11-19', rooms: [room!, other!] },
      { type: 'assessed', by, at, factor: 'acquired', level: 'high' },
      { type: 'assessed', by: '@birch:example', at, factor: 'acquired', level: 'low' },
    );
    expect([incident.state, incident.discovered, incident.rooms]).toEqual(['open', '2026-11-19', [room, other]]);
    expect(incident.factors.acquired).toMatchObject({ level: 'low', by: '@birch:example', number: 3 });
    expect(missingFactors(incident)).toEqual(['information', 'recipient', 'mitigated']);
  });

  it('is a draft until somebody takes it over or dismisses it', () => {
    const draft = { ...opened(), type: 'drafted', rule: 'break-glass', person: by, what: 'x' } as IncidentEvent;
    expect(folded(draft)).toMatchObject({ state: 'draft', rule: { name: 'break-glass', person: by } });
    expect(folded(draft, { type: 'taken', by, at }).state).toBe('open');
    expect(folded(draft, { type: 'dismissed', by, at })).toMatchObject({ state: 'dismissed', closed: { by } });
  });

  it('stays open as a breach until those whom it concerns were told', () => {
    const decided = { type: 'decided', by, at, decision: 'breach', affected: 12 } as const;
    expect(folded(opened(), decided)).toMatchObject({ state: 'breach', affected: 12, closed: null });
    const closed = { type: 'closed', by, at, decision: 'breach', affected: null, notified: '2026-12-04' } as const;
    expect(folded(opened(), decided, { ...closed, proposedBy: null })).toMatchObject({
      state: 'closed',
      affected: 12,
      notified: '2026-12-04',
    });
  });

  it('does not become another one by being shown, told of or exported: a decision stays based on what people wrote', () => {
    const before = folded(opened());
    const after = folded(
      opened(),
      { type: 'told', by: 'wardroom', at, of: 30 },
      { type: 'exported', by, at, digest: 'x' },
    );
    expect(after.latest).toBe(before.latest);
    expect(folded(opened(), { type: 'noted', by, at, ...noFacts }).latest).not.toBe(before.latest);
  });

  it.each([
    ['INC-7', 7],
    ['inc7', 7],
    ['7', 7],
    ['INC-0', null],
    ['7a', null],
    ['-7', null],
    ['9999999999', null],
  ])('is named %s: %s', (typed, number) => expect(incidentNumber(typed)).toBe(number));
});

describe('the clock of 60 days', () => {
  it.each([
    ['2026-11-20', '2027-01-19'],
    ['2027-01-15', '2027-03-16'],
    ['2027-12-31', '2028-02-29'],
  ])('counts from the day of discovery: %s ends on %s', (discovered, last) => {
    expect(lastDay({ discovered })).toBe(last);
  });

  it('turns at midnight of the hospital, not of Greenwich', () => {
    const incident = folded(opened('2026-11-20'));
    expect(daysLeft(incident, Date.parse('2027-01-19T04:59:59Z'), 'America/New_York')).toBe(1);
    expect(daysLeft(incident, Date.parse('2027-01-19T05:00:00Z'), 'America/New_York')).toBe(0);
  });

  it.each([
    [31, null],
    [30, 30],
    [29, 30],
    [14, 14],
    [8, 14],
    [7, 7],
    [2, 7],
    [1, 1],
    [0, 0],
    [-1, -1],
    [-40, -40],
  ])('with %s days left the reminder that is due is %s', (left, due) => {
    const incident = folded(opened());
    expect(reminderDue(incident, noonOf(addDays(lastDay(incident), -left)), 'UTC')).toBe(due);
  });

  it('reminds of each once, of what was missed only the last, and of nothing that is over', () => {
    const told = (of: number): IncidentEvent => ({ type: 'told', by: 'wardroom', at, of });
    const now = noonOf(addDays(lastDay({ discovered: '2026-11-20' }), -5));
    expect(reminderDue(folded(opened(), told(30), told(14)), now, 'UTC')).toBe(7);
    expect(reminderDue(folded(opened(), told(7)), now, 'UTC')).toBeNull();
    const closed = { type: 'closed', by, at, decision: 'low-probability', affected: null, notified: null } as const;
    expect(reminderDue(folded(opened(), { ...closed, proposedBy: by }), now, 'UTC')).toBeNull();
    const breach = folded(opened(), { type: 'decided', by, at, decision: 'breach', affected: null });
    expect(reminderDue(breach, now, 'UTC')).toBe(7);
  });

  it('whatever days somebody looks on, says each reminder at most once and never leaves a look at or after the last day without one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 40 }), (days) => {
        const events: IncidentEvent[] = [opened()];
        const said: number[] = [];
        for (const day of [...days].sort((a, b) => a - b)) {
          const now = noonOf(addDays('2026-11-20', day));
          const due = reminderDue(folded(...events), now, 'UTC');
          if (day >= 60 && due === null) expect(said).toContain(60 - day);
          if (due === null) continue;
          expect(due).toBeGreaterThanOrEqual(60 - day);
          said.push(due);
          events.push({ type: 'told', by: 'wardroom', at: now, of: due });
        }
        expect(new Set(said).size).toBe(said.length);
        expect([...said].sort((a, b) => b - a)).toEqual(said);
      }),
    );
  });
});

describe('who has to be told of a breach', () => {
  it.each([
    [12, ['individuals 2027-01-19', 'hhs 2027-03-01']],
    [499, ['individuals 2027-01-19', 'hhs 2027-03-01']],
    [500, ['individuals 2027-01-19', 'hhs 2027-01-19']],
    [501, ['individuals 2027-01-19', 'hhs 2027-01-19', 'media 2027-01-19']],
    [null, ['individuals 2027-01-19', 'hhs 2027-03-01', 'hhs 2027-01-19', 'media 2027-01-19']],
  ])('of %s people: %j', (affected, expected) => {
    const told = notifications({ discovered: '2026-11-20', affected });
    expect(told.map(({ whom, by: day }) => `${whom} ${day}`)).toEqual(expected);
  });

  it('is asked by four factors, each with its paragraph', () => {
    expect(factors.map(({ cite }) => cite)).toEqual(
      ['(i)', '(ii)', '(iii)', '(iv)'].map((one) => `45 CFR 164.402(2)${one}`),
    );
  });
});

describe('who could have read a room', () => {
  const user = (name: string) => `@${name}:${name === 'far' ? 'partner.example' : 'example'}` as UserId;
  const record: RoomRecord = {
    room: '!a:example' as RoomId,
    stays: [
      { user: user('early'), from: null, until: 100 },
      { user: user('mid'), from: 50, until: 200 },
      { user: user('late'), from: 300, until: null },
      { user: user('far'), from: 10, until: null },
    ],
    present: [user('late'), user('far'), user('old')],
    holders: [{ user: user('gone'), devices: ['D'], messages: 2 }],
    historyVisibility: 'joined',
  };
  const names = (range: { from: number; until: number } | null, more: Partial<RoomRecord> = {}) =>
    couldRead({ ...record, ...more }, range).readers.map(({ user: one }) => one.slice(1).split(':')[0]);

  it('is everybody who was in it at the time, whoever was there before the record began, and whose devices got keys', () => {
    expect(names({ from: 120, until: 150 })).toEqual(['far', 'gone', 'mid', 'old']);
    expect(names({ from: 0, until: 40 })).toEqual(['early', 'far', 'gone', 'old']);
    expect(names(null)).toEqual(['early', 'far', 'gone', 'late', 'mid', 'old']);
  });

  it('is whoever came later, too, where new members may read the past', () => {
    expect(names({ from: 120, until: 150 }, { historyVisibility: 'shared' })).toContain('late');
    expect(names({ from: 120, until: 150 }, { historyVisibility: 'invited' })).not.toContain('late');
  });

  it('names the servers that hold a copy, and says of whom there is no membership on record', () => {
    const { servers, readers } = couldRead(record, { from: 120, until: 150 });
    expect(servers).toEqual(['example', 'partner.example']);
    expect(readers.filter(({ isMember }) => !isMember).map(({ user: one }) => one)).toEqual([user('gone')]);
  });

  it('never loses anybody by a wider range', () => {
    const stay = fc.record({
      user: fc.constantFrom('a', 'b', 'c').map(user),
      from: fc.option(fc.integer({ min: 0, max: 50 })),
      until: fc.option(fc.integer({ min: 50, max: 100 })),
    });
    fc.assert(
      fc.property(
        fc.array(stay),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 50 }),
        (stays, from, wider) => {
          const of = (range: { from: number; until: number } | null) =>
            couldRead({ ...record, stays, present: [], holders: [] }, range).readers.map(({ user: one }) => one);
          const [narrow, wide] = [of({ from, until: from + 5 }), of({ from: from - wider, until: from + 5 + wider })];
          for (const one of narrow) expect(wide).toContain(one);
          for (const one of wide) expect(of(null)).toContain(one);
        },
      ),
    );
  });
});

describe('the day of an incident', () => {
  it('is the hospital’s', () => {
    expect(dayAt(Date.parse('2026-11-20T03:00:00Z'), 'America/New_York')).toBe('2026-11-19');
  });
});
