import fc from 'fast-check';
import {
  addressState,
  type ConsentEvent,
  consentOf,
  foldConsent,
  readConsent,
  readConsentEvent,
  riskNotice,
  standing,
  suppressions,
  verifiedAt,
} from '../../src/consent/index.ts';
import { granted, reassigned, restarted, reviewed, revoked, verified, warned } from './support.ts';

const PHONE = '+12125550142';
const OTHER = '+17735550163';
const at = Date.parse('2026-11-28T15:00Z');
const stands = (events: readonly ConsentEvent[], to = PHONE, when = at) =>
  standing(foldConsent(events), 'P-1', 'sms', to, when);
const why = (events: readonly ConsentEvent[], to = PHONE, when = at) => {
  const found = stands(events, to, when);
  return found.inForce ? found.scopes : found.why;
};
const stopped = (events: readonly ConsentEvent[], to = PHONE, when = at) =>
  addressState(foldConsent(events), to, when).stops.map(({ event }) => event.id);

describe('what a patient agreed to', () => {
  it('is nothing, where nothing is on record', () => {
    expect(why([])).toBe('no-record');
    expect(why([granted('2026-01-01', 'P-2', PHONE)])).toBe('no-record');
  });

  it('is agreed to for a number and a channel, and no other', () => {
    expect(why([granted('2026-01-01', 'P-1', OTHER)])).toBe('other-number');
    expect(why([granted('2026-01-01', 'P-1', 'k@family.example')])).toBe('other-channel');
    expect(why([granted('2026-01-01', 'P-1', PHONE, { channel: 'voice' })])).toBe('other-channel');
    expect(why([granted('2026-01-01', 'P-1', PHONE)], '(212) 555-0142')).toEqual(['reminder']);
  });

  it('begins and ends at its instants', () => {
    const event = granted('2026-01-01', 'P-1', PHONE, { from: at, until: at + 10 });
    expect(why([event], PHONE, at - 1)).toBe('not-yet');
    expect(why([event], PHONE, at)).toEqual(['reminder']);
    expect(why([event], PHONE, at + 9)).toEqual(['reminder']);
    expect(why([event], PHONE, at + 10)).toBe('expired');
  });

  it('is what the latest record says, also where it says less', () => {
    const wide = granted('2026-01-01', 'P-1', PHONE, { scopes: ['reminder', 'content'] });
    const narrow = granted('2026-02-01', 'P-1', PHONE, { scopes: ['reminder'] });
    expect(why([wide, narrow])).toEqual(['reminder']);
    expect(why([wide, granted('2026-02-01', 'P-1', PHONE, { scopes: ['none'] })])).toBe('declined');
    expect(why([wide, granted('2026-02-01', 'P-1', PHONE, { until: at - 1 })])).toBe('expired');
  });

  it('is what all records of one instant agree on', () => {
    const one = granted('2026-01-01', 'P-1', PHONE, { scopes: ['reminder', 'content'] });
    const two = granted('2026-01-01', 'P-1', PHONE, { scopes: ['reminder', 'clinical_link'] });
    expect(why([one, two])).toEqual(['reminder']);
    expect(why([two, one])).toEqual(['reminder']);
  });

  it('does not count before it was put on record', () => {
    const late = granted('2026-11-28T15:00Z', 'P-1', PHONE, { from: Date.parse('2026-01-01') });
    expect(why([late], PHONE, at - 1)).toBe('no-record');
    expect(why([late], PHONE, at)).toEqual(['reminder']);
  });
});

describe('a stop', () => {
  const stop = revoked('2026-11-20', PHONE);

  it('names the telephone: however it is written, whoever has it, whatever reaches it', () => {
    expect(stopped([stop], '212-555-0142')).toEqual([stop.id]);
    expect(stopped([{ ...stop, channel: 'voice' }])).toEqual([stop.id]);
    expect(stopped([stop], OTHER)).toEqual([]);
  });

  it('does not end by itself, not in forty years', () => {
    expect(stopped([stop], PHONE, Date.parse('2066-11-20'))).toEqual([stop.id]);
  });

  it('does not end with a new form', () => {
    expect(stopped([stop, granted('2026-11-25', 'P-1', PHONE)])).toEqual([stop.id]);
  });

  it('counts as soon as it is on record, though its clock be ahead', () => {
    const ahead = revoked('2026-12-24', PHONE);
    expect(stopped([ahead])).toEqual([ahead.id]);
    expect(stopped([ahead, restarted('2026-11-27', PHONE)])).toEqual([ahead.id]);
  });

  it('wins over a START of the same instant', () => {
    expect(stopped([restarted('2026-11-20', PHONE), stop])).toEqual([stop.id]);
    expect(stopped([stop, restarted('2026-11-20', PHONE)])).toEqual([stop.id]);
  });

  it('ends with START from that telephone, and not before', () => {
    const start = restarted('2026-11-21', PHONE);
    expect(stopped([stop, start])).toEqual([]);
    expect(stopped([stop, start], PHONE, start.at - 1)).toEqual([stop.id]);
    expect(stopped([stop, restarted('2026-11-21', OTHER)])).toEqual([stop.id]);
    const again = revoked('2026-11-22', PHONE);
    expect(stopped([stop, start, again])).toEqual([again.id]);
  });

  it('ends when a person finds that it was none, and only that one', () => {
    const genuine = revoked('2026-11-21', PHONE);
    expect(stopped([stop, reviewed('2026-11-22', stop, 'mistaken')])).toEqual([]);
    expect(stopped([stop, genuine, reviewed('2026-11-22', stop, 'mistaken')])).toEqual([genuine.id]);
  });

  it('waits for a person where its wording left doubt, until somebody has looked', () => {
    const doubtful = revoked('2026-11-20', PHONE, { review: true });
    const waiting = (events: readonly ConsentEvent[]) =>
      suppressions(foldConsent(events), at).map(({ to, awaitsReview }) => [to, awaitsReview]);
    expect(waiting([doubtful])).toEqual([[PHONE, true]]);
    expect(waiting([doubtful, reviewed('2026-11-21', doubtful, 'confirmed')])).toEqual([[PHONE, false]]);
    expect(waiting([doubtful, reviewed('2026-11-21', doubtful, 'mistaken')])).toEqual([]);
    expect(waiting([revoked('2026-11-25', OTHER), doubtful])).toEqual([
      [PHONE, true],
      [OTHER, false],
    ]);
  });
});

describe('a telephone that is another person’s', () => {
  const consent = granted('2026-01-01', 'P-1', PHONE);
  const wrong = reassigned('2026-11-20', PHONE);

  it('is stopped, and what was agreed to for it is void', () => {
    expect(stopped([consent, wrong])).toEqual([wrong.id]);
    expect(why([consent, wrong])).toBe('number-changed-hands');
  });

  it('is not opened by a START of whoever has it now', () => {
    const events = [consent, revoked('2026-11-19', PHONE), wrong, restarted('2026-11-21', PHONE)];
    expect(stopped(events)).toEqual([wrong.id]);
  });

  it('is opened by staff, a second person having looked, and takes a new consent', () => {
    const opened = restarted('2026-11-21', PHONE, { method: 'voice', reviewedBy: '@birch:one.example' });
    expect(stopped([consent, wrong, opened])).toEqual([]);
    expect(why([consent, wrong, opened])).toBe('number-changed-hands');
    expect(why([consent, wrong, opened, granted('2026-11-22', 'P-1', PHONE)])).toEqual(['reminder']);
  });

  it('takes a consent that is new: not an old form that is recorded now', () => {
    const old = granted('2026-11-22', 'P-1', PHONE, { from: Date.parse('2026-06-01') });
    expect(why([wrong, old])).toBe('number-changed-hands');
  });

  it('was never another’s where a person finds the report mistaken', () => {
    const events = [consent, wrong, reviewed('2026-11-21', wrong, 'mistaken')];
    expect(stopped(events)).toEqual([]);
    expect(why(events)).toEqual(['reminder']);
  });

  it('has neither warning nor proof of before', () => {
    const events = [warned('2026-01-01', 'P-1', PHONE), verified('2026-01-01', 'P-1', PHONE)];
    const asked = (more: readonly ConsentEvent[]) => {
      const fold = foldConsent([...events, ...more]);
      return [riskNotice(fold, 'P-1', 'sms', PHONE, at)?.choice ?? null, verifiedAt(fold, 'P-1', PHONE, at)];
    };
    expect(asked([])).toEqual(['accepted', Date.parse('2026-01-01')]);
    expect(asked([wrong])).toEqual([null, null]);
  });
});

describe('a warning', () => {
  it('is the latest word; of two at once the one that says no', () => {
    const yes = warned('2026-01-01', 'P-1', PHONE);
    const no = warned('2026-02-01', 'P-1', PHONE, { choice: 'declined' });
    const said = (events: readonly ConsentEvent[]) => riskNotice(foldConsent(events), 'P-1', 'sms', PHONE, at)?.choice;
    expect(said([yes, no])).toBe('declined');
    expect(said([no, warned('2026-03-01', 'P-1', PHONE)])).toBe('accepted');
    expect(said([no, warned('2026-02-01', 'P-1', PHONE)])).toBe('declined');
  });
});

describe('the record', () => {
  const history: readonly ConsentEvent[] = [
    granted('2026-01-01', 'P-1', PHONE, { scopes: ['reminder', 'content'] }),
    granted('2026-02-01', 'P-1', PHONE),
    granted('2026-01-01', 'P-2', PHONE),
    warned('2026-01-01', 'P-1', PHONE),
    revoked('2026-03-01', PHONE, { review: true }),
    restarted('2026-04-01', PHONE),
    reassigned('2026-05-01', PHONE),
    granted('2026-06-01', 'P-1', PHONE),
    revoked('2026-07-01', OTHER),
    verified('2026-06-02', 'P-1', PHONE),
  ];
  const told = (events: readonly ConsentEvent[]) => {
    const fold = foldConsent(events);
    return [consentOf(fold, 'P-1', at), consentOf(fold, 'P-2', at), suppressions(fold, at)];
  };

  it('says the same in whatever order it is handed over, and twice as once', () => {
    const expected = told(history);
    fc.assert(
      fc.property(fc.shuffledSubarray([...history], { minLength: history.length }), (shuffled) => {
        expect(told(shuffled)).toEqual(expected);
        expect(told([...shuffled, ...history])).toEqual(expected);
      }),
    );
  });

  it('is read back from JSON as it was stored', () => {
    const stored: unknown[] = JSON.parse(JSON.stringify(history));
    const read = readConsent(stored);
    expect(read.unreadable).toBe(0);
    expect(suppressions(read, at)).toEqual(suppressions(foldConsent(history), at));
  });

  it('says when it could not be read: what is lost might be a stop', () => {
    expect(
      readConsent([...history, { type: 'revoked' }, null, 'x', { ...history[0], type: 'forgotten' }]).unreadable,
    ).toBe(4);
  });

  it('takes no event that cannot be', () => {
    const faults = (event: unknown) => {
      const read = readConsentEvent(event);
      return read.ok ? [] : read.error.map(({ path }) => path);
    };
    const good = granted('2026-01-01', 'P-1', PHONE);
    expect(faults(good)).toEqual([]);
    expect(faults({ ...good, evidence: ' ' })).toEqual(['evidence']);
    expect(faults({ ...good, evidence: undefined })).toEqual(['evidence']);
    expect(faults({ ...good, to: '212 555 0142' })).toEqual(['to']);
    expect(faults({ ...good, channel: 'email' })).toEqual(['to']);
    expect(faults({ ...good, scopes: [] })).toEqual(['scopes']);
    expect(faults({ ...good, scopes: ['none', 'reminder'] })).toEqual(['scopes']);
    expect(faults({ ...good, until: good.from })).toEqual(['until']);
    expect(faults({ ...good, colour: 'red' })).toEqual(['colour']);
    const byStaff = restarted('2026-01-01', PHONE, { method: 'voice' });
    expect(faults(byStaff)).toEqual(['reviewedBy']);
    expect(faults({ ...byStaff, reviewedBy: byStaff.by })).toEqual(['reviewedBy']);
    expect(faults({ ...byStaff, reviewedBy: '@birch:one.example' })).toEqual([]);
  });

  it('repeats no value that was wrong', () => {
    const read = readConsentEvent({
      ...granted('2026-01-01', 'P-1', PHONE),
      to: 'Karen Halvors 4711',
      scopes: ['all of it'],
    });
    expect(JSON.stringify(read)).not.toMatch(/Karen|4711|all of it/);
  });
});
