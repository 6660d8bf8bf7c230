import {
  defaultTextingRules,
  type EarlierSend,
  mayText,
  nextAllowed,
  type TextFacts,
  type TextingRules,
  type TextRequest,
} from '../../consent/index.ts';
import type { Instant } from '../../kernel/clock.ts';
import type { PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Texting } from '../../policy/index.ts';
import type { Reads } from '../ports.ts';
import { consentAbout } from './consentRecord.ts';
import type { TextingFlow } from './textingFlow.ts';
import type { PatientRef, PhoneRef, TextState } from './textsPort.ts';

const WEEK_MS = 7 * 86_400_000;
/** A reminder that would be later by more than this is of no use to anybody. */
const HELD_MS = 24 * 3_600_000;

/** What the practice decided, as the rules of law ask for it. */
export function rulesOf({ content, quiet_hours: quiet, reminders }: Texting): TextingRules {
  const cap = { perDay: reminders.per_day, perWeek: reminders.per_week };
  return {
    ...defaultTextingRules,
    contentTexts: content,
    hours: { from: quiet.until, until: quiet.from },
    caps: { reminder: cap, marketing: cap },
  };
}

/** What did not reach anybody counts for nothing. */
const NEVER_SENT: ReadonlySet<TextState> = new Set(['cancelled', 'refused']);

export interface ReminderAsked {
  readonly patient: PatientRef;
  /** As the consent names the patient. */
  readonly reference: string;
  readonly phone: PhoneRef;
  readonly number: Phi<PhoneNumber>;
  readonly texting: Texting;
  /** When it is meant to go. */
  readonly at: Instant;
  /** Of the words; null: they were judged before. */
  readonly text: TextFacts | null;
  /** Whether reminders that wait for their time count, too. */
  readonly countsPlanned: boolean;
}

/** When a reminder may go, held for the hours and the limits that the law and the practice set; or why it never may. */
export async function whenAllowed(
  flow: Pick<TextingFlow, 'digest'>,
  read: Pick<Reads, 'consent' | 'texts'>,
  { patient, reference, phone, number, texting, at, text, countsPlanned }: ReminderAsked,
): Promise<{ readonly at: Instant; readonly language: string | null } | { readonly code: string }> {
  const consent = await consentAbout(flow, read, patient, [number]);
  const sends = (await read.texts.outSince(phone, at - WEEK_MS)).flatMap(
    ({ purpose, state, at: sent }): EarlierSend[] =>
      purpose !== 'reminder' || NEVER_SENT.has(state) || (state === 'queued' && !countsPlanned)
        ? []
        : [{ at: sent, kind: 'reminder' }],
  );
  const request: TextRequest = {
    patient: reference,
    channel: 'sms',
    to: number.reveal(),
    kind: 'reminder',
    at,
    policy: rulesOf(texting),
    sends,
    ...(text === null ? {} : { text }),
  };
  const verdict = mayText(request, consent);
  const allowed = verdict.allow ? at : nextAllowed(request, consent);
  if (allowed !== null && allowed - at <= HELD_MS) return { at: allowed, language: verdict.language };
  return { code: verdict.allow ? 'nothing-allows-it' : verdict.code };
}
