import { addressState, type NoConsent, riskNotice, standing } from '../../consent/index.ts';
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

/** Why nothing may be sent, for whoever wrote it. */
const WHY: Readonly<Record<NoConsent, string>> = {
  'no-record':
    'No consent is on file for this patient: no record means no. Ask, and record it with `!wr consent record`.',
  'other-number': 'The consent on file is for another telephone.',
  'other-channel': 'The consent on file is for another way than texts.',
  'not-yet': 'The consent on file does not count yet.',
  expired: 'The consent on file has expired.',
  declined: 'The patient was asked and said no to texts.',
  'number-changed-hands': 'Another person has this telephone by now: what was agreed to before is void.',
};

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

/** What is on record about a patient and a telephone, at this moment. */
export async function consentFactsOf(
  flow: TextingFlow,
  read: Pick<Reads, 'consent' | 'texts'>,
  { patient, reference, number, phone, texting, denials }: Asked,
): Promise<ConsentFacts> {
  const now = flow.clock.now();
  const to = number.reveal();
  const consent = await consentAbout(flow, read, patient, [number]);
  const found = standing(consent, reference ?? '', 'sms', to, now);
  const notice = riskNotice(consent, reference ?? '', 'sms', to, now);
  const isStopped = addressState(consent, to, now).stops.length > 0 || consent.unreadable > 0;
  const lately = await read.texts.outSince(phone, now - HOUR_MS);
  const answers = lately.filter(({ purpose, state }) => purpose === 'answer' && state !== 'cancelled').length;
  const more: Denial[] = [];
  if (isStopped)
    more.push(law('stopped', 'The telephone’s holder wants no more texts. Call instead.', '47 CFR 64.1200(a)(10)'));
  if (!found.inForce) more.push(law(found.why, WHY[found.why], '47 CFR 64.1200(a)(1)'));
  if (texting !== null && answers >= texting.answers.per_hour)
    more.push(
      law(
        'too-many',
        `This telephone got ${answers} texts within the last hour: that is all the practice allows.`,
        '45 CFR 164.530(c)',
      ),
    );
  return {
    covers: found.inForce ? found.scopes.filter((scope): scope is ConsentScope => scope !== 'none') : [],
    riskNotice: notice?.choice === 'accepted',
    denials: [...denials, ...more],
  };
}

/** Looked at right before a text leaves, which may be long after it was judged: whether the telephone was stopped or the consent ended meanwhile. */
export const barsNow =
  (flow: TextingFlow) =>
  async (tx: Tx, text: Text, number: Phi<PhoneNumber>): Promise<string | null> => {
    if (text.patient === null || !NEEDS_CONSENT.has(text.purpose)) return null;
    const phones = await tx.texts.phonesOf(text.patient);
    const reference = phones.find(({ phone }) => phone === text.phone)?.names.reveal().reference ?? null;
    const consent = await consentAbout(flow, tx, text.patient, [number]);
    const now = flow.clock.now();
    if (consent.unreadable > 0) return 'consent-unreadable';
    if (addressState(consent, number.reveal(), now).stops.length > 0) return 'stopped';
    const found = standing(consent, reference ?? '', 'sms', number.reveal(), now);
    return found.inForce ? null : found.why;
  };

const NEEDS_CONSENT: ReadonlySet<Text['purpose']> = new Set(['answer', 'notice', 'reminder']);
const law = (code: string, what: string, regulation: string): Denial => ({ code, what, rule: 'consent', regulation });
