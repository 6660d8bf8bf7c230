import fc from 'fast-check';
import { candidates, foldConsent, mayText, nextAllowed, revocationClock } from '../../src/consent/index.ts';
import { granted, request } from './support.ts';

const zonesOf = (npa: string) => [...candidates(`+1${npa}5550142`).zones].sort();

describe('where somebody may be', () => {
  it.each([
    ['212', ['America/New_York']],
    ['480', ['America/Phoenix']],
    ['602', ['America/Phoenix']],
    ['928', ['America/Denver', 'America/Phoenix']],
    ['850', ['America/Chicago', 'America/New_York']],
    ['448', ['America/Chicago', 'America/New_York']],
    ['270', ['America/Chicago', 'America/New_York']],
    ['364', ['America/Chicago', 'America/New_York']],
    ['812', ['America/Chicago', 'America/New_York']],
    ['930', ['America/Chicago', 'America/New_York']],
    ['906', ['America/Chicago', 'America/New_York']],
    ['423', ['America/Chicago', 'America/New_York']],
    ['541', ['America/Boise', 'America/Denver', 'America/Los_Angeles']],
    ['208', ['America/Boise', 'America/Denver', 'America/Los_Angeles']],
    ['701', ['America/Chicago', 'America/Denver']],
    ['605', ['America/Chicago', 'America/Denver']],
    ['317', ['America/New_York']],
    ['219', ['America/Chicago', 'America/New_York']],
    ['808', ['Pacific/Honolulu']],
    ['787', ['America/Puerto_Rico']],
  ])('is told by the area code %s', (npa, zones) => {
    expect(zonesOf(npa)).toEqual(zones);
  });

  it.each([
    '+18005550142',
    '+18885550142',
    '+18335550142',
    '+442079460000',
    '+19115550142',
    '12345',
    'k@family.example',
  ])('is anywhere in the United States for %s', (to) => {
    expect(candidates(to)).toMatchObject({ from: 'nothing', states: null });
    expect(candidates(to).zones).toContain('Pacific/Honolulu');
    expect(candidates(to).zones).toContain('America/New_York');
  });

  it('is told by the stored zone before the ZIP code, the ZIP code before the state, the state before the number', () => {
    const number = '+12125550142';
    expect(candidates(number, { zone: 'America/Denver', zip: '90210', state: 'AL' })).toEqual({
      zones: ['America/Denver'],
      states: ['AL'],
      from: 'zone',
    });
    expect(candidates(number, { zip: '90210', state: 'CA' })).toEqual({
      zones: ['America/Los_Angeles'],
      states: ['CA'],
      from: 'zip',
    });
    expect(candidates(number, { state: 'tx' })).toMatchObject({ states: ['TX'], from: 'state' });
    expect(candidates(number)).toEqual({ zones: ['America/New_York'], states: ['NY'], from: 'number' });
  });

  it('is anywhere, where the stored zone is none: a slip does not make it laxer', () => {
    for (const zone of ['Amercia/Denver', '', '+05:00', 'EST5'])
      expect([zone, candidates('+12125550142', { zone }).zones.length]).toEqual([zone, 9]);
  });

  it.each([
    ['32501', ['America/Chicago'], 'FL'],
    ['33101', ['America/New_York'], 'FL'],
    ['37402', ['America/New_York'], 'TN'],
    ['37201', ['America/Chicago'], 'TN'],
    ['47708', ['America/Chicago'], 'IN'],
    ['46204', ['America/New_York'], 'IN'],
    ['49801', ['America/New_York', 'America/Chicago'], 'MI'],
    ['97914', ['America/Los_Angeles', 'America/Boise'], 'OR'],
    ['86505', ['America/Phoenix', 'America/Denver'], 'AZ'],
    ['85001', ['America/Phoenix'], 'AZ'],
    ['79901', ['America/Denver'], 'TX'],
    ['77002-1234', ['America/Chicago'], 'TX'],
    ['02134', ['America/New_York'], 'MA'],
    ['00901', ['America/Puerto_Rico'], 'PR'],
    ['96813', ['Pacific/Honolulu'], 'HI'],
  ])('is told by the ZIP code %s', (zip, zones, state) => {
    expect(candidates('+18005550142', { zip })).toEqual({ zones, states: [state], from: 'zip' });
  });

  it.each(['09012', '96201', '34012', '1234', 'abcde', ''])('is not told by %s, which is no place', (zip) => {
    expect(candidates('+12125550142', { zip }).from).toBe('number');
  });
});

const consentFor = (to: string) => foldConsent([granted('2026-01-01', 'P-1', to, { from: 0, at: 0 })]);
const may = (to: string, at: string, whereabouts = {}) =>
  mayText(request({ to, at: Date.parse(at), whereabouts }), consentFor(to)).allow;
const next = (to: string, at: string, whereabouts = {}) =>
  new Date(nextAllowed(request({ to, at: Date.parse(at), whereabouts }), consentFor(to)) ?? Number.NaN).toISOString();

describe('the hours of somebody', () => {
  it('are legal in every zone where they may be: Pensacola is an hour behind what its area code says', () => {
    expect(may('+18505550142', '2026-11-25T13:30Z')).toBe(false);
    expect(may('+18505550142', '2026-11-25T14:00Z')).toBe(true);
    expect(may('+18505550142', '2026-11-26T02:30Z')).toBe(false);
    expect(next('+18505550142', '2026-11-25T13:30Z')).toBe('2026-11-25T14:00:00.000Z');
  });

  it('in Arizona stay where they are when the others change', () => {
    for (const day of ['2026-03-07', '2026-03-09', '2026-10-31', '2026-11-02']) {
      expect([day, may('+14805550142', `${day}T14:59Z`)]).toEqual([day, false]);
      expect([day, may('+14805550142', `${day}T15:00Z`)]).toEqual([day, true]);
    }
    // The Navajo Nation changes: in summer the evening ends there an hour earlier.
    expect(may('+14805550142', '2026-07-02T03:30Z')).toBe(true);
    expect(may('+19285550142', '2026-07-02T03:30Z')).toBe(false);
    expect(may('+19285550142', '2026-07-01T14:30Z')).toBe(false);
    expect(may('+19285550142', '2026-12-01T15:00Z')).toBe(true);
  });

  it('in Indiana are those of both sides, unless the ZIP code says which', () => {
    expect(may('+18125550142', '2026-11-25T13:30Z')).toBe(false);
    expect(may('+18125550142', '2026-11-25T13:30Z', { zip: '47401' })).toBe(true);
    expect(may('+18125550142', '2026-11-26T02:30Z', { zip: '47708' })).toBe(true);
    expect(may('+13175550142', '2026-11-25T13:00Z')).toBe(true);
  });

  it('are where they moved to, not where the number is from', () => {
    expect(may('+12125550142', '2026-11-25T13:30Z', { zip: '94103' })).toBe(false);
    expect(next('+12125550142', '2026-11-25T13:30Z', { zip: '94103' })).toBe('2026-11-25T16:00:00.000Z');
  });

  it('of an unknown place are those of the whole country', () => {
    expect(next('+18005550142', '2026-11-25T13:30Z')).toBe('2026-11-25T18:00:00.000Z');
    expect(may('+18005550142', '2026-11-25T17:59:59Z')).toBe(false);
    // The evening ends in Puerto Rico, the morning begins on the Aleutians.
    expect(may('+18005550142', '2026-11-26T00:59:59Z')).toBe(true);
    expect(may('+18005550142', '2026-11-26T01:00Z')).toBe(false);
  });

  it('begin at eight on both nights of the change', () => {
    expect(next('+12125550142', '2026-03-08T06:30Z')).toBe('2026-03-08T12:00:00.000Z');
    expect(next('+12125550142', '2026-03-07T06:30Z')).toBe('2026-03-07T13:00:00.000Z');
    expect(next('+12125550142', '2026-11-01T05:30Z')).toBe('2026-11-01T13:00:00.000Z');
    expect(next('+12125550142', '2026-10-31T05:30Z')).toBe('2026-10-31T12:00:00.000Z');
  });

  it('begin after the gap, where a practice lets them begin within it', () => {
    const hours = { from: '02:30', until: '21:00' };
    const policy = { ...request().policy, hours };
    const at = Date.parse('2026-03-08T06:30Z');
    // The law's eight o'clock is later than any gap.
    expect(nextAllowed(request({ at, policy }), consentFor('+12125550142'))).toBe(Date.parse('2026-03-08T12:00Z'));
  });

  it('come within a day, and are legal when they come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') }),
        fc.constantFrom('212', '850', '208', '480', '928', '541', '907', '808', '800', '605'),
        (at, npa) => {
          const to = `+1${npa}5550142`;
          const one = request({ to, at });
          const found = nextAllowed(one, consentFor(to));
          expect(found).not.toBeNull();
          expect(mayText({ ...one, at: found ?? 0 }, consentFor(to)).allow).toBe(true);
          expect((found ?? 0) - at).toBeLessThan(25 * 3_600_000);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('ten business days', () => {
  const clock = (asked: string, honoured = asked) => {
    const { deadline, ...rest } = revocationClock(Date.parse(asked), Date.parse(honoured), 'America/New_York');
    return { ...rest, deadline: new Date(deadline).toISOString() };
  };

  it('are two weeks where there is no holiday', () => {
    expect(clock('2026-03-02T15:00Z').deadline).toBe('2026-03-17T04:00:00.000Z');
  });

  it('leave out Thanksgiving, weekends, Christmas and New Year', () => {
    expect(clock('2026-11-20T15:00Z').deadline).toBe('2026-12-08T05:00:00.000Z');
    expect(clock('2026-12-21T15:00Z').deadline).toBe('2027-01-07T05:00:00.000Z');
  });

  it('leave out the day on which a holiday of a weekend is observed', () => {
    // All three are Saturdays, observed on the Friday before: Independence Day 2026, Christmas 2027, New Year 2028.
    expect(clock('2026-06-22T15:00Z').deadline).toBe('2026-07-08T04:00:00.000Z');
    expect(clock('2027-12-20T15:00Z').deadline).toBe('2028-01-06T05:00:00.000Z');
  });

  it('say how many of them it took', () => {
    expect(clock('2026-03-02T15:00Z')).toMatchObject({ honouredInTime: true, businessDays: 0 });
    expect(clock('2026-03-02T15:00Z', '2026-03-16T15:00Z')).toMatchObject({ honouredInTime: true, businessDays: 10 });
    expect(clock('2026-03-02T15:00Z', '2026-03-17T15:00Z')).toMatchObject({ honouredInTime: false, businessDays: 11 });
  });
});
