import {
  type ConsentEvent,
  defaultTextingRules,
  type EventOf,
  foldConsent,
  mayText,
  type TextRequest,
} from '../../src/consent/index.ts';

let count = 0;

/** Each has an id of its own, in the order in which they were made. */
const common = (at: string, to: string) => {
  count += 1;
  return {
    id: `e-${String(count).padStart(4, '0')}`,
    at: Date.parse(at),
    by: '@ash:one.example',
    channel: to.includes('@') ? ('email' as const) : ('sms' as const),
    to,
    evidence: 'as told in the test',
  };
};

export const granted = (
  at: string,
  patient: string,
  to: string,
  change: Partial<EventOf<'granted'>> = {},
): EventOf<'granted'> => ({
  type: 'granted',
  ...common(at, to),
  patient,
  scopes: ['reminder'],
  method: 'paper',
  language: 'en',
  from: Date.parse(at),
  until: null,
  ...change,
});

export const revoked = (at: string, to: string, change: Partial<EventOf<'revoked'>> = {}): EventOf<'revoked'> => ({
  type: 'revoked',
  ...common(at, to),
  patient: null,
  method: 'voice',
  topics: null,
  review: false,
  ...change,
});

export const reassigned = (
  at: string,
  to: string,
  change: Partial<EventOf<'reassigned'>> = {},
): EventOf<'reassigned'> => ({
  type: 'reassigned',
  ...common(at, to),
  patient: null,
  method: 'sms',
  why: 'wrong-person',
  ...change,
});

export const restarted = (
  at: string,
  to: string,
  change: Partial<EventOf<'restarted'>> = {},
): EventOf<'restarted'> => ({
  type: 'restarted',
  ...common(at, to),
  method: 'sms',
  reviewedBy: null,
  ...change,
});

export const reviewed = (
  at: string,
  of: ConsentEvent,
  decision: EventOf<'reviewed'>['decision'],
): EventOf<'reviewed'> => ({ type: 'reviewed', ...common(at, of.to), of: of.id, decision });

export const warned = (
  at: string,
  patient: string,
  to: string,
  change: Partial<EventOf<'risk_notice'>> = {},
): EventOf<'risk_notice'> => ({
  type: 'risk_notice',
  ...common(at, to),
  patient,
  version: '2026-01',
  method: 'paper',
  language: 'en',
  choice: 'accepted',
  ...change,
});

export const verified = (at: string, patient: string, to: string): EventOf<'verified'> => ({
  type: 'verified',
  ...common(at, to),
  patient,
  method: 'sms',
});

/** Noon of a Wednesday in New York; business hours in every state but the westernmost islands. */
export const NOON = Date.parse('2026-11-25T18:30Z');

export const request = (change: Partial<TextRequest> = {}): TextRequest => ({
  patient: 'P-1',
  channel: 'sms',
  to: '+12125550142',
  kind: 'reminder',
  at: NOON,
  policy: defaultTextingRules,
  ...change,
});

/** What stands against it, by rule and code; empty: it may go. */
export const against = (
  events: readonly ConsentEvent[],
  change: Partial<TextRequest> = {},
): readonly (readonly [rule: string, code: string])[] => {
  const verdict = mayText(request(change), foldConsent(events));
  return verdict.allow ? [] : verdict.denials.map(({ rule, code }) => [rule, code] as const);
};
