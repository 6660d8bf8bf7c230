/** The cases of consent.yaml: what patients agreed to, and what must follow. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import {
  type Channel,
  type ConsentEvent,
  type DenialCode,
  defaultTextingRules,
  type Method,
  mayText,
  readConsent,
  type Scope,
  type TextKind,
} from '../../src/consent/index.ts';

interface Row {
  readonly patient: string;
  readonly channel: Channel;
  readonly number?: string;
  readonly address?: string;
  readonly scope?: readonly Scope[];
  readonly granted?: string;
  readonly revoked?: string;
  readonly evidence?: string;
  readonly method?: Method;
  readonly lang?: string;
  readonly expires?: string;
  readonly risk_notice?: string;
}

interface Case {
  readonly patient: string;
  readonly at: string;
  readonly kind: TextKind;
  readonly to: string;
  readonly expect: 'send' | 'refuse';
  readonly because?: string;
  readonly lang?: string;
  readonly policy?: string;
}

const data = parse(readFileSync(new URL('../fixtures/data/consent.yaml', import.meta.url), 'utf8')) as {
  readonly consent: readonly Row[];
  readonly cases: readonly Case[];
};

const events = data.consent.flatMap((row, index): ConsentEvent[] => {
  const { patient, channel, method = 'paper', lang: language = 'en', evidence = 'form' } = row;
  const common = { by: '@ash:one.example', channel, to: row.number ?? row.address ?? '', evidence };
  const made: ConsentEvent[] = [];
  if (row.granted !== undefined) {
    const from = Date.parse(row.granted);
    const until = row.expires === undefined ? null : Date.parse(row.expires) + 86_400_000;
    const scopes = [...(row.scope ?? [])];
    made.push({
      type: 'granted',
      id: `g${index}`,
      at: from,
      ...common,
      patient,
      scopes,
      method,
      language,
      from,
      until,
    });
  }
  if (row.revoked !== undefined) {
    const at = Date.parse(row.revoked);
    made.push({ type: 'revoked', id: `r${index}`, at, ...common, patient, method: 'sms', topics: null, review: true });
  }
  if (row.risk_notice !== undefined) {
    const at = Date.parse(row.risk_notice);
    made.push({
      type: 'risk_notice',
      id: `w${index}`,
      at,
      ...common,
      patient,
      version: '1',
      method,
      language,
      choice: 'accepted',
    });
  }
  return made;
});
const consent = readConsent(JSON.parse(JSON.stringify(events)) as unknown[]);

/** What the data say in words, as the code that says it. */
const CODES: Readonly<Record<string, DenialCode>> = {
  'health information never travels in a text': 'scope-missing',
  'scope is reminder only': 'scope-missing',
  expired: 'expired',
  'not yet granted': 'no-record',
  'consent is for another number': 'other-number',
  'link yes': 'scope-missing',
  revoked: 'stopped',
  'the revocation names the phone: the number is stopped for everybody': 'stopped',
  'scope none': 'declined',
  'consent is for e-mail': 'other-channel',
  'unknown is no': 'no-record',
  'the practice does not text content': 'content-texts-off',
  'no risk notice on record': 'risk-notice-missing',
};

describe('the cases of the data', () => {
  it('are all there', () => {
    expect(data.cases).toHaveLength(17);
    expect(consent.unreadable).toBe(0);
  });

  it.each(
    data.cases.map(
      (one) => [`${one.patient} ${one.kind} ${one.policy ?? ''}: ${one.expect}, ${one.because ?? ''}`, one] as const,
    ),
  )('%s', (_name, { patient, at, kind, to, expect: expected, because, lang, policy }) => {
    const verdict = mayText(
      {
        patient,
        channel: 'sms',
        to,
        kind,
        at: Date.parse(at),
        policy: { ...defaultTextingRules, contentTexts: policy === 'content_texts_on' },
      },
      consent,
    );
    expect(verdict.allow).toBe(expected === 'send');
    if (lang !== undefined) expect(verdict.language).toBe(lang);
    if (!verdict.allow) expect(verdict.code).toBe(CODES[because ?? '']);
    else expect(verdict.evidence.length).toBeGreaterThan(0);
  });
});
