/** A golden table per rule: what it says of what, and that it says nothing else. */
import {
  type ConsentEvent,
  consentRules,
  defaultTextingRules,
  type TextingRules,
  type TextKind,
  type TextRequest,
} from '../../src/consent/index.ts';
import { against, granted, NOON, reassigned, restarted, revoked, warned } from './support.ts';

const PHONE = '+12125550142';
const MINUTE = 60_000;
const DAY = 86_400_000;
const all = granted('2026-01-01', 'P-1', PHONE, { scopes: ['reminder', 'clinical_link', 'content', 'marketing'] });
const told = warned('2026-01-01', 'P-1', PHONE);
const rules = (change: Partial<TextingRules>): Partial<TextRequest> => ({
  policy: { ...defaultTextingRules, ...change },
});
const open = rules({ contentTexts: true });
const text = { length: 100, namesSender: true, saysHowToStop: true, canBeAnswered: true };
const send = (kind: TextKind, before: number) => ({ kind, at: NOON - before });

type Line = readonly [string, readonly ConsentEvent[], Partial<TextRequest>, readonly string[]];
const only = (id: string, lines: readonly Line[]) =>
  it.each(lines)('%s', (_name, events, change, codes) => {
    const found = against(events, change);
    expect(found.filter(([rule]) => rule === id).map(([, code]) => code)).toEqual(codes);
    if (codes.length === 0) expect(found).toEqual([]);
  });

describe('T1, consent for a number, channel and purpose', () => {
  const agreed = (scope: 'reminder' | 'clinical_link' | 'content' | 'marketing') =>
    granted('2026-01-01', 'P-1', PHONE, { scopes: [scope] });
  only('T1', [
    ['reminder under reminder', [agreed('reminder')], {}, []],
    ['reminder under a link', [agreed('clinical_link')], {}, ['scope-missing']],
    ['reminder under content', [agreed('content')], {}, ['scope-missing']],
    ['link under reminder', [agreed('reminder')], { kind: 'clinical_link' }, ['scope-missing']],
    ['link under link', [agreed('clinical_link')], { kind: 'clinical_link' }, []],
    ['notice under reminder', [agreed('reminder')], { kind: 'notice' }, ['scope-missing']],
    ['notice under link', [agreed('clinical_link')], { kind: 'notice' }, []],
    ['notice under content', [agreed('content')], { kind: 'notice' }, []],
    ['content under content', [agreed('content'), told], { kind: 'clinical', ...open }, []],
    ['content under link', [agreed('clinical_link'), told], { kind: 'clinical', ...open }, ['scope-missing']],
    ['marketing under marketing, signed', [agreed('marketing')], { kind: 'marketing' }, []],
    ['marketing under reminder', [agreed('reminder')], { kind: 'marketing' }, ['scope-missing']],
    [
      'marketing, agreed to by voice',
      [{ ...agreed('marketing'), method: 'voice' }],
      { kind: 'marketing' },
      ['written-consent-missing'],
    ],
    ['nothing on record', [], {}, ['no-record']],
    ['nobody knows whose number', [all], { patient: null }, ['patient-unknown']],
    ['said no', [granted('2026-01-01', 'P-1', PHONE, { scopes: ['none'] })], {}, ['declined']],
    ['for e-mail only', [all], { channel: 'email', to: 'k@family.example' }, ['other-channel']],
  ]);
});

describe('T2, a number that was only given', () => {
  const given = { ...all, method: 'number_given' as const };
  only('T2', [
    ['reminds', [given], {}, []],
    ['is told to call', [given], { kind: 'notice' }, []],
    ['gets no link', [given], { kind: 'clinical_link' }, ['number-only']],
    ['gets no content', [given, told], { kind: 'clinical', ...open }, ['number-only']],
    ['gets no marketing', [given], { kind: 'marketing' }, ['number-only']],
  ]);
});

describe('T3, revocation', () => {
  const stop = revoked('2026-11-20', PHONE);
  const some = revoked('2026-11-20', PHONE, { topics: ['marketing'] });
  const byTopic = rules({ revocation: 'topic' });
  only('T3', [
    ['nobody stopped', [all], {}, []],
    ['stopped', [all, stop], {}, ['stopped']],
    ['stopped on paper of another patient', [all, { ...stop, patient: 'P-2', method: 'paper' }], {}, ['stopped']],
    ['stopped, and agreed to again on paper', [all, stop, granted('2026-11-24', 'P-1', PHONE)], {}, ['stopped']],
    ['stopped and started', [all, stop, restarted('2026-11-21', PHONE)], {}, []],
    ['a topic stops all', [all, some], {}, ['stopped']],
    [
      'a topic stops itself, where the practice keeps topics apart',
      [all, some],
      { kind: 'marketing', ...byTopic },
      ['stopped'],
    ],
    ['and nothing else', [all, some], byTopic, []],
    ['"none" stops all', [all, { ...some, topics: ['none'] }], byTopic, ['stopped']],
    ['cannot be switched off', [all, stop], rules({ off: ['T3', 'T1', 'T11'] }), ['stopped']],
  ]);
});

describe('T5, one revocation ends all topics', () => {
  const some = revoked('2026-11-20', PHONE, { topics: ['marketing'] });
  const byTopic = rules({ revocation: 'topic' });
  const on = (day: string) => ({ ...byTopic, at: Date.parse(day) });
  only('T5', [
    ['is suspended in 2026', [all, some], byTopic, []],
    ['is suspended to the last moment', [all, some], on('2027-01-30T21:59:59Z'), []],
    ['applies by itself from 2027-01-31', [all, some], on('2027-01-31T16:00Z'), ['stopped-for-everything']],
    [
      'can be switched off',
      [all, some],
      { ...rules({ revocation: 'topic', off: ['T5'] }), at: Date.parse('2027-03-01T16:00Z') },
      [],
    ],
  ]);

  it('flips with the day, and with nothing else', () => {
    const rule = consentRules.find(({ id }) => id === 'T5');
    expect([rule?.effective, rule?.suspendedUntil]).toEqual(['2025-04-11', '2027-01-31']);
  });
});

describe('T6, the one confirmation', () => {
  const stop = { ...revoked('2026-11-25T18:30Z', PHONE), method: 'sms' as const };
  const confirm = (after: number, more: Partial<TextRequest> = {}): Partial<TextRequest> => ({
    kind: 'opt_out_confirmation',
    patient: null,
    at: NOON + after,
    ...more,
  });
  only('T6', [
    ['goes at once', [stop], confirm(1000), []],
    ['goes until five minutes have passed', [stop], confirm(5 * MINUTE), []],
    ['does not go later', [stop], confirm(5 * MINUTE + 1), ['confirmation-late']],
    [
      'goes once',
      [stop],
      confirm(2000, { sends: [{ kind: 'opt_out_confirmation', at: NOON + 1000 }] }),
      ['already-confirmed'],
    ],
    [
      'goes once for two stops',
      [stop, { ...stop, id: 'again', at: NOON + MINUTE }],
      confirm(2 * MINUTE, { sends: [{ kind: 'opt_out_confirmation', at: NOON + 1000 }] }),
      ['already-confirmed'],
    ],
    [
      'goes again for a stop after a start',
      [stop, restarted('2026-11-25T18:31Z', PHONE), { ...stop, id: 'again', at: NOON + 2 * MINUTE }],
      confirm(3 * MINUTE, { sends: [{ kind: 'opt_out_confirmation', at: NOON + 1000 }] }),
      [],
    ],
    ['confirms nothing where nothing stopped', [all], confirm(0), ['nothing-to-confirm']],
    [
      'goes at night',
      [{ ...stop, at: Date.parse('2026-11-26T08:00Z') }],
      confirm(0, { at: Date.parse('2026-11-26T08:00:10Z') }),
      [],
    ],
    ['goes to a wrong number, too', [{ ...reassigned('2026-11-25T18:30Z', PHONE) }], confirm(1000), []],
  ]);
});

describe('T7, a way out where answers are not heard', () => {
  only('T7', [
    ['heard', [all], { kind: 'notice', text: { ...text, saysHowToStop: false } }, []],
    ['not heard, and said', [all], { kind: 'notice', text: { ...text, canBeAnswered: false } }, []],
    [
      'not heard, and not said',
      [all],
      { kind: 'notice', text: { ...text, canBeAnswered: false, saysHowToStop: false } },
      ['no-way-to-stop'],
    ],
  ]);
});

describe('T8, the hours', () => {
  const at = (when: string, more: Partial<TextRequest> = {}) => ({
    at: Date.parse(when),
    kind: 'notice' as const,
    ...more,
  });
  const urgent = { role: 'physician', reason: 'critical potassium' };
  only('T8', [
    ['a minute before eight', [all], at('2026-11-25T12:59:59Z'), ['quiet-hours']],
    ['eight', [all], at('2026-11-25T13:00Z'), []],
    ['a minute before nine in the evening', [all], at('2026-11-26T01:59:59Z'), []],
    ['nine in the evening', [all], at('2026-11-26T02:00Z'), ['quiet-hours']],
    ['a callback that cannot wait', [all], at('2026-11-26T04:00Z', { urgent }), []],
    [
      'without a reason it can',
      [all],
      at('2026-11-26T04:00Z', { urgent: { role: 'nurse', reason: ' ' } }),
      ['quiet-hours'],
    ],
    ['a reminder is never urgent', [all], at('2026-11-26T04:00Z', { urgent, kind: 'reminder' }), ['quiet-hours']],
    [
      'the practice may be stricter',
      [all],
      at('2026-11-26T01:30Z', rules({ hours: { from: '09:00', until: '18:00' } })),
      ['quiet-hours'],
    ],
    [
      'and not laxer',
      [all],
      at('2026-11-26T02:30Z', rules({ hours: { from: '00:00', until: '00:00' } })),
      ['quiet-hours'],
    ],
    [
      'another zone is on file',
      [all],
      at('2026-11-25T13:30Z', { whereabouts: { zone: 'America/Los_Angeles' } }),
      ['quiet-hours'],
    ],
    [
      'a mail may come at night',
      [granted('2026-01-01', 'P-1', 'k@family.example', { scopes: ['clinical_link'] })],
      at('2026-11-26T08:00Z', { channel: 'email', to: 'k@family.example' }),
      [],
    ],
  ]);

  it('hold no answer to what the patient wrote lately, where the practice says so', () => {
    const night = Date.parse('2026-11-26T04:00Z');
    const answering = (change: Partial<TextRequest>) =>
      against([all], { kind: 'notice', at: night, ...rules({ answersForMs: 4 * 60 * MINUTE }), ...change });
    expect(answering({ answers: night - MINUTE })).toEqual([]);
    expect(answering({ answers: night - 4 * 60 * MINUTE })).toEqual([['T8', 'quiet-hours']]);
    expect(answering({})).toEqual([['T8', 'quiet-hours']]);
    expect(answering({ answers: night - MINUTE, kind: 'reminder' })).toEqual([['T8', 'quiet-hours']]);
    expect(answering({ answers: night - MINUTE, policy: defaultTextingRules })).toEqual([['T8', 'quiet-hours']]);
  });

  it('that cannot be read allow nothing', () => {
    expect(against([all], rules({ hours: { from: 'dawn', until: 'dusk' } }))).toEqual([['T8', 'rule-failed']]);
  });
});

describe('T9, the hours of states for marketing', () => {
  const marketing = (when: string, state: string, more: Partial<TextRequest> = {}): Partial<TextRequest> => ({
    kind: 'marketing',
    at: Date.parse(when),
    whereabouts: { state, zone: 'America/Chicago' },
    ...more,
  });
  only('T9', [
    ['Texas on Sunday at eleven', [all], marketing('2026-11-29T17:00Z', 'TX'), ['state-hours']],
    ['Texas on Sunday at noon', [all], marketing('2026-11-29T18:00Z', 'TX'), []],
    ['Alabama on Saturday at eight in the evening', [all], marketing('2026-11-29T02:00Z', 'AL'), ['state-hours']],
    ['Alabama on Sunday', [all], marketing('2026-11-29T18:00Z', 'AL'), ['state-hours']],
    ['Louisiana on Thanksgiving', [all], marketing('2026-11-26T18:00Z', 'LA'), ['state-hours']],
    ['Kentucky at half past nine', [all], marketing('2026-11-25T15:30Z', 'KY'), ['state-hours']],
    ['Kentucky at ten', [all], marketing('2026-11-25T16:00Z', 'KY'), []],
    ['a state without hours of its own', [all], marketing('2026-11-25T14:30Z', 'WI'), []],
    [
      'nobody knows which state: the strictest of all',
      [all],
      {
        kind: 'marketing',
        at: Date.parse('2026-11-26T00:30Z'),
        to: PHONE,
        whereabouts: { zone: 'America/Chicago', state: '' },
      },
      [],
    ],
    [
      'Florida has three a day',
      [all],
      marketing('2026-11-25T18:30Z', 'FL', {
        sends: [send('marketing', 1), send('marketing', 2), send('marketing', 3)],
        ...rules({ caps: {} }),
      }),
      ['daily-cap'],
    ],
    [
      'two are not three',
      [all],
      marketing('2026-11-25T18:30Z', 'FL', {
        sends: [send('marketing', 1), send('marketing', 2)],
        ...rules({ caps: {} }),
      }),
      [],
    ],
  ]);

  it('do not hold reminders', () => {
    expect(
      against([all], { at: Date.parse('2026-11-29T17:00Z'), whereabouts: { state: 'AL', zone: 'America/Chicago' } }),
    ).toEqual([]);
  });

  it('are the strictest of all where nobody knows the state', () => {
    const tollFree = granted('2026-01-01', 'P-1', '+18005550142', { scopes: ['marketing'] });
    const to = { kind: 'marketing' as const, to: '+18005550142', whereabouts: { zone: 'America/New_York' } };
    expect(against([tollFree], { ...to, at: Date.parse('2026-11-25T14:30Z') })).toEqual([['T9', 'state-hours']]);
    expect(against([tollFree], { ...to, at: Date.parse('2026-11-25T15:00Z') })).toEqual([]);
  });
});

describe('T10, how often and in what form we remind', () => {
  only('T10', [
    ['the first', [all], { sends: [] }, []],
    ['a second within a day', [all], { sends: [send('reminder', DAY - 1)] }, ['daily-cap']],
    ['a second after a day', [all], { sends: [send('reminder', DAY)] }, []],
    [
      'a fourth within a week',
      [all],
      { sends: [send('reminder', 2 * DAY), send('reminder', 4 * DAY), send('reminder', 7 * DAY - 1)] },
      ['weekly-cap'],
    ],
    [
      'a fourth after a week',
      [all],
      { sends: [send('reminder', 2 * DAY), send('reminder', 4 * DAY), send('reminder', 7 * DAY)] },
      [],
    ],
    ['notices do not count', [all], { sends: [send('notice', 1)] }, []],
    ['notices have no limit', [all], { kind: 'notice', sends: [send('notice', 1), send('notice', 2)] }, []],
    [
      'the practice says five',
      [all],
      { sends: [send('reminder', 1)], ...rules({ caps: { reminder: { perDay: 5, perWeek: 5 } } }) },
      [],
    ],
    ['160 characters', [all], { text: { ...text, length: 160 } }, []],
    ['161 characters', [all], { text: { ...text, length: 161 } }, ['too-long']],
    [
      'no sender, no way out',
      [all],
      { text: { ...text, namesSender: false, saysHowToStop: false } },
      ['no-way-to-stop', 'sender-missing'],
    ],
    ['none are allowed', [all], rules({ caps: { reminder: { perDay: 0, perWeek: 9 } } }), ['daily-cap']],
  ]);
});

describe('T11, a stop in reply', () => {
  const topic = { topics: ['marketing' as const] };
  const byTopic = rules({ revocation: 'topic' });
  only('T11', [
    [
      'by text ends all, whatever it named',
      [all, revoked('2026-11-20', PHONE, { ...topic, method: 'sms' })],
      byTopic,
      ['stopped-by-reply'],
    ],
    [
      'at the carrier, too',
      [all, revoked('2026-11-20', PHONE, { ...topic, method: 'carrier' })],
      byTopic,
      ['stopped-by-reply'],
    ],
    [
      'on the portal ends what it named',
      [all, revoked('2026-11-20', PHONE, { ...topic, method: 'portal' })],
      byTopic,
      [],
    ],
  ]);
});

describe('T13, another person’s number', () => {
  only('T13', [
    ['reported', [all, reassigned('2026-11-20', PHONE)], {}, ['number-in-doubt']],
    [
      'bounced',
      [all, reassigned('2026-11-20', PHONE, { why: 'disconnected', method: 'carrier' })],
      {},
      ['number-in-doubt'],
    ],
    ['of another number', [all, reassigned('2026-11-20', '+17735550163')], {}, []],
  ]);
});

describe('H1, health information in a text', () => {
  only('H1', [
    ['allowed, warned, wanted', [all, told], { kind: 'clinical', ...open }, []],
    ['not allowed here', [all, told], { kind: 'clinical' }, ['content-texts-off']],
    ['never warned', [all], { kind: 'clinical', ...open }, ['risk-notice-missing']],
    [
      'warned, and declined',
      [all, told, warned('2026-02-01', 'P-1', PHONE, { choice: 'declined' })],
      { kind: 'clinical', ...open },
      ['risk-notice-missing'],
    ],
    [
      'another patient was warned',
      [all, warned('2026-01-01', 'P-2', PHONE)],
      { kind: 'clinical', ...open },
      ['risk-notice-missing'],
    ],
    [
      'warned tomorrow',
      [all, warned('2026-11-26', 'P-1', PHONE)],
      { kind: 'clinical', ...open },
      ['risk-notice-missing'],
    ],
  ]);
});

describe('H3, the answer to a keyword', () => {
  const answer = (more: Partial<TextRequest>): Partial<TextRequest> => ({
    kind: 'keyword_answer',
    patient: null,
    ...more,
  });
  only('H3', [
    ['of a stranger', [], answer({ answers: NOON - 1000 }), []],
    ['of somebody who stopped', [revoked('2026-11-20', PHONE)], answer({ answers: NOON - 1000 }), []],
    ['after five minutes', [], answer({ answers: NOON - 5 * MINUTE - 1 }), ['not-an-answer']],
    ['of nothing', [], answer({}), ['not-an-answer']],
    ['a second time', [], answer({ answers: NOON - 1000, sends: [send('keyword_answer', 500)] }), ['not-an-answer']],
  ]);
});

describe('the rules', () => {
  it('each have an id of their own, a citation, a source and days that exist', () => {
    expect(new Set(consentRules.map(({ id }) => id)).size).toBe(consentRules.length);
    for (const rule of consentRules) {
      expect(rule.cite).toMatch(/CFR|FCC|State/);
      expect(rule.source).not.toBe('');
      for (const day of [rule.effective, rule.suspendedUntil ?? rule.effective]) {
        expect(day).toMatch(/^\d{4}-\d{2}-\d{2}$/);
        expect(Number.isNaN(Date.parse(day))).toBe(false);
      }
    }
  });
});
