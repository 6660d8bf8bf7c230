import { type Instant, isoInstant } from '../../kernel/clock.ts';
import { type PhoneNumber, phoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { Texting } from '../../policy/index.ts';
import { judgeText, render, type Template, templateFor } from '../../texts/index.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import type { InvalidField } from '../ticketApi.ts';
import { type ReminderDocument, readReminder } from './readReminder.ts';
import { whenAllowed } from './reminderRules.ts';
import type { ReminderOutcome, RemindersApi, ReminderView } from './remindersApi.ts';
import type { Reminder, ReminderNow } from './remindersPort.ts';
import { entryOf } from './sendTexts.ts';
import { templatesNow } from './templates.ts';
import { consentFactsOf, gatePolicyOf } from './textFacts.ts';
import { newText, patientOf, type TextingFlow, type TextLine } from './textingFlow.ts';
import { lineName, type PatientPhone } from './textsPort.ts';

export interface RemindersFlow extends Pick<TextingFlow, 'store' | 'clock' | 'digest' | 'lines'> {
  /** What the practice allows; null: the policy cannot be read, nothing is decided. */
  readonly texting: () => Texting | null;
}

const ACTOR = 'api:reminders';
/** Further ahead nobody knows what will be agreed to. */
const AHEAD_MS = 92 * 86_400_000;
/** What a line fills in by itself. */
const OWN_SLOTS = ['practice', 'phone'] as const;

interface Words {
  readonly template: Template;
  readonly body: string;
}

/**
 * Reminders for a scheduling system: each taken once, durable before it hears so, written from an approved template only, and judged by what the patient agreed
 * to, by the hours and by the limits, now and again right before it leaves (47 CFR 64.1200(a)(9)(iv), (c)(1)).
 */
export function reminders(flow: RemindersFlow): RemindersApi {
  return {
    async submit(document) {
      const read = readReminder(document);
      if (!read.ok) return { kind: 'refused', errors: read.error };
      const asked = read.value;
      const outcome = await flow.store.change<ReminderOutcome>(async (tx) => {
        await tx.lock(`reminder:${asked.id}`);
        const fingerprint = flow.digest(`reminder:${canonical(asked)}`);
        const before = await tx.reminders.one(asked.id);
        if (before !== null) {
          const isSame = before.reminder.fingerprint === fingerprint;
          const value: ReminderOutcome = isSame
            ? { kind: 'taken', isNew: false, reminder: viewOf(before) }
            : { kind: 'id-reused' };
          return { value, audit: [refusedOrSame(asked, isSame ? null : 'id-reused')] };
        }
        const texting = flow.texting();
        if (texting === null)
          return { value: { kind: 'no-policy' }, audit: [refusedOrSame(asked, 'policy-unreadable')] };
        const taken = await take(flow, tx, asked, fingerprint, texting);
        if ('errors' in taken)
          return {
            value: { kind: 'refused', errors: taken.errors },
            audit: [refusedOrSame(asked, taken.errors[0]?.code ?? 'invalid')],
          };
        return { value: { kind: 'taken', isNew: true, reminder: viewOf(taken.now) }, audit: [taken.audit] };
      });
      if (outcome === null) throw new Error('nothing-kept');
      return outcome;
    },

    async show(id) {
      const now = await flow.store.read.reminders.one(id);
      return now === null ? null : viewOf(now);
    },
  };
}

type Taken = { readonly now: ReminderNow; readonly audit: AuditEntry } | { readonly errors: readonly InvalidField[] };

async function take(
  flow: RemindersFlow,
  tx: Tx,
  asked: ReminderDocument,
  fingerprint: string,
  texting: Texting,
): Promise<Taken> {
  const now = flow.clock.now();
  const at = Math.max(now, asked.send_at === undefined ? now : Date.parse(asked.send_at));
  const line = flow.lines.find(({ name }) => name === asked.line);
  if (line === undefined) return wrong('/line', 'line-unknown');
  if (at > now + AHEAD_MS) return wrong('/send_at', 'too-far');
  const patient = patientOf(flow, asked.patient);
  const phones = await tx.texts.phonesOf(patient);
  if (phones.length === 0) return wrong('/patient', 'no-telephone');
  for (const { phone } of phones.toSorted((a, b) => (a.phone < b.phone ? -1 : 1))) await tx.lock(`reminders:${phone}`);
  const choice = await choose(flow, tx, phones, texting, at);
  const words = await write(tx, line, asked, choice.language);
  if ('errors' in words) return words;
  const { template, body } = words;
  const common = {
    id: asked.id,
    fingerprint,
    line: lineName(asked.line),
    phone: choice.phone.phone,
    patient,
    template: template.id,
    language: template.language,
    version: template.version,
    at: now,
    answer: null,
    answeredAt: null,
  };
  const number = numberOf(choice.phone);
  const judged = await judge(flow, tx, { line, choice, number, words, texting, at });
  if ('code' in judged) {
    const reminder: Reminder = { ...common, text: null, code: judged.code };
    await tx.reminders.add(reminder);
    const detail = aboutOf(asked);
    const audit: AuditEntry = {
      action: 'reminder.blocked',
      outcome: 'refused',
      actor: ACTOR,
      code: judged.code,
      detail,
    };
    return { now: { reminder, text: null }, audit };
  }
  // It stands on record at its time: what is planned counts for limits, and words are kept no longer than they wait.
  const text = newText(flow, line, {
    phone: common.phone,
    patient,
    purpose: 'reminder',
    at: judged.at,
    dueAt: judged.at,
  });
  await tx.texts.queue(text, number, new Phi({ body, media: [] }));
  const reminder: Reminder = { ...common, text: text.id, code: null };
  await tx.reminders.add(reminder);
  const entry = entryOf(text, 'reminder.taken');
  return {
    now: { reminder, text },
    audit: { ...entry, actor: ACTOR, detail: { ...entry.detail, ...aboutOf(asked) } },
  };
}

interface Choice {
  readonly phone: PatientPhone;
  readonly language: string | null;
}

/** Of a patient's telephones the one on file last on which a reminder may go; where it may on none, the last. */
async function choose(
  flow: RemindersFlow,
  tx: Tx,
  phones: readonly PatientPhone[],
  texting: Texting,
  at: Instant,
): Promise<Choice> {
  for (const phone of phones.toReversed()) {
    const when = await whenAllowed(flow, tx, { ...askedOf(phone), texting, at, text: null, countsPlanned: true });
    if ('at' in when) return { phone, language: when.language };
  }
  const [last] = phones.slice(-1);
  if (last === undefined) throw new Error('no-telephone');
  return { phone: last, language: null };
}

/** The words, from the approved version in the language that was asked for, or that the patient wants. */
async function write(
  tx: Tx,
  line: TextLine,
  asked: ReminderDocument,
  language: string | null,
): Promise<Words | { readonly errors: readonly InvalidField[] }> {
  const languages = asked.language === undefined ? [...(language === null ? [] : [language]), 'en'] : [asked.language];
  const template = templateFor(await templatesNow(tx), asked.template, languages);
  if (template === null) return wrong('/template', 'template-not-approved');
  if (template.contentClass !== 'reminder') return wrong('/template', 'template-not-a-reminder');
  const own = { practice: line.practice, phone: line.callBack as string };
  const filled = Object.fromEntries(
    OWN_SLOTS.filter((slot) => template.body.includes(`{${slot}}`)).map((slot) => [slot, own[slot]]),
  );
  const body = render(template, { ...asked.slots, ...filled });
  if (!body.ok) return { errors: body.error.map(({ slot, code }) => ({ path: `/slots/${slot}`, code })) };
  return { template, body: body.value };
}

/** By the rules of consent, hours and limits, and by the gate that judges every text. */
async function judge(
  flow: RemindersFlow,
  tx: Tx,
  {
    line,
    choice,
    number,
    words: { template, body },
    texting,
    at,
  }: {
    readonly line: TextLine;
    readonly choice: Choice;
    readonly number: Phi<PhoneNumber>;
    readonly words: Words;
    readonly texting: Texting;
    readonly at: Instant;
  },
): Promise<{ readonly at: Instant } | { readonly code: string }> {
  const who = askedOf(choice.phone);
  const when = await whenAllowed(flow, tx, {
    ...who,
    texting,
    at,
    countsPlanned: true,
    text: {
      length: body.length,
      namesSender: body.includes(line.practice),
      saysHowToStop: /\b(STOP|ALTO)\b/.test(body),
      canBeAnswered: template.replies,
    },
  });
  if ('code' in when) return when;
  const { patient, reference, phone } = who;
  const gate = judgeText({
    text: body,
    to: 'patient',
    from: { kind: 'automatic' },
    content: { kind: 'template', contentClass: template.contentClass, state: template.state },
    consent: await consentFactsOf(flow, tx, { patient, reference, number, phone, texting, denials: [] }),
    policy: gatePolicyOf(texting),
    release: null,
    notice: null,
  });
  return gate.verdict === 'allow' ? when : { code: gate.reasons[0]?.code ?? 'blocked' };
}

const numberOf = ({ names }: PatientPhone): Phi<PhoneNumber> => new Phi(phoneNumber(names.reveal().number));

const askedOf = (phone: PatientPhone) => ({
  patient: phone.patient,
  reference: phone.names.reveal().reference,
  phone: phone.phone,
  number: numberOf(phone),
});

/** What there is of a reminder, for whoever asked for it. */
function viewOf({ reminder, text }: ReminderNow): ReminderView {
  return {
    id: reminder.id,
    state: text?.state ?? 'blocked',
    code: text === null ? reminder.code : text.code,
    line: reminder.line,
    template: reminder.template,
    language: reminder.language,
    version: reminder.version,
    due_at: text === null ? null : isoInstant(text.dueAt),
    answer: reminder.answer,
    answered_at: reminder.answeredAt === null ? null : isoInstant(reminder.answeredAt),
  };
}

/** The same for the same request, whatever the order of its keys. */
const canonical = ({ slots, ...rest }: ReminderDocument): string => JSON.stringify([...sorted(rest), ...sorted(slots)]);
const sorted = (record: Readonly<Record<string, unknown>>) =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

const aboutOf = ({ id, line, template }: ReminderDocument) => ({ reminder: id, line, template });

const refusedOrSame = (asked: ReminderDocument, code: string | null): AuditEntry => ({
  action: code === null ? 'reminder.repeated' : 'reminder.refused',
  outcome: code === null ? 'ok' : 'refused',
  actor: ACTOR,
  ...(code === null ? {} : { code }),
  // What was refused may name anything.
  detail: code === null ? aboutOf(asked) : { reminder: asked.id },
});

const wrong = (path: string, code: string) => ({ errors: [{ path, code }] });
