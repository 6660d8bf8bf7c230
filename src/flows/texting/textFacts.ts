import {
  type Consent,
  type DenialCode,
  defaultTextingRules,
  type Denial as LawDenial,
  mayText,
  riskNotice,
  type TextingRules,
  type TextKind,
  type Verdict,
} from '../../consent/index.ts';
import type { Instant } from '../../kernel/clock.ts';
import type { PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Texting } from '../../policy/index.ts';
import {
  type ConsentFacts,
  type ConsentScope,
  type ContentClass,
  type Denial,
  type GatePolicy,
  type Known,
  nothingKnown,
} from '../../texts/index.ts';
import type { Reads, Tx } from '../ports.ts';
import { consentAbout } from './consentRecord.ts';
import { rulesOf, whenAllowed } from './reminderRules.ts';
import type { TextingFlow, TextLine } from './textingFlow.ts';
import type { PatientPhone, PatientRef, Text } from './textsPort.ts';

const HOUR_MS = 3_600_000;

/** What the practice allows, as the gate asks for it; without a policy nothing. */
export function gatePolicyOf(texting: Texting | null): GatePolicy {
  if (texting === null) return { senders: [], releasers: [], classes: [], secondPerson: [], mostParts: 0 };
  const classes: ContentClass[] = ['service', 'reminder', 'notice', 'plain', 'page'];
  return {
    senders: texting.who,
    releasers: texting.approve,
    classes: texting.content ? [...classes, 'content'] : classes,
    secondPerson: texting.second_person ? ['content'] : [],
    mostParts: Math.ceil(texting.longest / 153),
  };
}

/** What may be recognised because it is on file: the patient's references and telephones; the practice's own give nobody away. */
export const knownOf = (phones: readonly PatientPhone[], line: TextLine): Known => ({
  ...nothingKnown,
  others: [...new Set(phones.flatMap(({ names }) => [names.reveal().reference, names.reveal().number]))],
  ownPhones: [line.number, line.callBack],
  ownNames: [line.practice],
});

export interface Asked {
  readonly patient: PatientRef;
  /** As the consent names the patient; null: nobody said it. */
  readonly reference: string | null;
  readonly number: Phi<PhoneNumber>;
  readonly phone: Text['phone'];
  readonly texting: Texting | null;
  /** What stands against it besides. */
  readonly denials: readonly Denial[];
}

/** What the practice decided, as the rules of law ask for it. */
const textingRules = (texting: Texting | null, off: readonly string[]): TextingRules => ({
  ...(texting === null ? defaultTextingRules : rulesOf(texting)),
  off,
});

/** What a person writes to a patient is no automated text: hours and limits hold what is sent by itself. */
const BY_A_PERSON: readonly string[] = ['T8', 'T9', 'T10'];

/** What each scope lets go, as the rules of law name it. */
const KINDS: Readonly<Record<ConsentScope, TextKind>> = {
  reminder: 'reminder',
  clinical_link: 'clinical_link',
  content: 'clinical',
  marketing: 'marketing',
};
const SCOPES = Object.keys(KINDS) as readonly ConsentScope[];

/** A scope that was not agreed to: the gate says so of the words that would take it. */
const NOT_AGREED: ReadonlySet<DenialCode> = new Set(['scope-missing', 'number-only', 'written-consent-missing']);
/** The gate judges these itself, and has the notice to offer in the words' stead. */
const BY_THE_GATE: ReadonlySet<DenialCode> = new Set(['content-texts-off', 'risk-notice-missing']);
/** These say once more what `stopped` says. */
const STOPPED_TOO: ReadonlySet<DenialCode> = new Set(['stopped-for-everything', 'stopped-by-reply']);

/** What can be done about it, for whoever wrote the text. */
const HINTS: Readonly<Partial<Record<DenialCode, string>>> = {
  'no-record': ' Ask the patient, and record it: `!consent` as a reply to a text, or `!wr consent record`.',
  stopped: ' Call instead.',
  'number-in-doubt': ' Call instead.',
};

/** Which scopes count for a telephone now, and what stands against any text of a person. */
function contactOf(consent: Consent, reference: string | null, to: string, at: Instant, texting: Texting | null) {
  const policy = textingRules(texting, BY_A_PERSON);
  const verdicts = SCOPES.map((scope) => ({
    scope,
    denials: denialsOf(mayText({ patient: reference, channel: 'sms', to, kind: KINDS[scope], at, policy }, consent)),
  }));
  const against = new Map(
    verdicts.flatMap(({ denials }) =>
      denials
        .filter(({ code }) => !NOT_AGREED.has(code) && !BY_THE_GATE.has(code))
        .map((denial) => [`${denial.rule} ${denial.code}`, denial] as const),
    ),
  );
  const isStopped = [...against.values()].some(({ code }) => code === 'stopped');
  return {
    covers: verdicts.flatMap(({ scope, denials }) =>
      denials.every(({ code }) => BY_THE_GATE.has(code)) ? [scope] : [],
    ),
    denials: [...against.values()].filter(({ code }) => !isStopped || !STOPPED_TOO.has(code)),
  };
}

const denialsOf = (verdict: Verdict): readonly LawDenial[] => (verdict.allow ? [] : verdict.denials);

/** What is on record about a patient and a telephone, at this moment. */
export async function consentFactsOf(
  flow: Pick<TextingFlow, 'clock' | 'digest'>,
  read: Pick<Reads, 'consent' | 'texts'>,
  { patient, reference, number, phone, texting, denials }: Asked,
): Promise<ConsentFacts> {
  const now = flow.clock.now();
  const to = number.reveal();
  const consent = await consentAbout(flow, read, patient, [number]);
  const contact = contactOf(consent, reference, to, now, texting);
  const lately = await read.texts.outSince(phone, now - HOUR_MS);
  const answers = lately.filter(({ purpose, state }) => purpose === 'answer' && state !== 'cancelled').length;
  const isFull = texting !== null && answers >= texting.answers.per_hour;
  return {
    covers: contact.covers,
    riskNotice: riskNotice(consent, reference ?? '', 'sms', to, now)?.choice === 'accepted',
    denials: [
      ...denials,
      ...contact.denials.map(({ code, what, rule, cite }) => ({
        code,
        what: `${what}${HINTS[code] ?? ''}`,
        rule,
        regulation: cite,
      })),
      ...(isFull ? [tooMany(answers)] : []),
    ],
  };
}

/** Looked at right before a text leaves, which may be long after it was judged: whether the telephone was stopped or the consent ended meanwhile. */
export const barsNow =
  (flow: TextingFlow, texting: () => Texting | null) =>
  async (tx: Tx, text: Text, number: Phi<PhoneNumber>): Promise<Bar | null> => {
    const { patient, purpose, phone } = text;
    if (patient === null || !NEEDS_CONSENT.has(purpose)) return null;
    const phones = await tx.texts.phonesOf(patient);
    const reference = phones.find((one) => one.phone === phone)?.names.reveal().reference ?? null;
    if (purpose === 'reminder') return reminderBar(flow, tx, text, number, reference ?? '', texting());
    const consent = await consentAbout(flow, tx, patient, [number]);
    const [at, to] = [flow.clock.now(), number.reveal()];
    if (purpose === 'answer') {
      const { covers, denials } = contactOf(consent, reference, to, at, texting());
      return neverBy(denials[0]?.code ?? (covers.length === 0 ? 'scope-missing' : null));
    }
    const policy = textingRules(texting(), BY_A_PERSON);
    const verdict = mayText({ patient: reference, channel: 'sms', to, kind: 'notice', at, policy }, consent);
    return neverBy(denialsOf(verdict)[0]?.code ?? null);
  };

const neverBy = (code: string | null): Bar | null => (code === null ? null : { code, until: null });

/** It may have waited for its carrier until late in the evening, and others may have gone meanwhile. */
async function reminderBar(
  flow: TextingFlow,
  tx: Tx,
  { patient, phone, at }: Text,
  number: Phi<PhoneNumber>,
  reference: string,
  texting: Texting | null,
): Promise<Bar | null> {
  const now = flow.clock.now();
  if (texting === null || patient === null) return { code: 'policy-unreadable', until: now + AGAIN_MS };
  const asked = { patient, reference, phone, number, texting, at: now, text: null, countsPlanned: false };
  const when = await whenAllowed(flow, tx, asked);
  if ('code' in when) return { code: when.code, until: null };
  if (when.at === now) return null;
  return when.at - at > LATE_MS ? { code: 'too-late', until: null } : { code: 'held', until: when.at };
}

/** How soon it is asked again where no policy could be read. */
const AGAIN_MS = 60_000;
/** A reminder that is later by so much is of no use. */
const LATE_MS = 24 * HOUR_MS;

/** Why a text does not leave now. `until`: when it is looked at again; null: never. */
export interface Bar {
  readonly code: string;
  readonly until: Instant | null;
}

const NEEDS_CONSENT: ReadonlySet<Text['purpose']> = new Set(['answer', 'notice', 'reminder']);

const tooMany = (answers: number): Denial => ({
  code: 'too-many',
  what: `This telephone got ${answers} texts within the last hour: that is all the practice allows.`,
  rule: 'answers',
  regulation: '45 CFR 164.530(c)',
});
