import type { EventId, PhoneNumber, UserId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { Texting } from '../../policy/index.ts';
import { detect, type Finding, type GateVerdict, judgeText, type Known } from '../../texts/index.ts';
import type { Performed, Said } from '../clinicianPort.ts';
import { notPerformed as refused } from '../decided.ts';
import type { AuditEntry, RoomEvent, Tx } from '../ports.ts';
import { entryOf } from './sendTexts.ts';
import { consentFactsOf, gatePolicyOf, knownOf } from './textFacts.ts';
import { contentOf, lastFour, lineOf, newText, type TextingFlow, type TextLine } from './textingFlow.ts';
import type { PatientPhone, PatientRef, Text } from './textsPort.ts';
import { wordsOfLine } from './wordsOfLine.ts';

type Message = Extract<RoomEvent, { type: 'message' }>;

export interface AnsweringFlow extends TextingFlow {
  /** What the practice allows; null: the policy cannot be read, nothing leaves. */
  readonly texting: () => Texting | null;
  /** What somebody may do in a patient's room: their roles, and what being on the line's team stands for. */
  readonly rolesOf: (line: TextLine, user: UserId) => Promise<readonly string[]>;
  /** Whether only what a device signed by its owner wrote counts. */
  readonly requireCrossSigned: boolean;
  readonly wake: () => void;
}

/** What begins with this stays in the room. */
const ASIDE = /^\s*\/\//;
/** What looks like a command was meant for Wardroom, not for a patient. */
const COMMAND = /^\s*!\p{L}/u;

/** To whom an answer goes. */
interface Addressee {
  readonly line: TextLine;
  readonly patient: PatientRef;
  readonly number: Phi<PhoneNumber>;
  readonly phone: Text['phone'];
}

/**
 * What staff write in a patient's room: judged, and queued as a text, as the notice in its stead, held, or not at all; and they are told which, and why,
 * at once (phi-gate.md 3.6). The words themselves go nowhere else.
 */
export class TextAnswers {
  readonly #flow: AnsweringFlow;

  constructor(flow: AnsweringFlow) {
    this.#flow = flow;
  }

  /** Whether the message was said in a room of texts. Safe to call again with the same one. */
  async hear(message: Message): Promise<boolean> {
    const { rooms, store } = this.#flow;
    const place = rooms.of(message.room);
    if (place === null) return false;
    const line = lineOf(this.#flow, place.line);
    if (line === null || ASIDE.test(message.body.reveal())) return true;
    if ((await store.read.texts.ofEvent(message.event)).length > 0) return true;
    const roles = await this.#flow.rolesOf(line, message.sender);
    await store.change(async (tx) => {
      if ((await tx.texts.ofEvent(message.event)).length > 0) return null;
      if (COMMAND.test(message.body.reveal())) return this.#nobody(tx, line, message, NO_COMMAND);
      if (place.patient === null) return this.#nobody(tx, line, message, NO_TELEPHONE);
      const to = await this.#addressee(tx, line, place.patient, message.inReplyTo ?? message.thread);
      if (to === null) return this.#nobody(tx, line, message, NO_TELEPHONE);
      const verdict = await this.#judge(tx, to, message, roles, null);
      const text = textOf(this.#flow, to, message, verdict);
      const audit = await this.#decided(tx, to, message, text, verdict);
      return { value: null, audit: [audit] };
    });
    this.#flow.wake();
    return true;
  }

  /** `!send`, as a reply to what was held: a second person lets it go, if nothing else stands against it by now. */
  async release(tx: Tx, said: Said): Promise<Performed> {
    const place = this.#flow.rooms.of(said.room);
    const line = place === null ? null : lineOf(this.#flow, place.line);
    const about = said.replyTo ?? said.thread;
    const id = about === null ? null : await tx.texts.textOfEvent(about);
    const open = id === null ? null : await tx.texts.one(id);
    if (line === null || open === null || open.content === null || open.text.state !== 'held')
      return refused('not-held');
    const { text, number, content } = open;
    const { author } = text;
    const [roles, authorRoles] = await Promise.all([
      this.#flow.rolesOf(line, said.sender),
      author === null ? [] : this.#flow.rolesOf(line, author),
    ]);
    const to: Addressee = { line, patient: text.patient as PatientRef, number, phone: text.phone };
    const message = { body: new Phi(content.reveal().body), isFile: false, crossSigned: said.isCrossSigned };
    const verdict = await this.#judge(tx, to, message, authorRoles, { roles, isAuthor: author === said.sender });
    if (verdict.verdict !== 'allow') {
      const why = verdict.reasons.map(({ what }) => what);
      return { ...refused(verdict.reasons[0]?.code ?? 'held'), data: { why } };
    }
    await tx.texts.save({ ...text, state: 'queued', code: null, dueAt: this.#flow.clock.now() });
    const audit: AuditEntry = { ...entryOf(text, 'text.released'), actor: said.sender };
    return {
      outcome: 'ok',
      code: 'released',
      data: {},
      audit: [audit],
      jobs: [],
      moved: [],
      afterwards: this.#flow.wake,
    };
  }

  async #judge(
    tx: Tx,
    to: Addressee,
    message: Pick<Message, 'body' | 'isFile' | 'crossSigned'>,
    roles: readonly string[],
    release: { readonly roles: readonly string[]; readonly isAuthor: boolean } | null,
  ): Promise<GateVerdict> {
    const texting = this.#flow.texting();
    const barred = to.line.barred();
    const phones = await tx.texts.phonesOf(to.patient);
    return judgeText({
      text: message.body.reveal().trim(),
      to: 'patient',
      from: { kind: 'person', roles },
      content: { kind: 'free', findings: findingsIn(message.body.reveal(), knownOf(phones, to.line)) },
      consent: await consentFactsOf(this.#flow, tx, {
        ...to,
        reference: phones.find(({ phone }) => phone === to.phone)?.names.reveal().reference ?? null,
        texting,
        denials: [
          ...(barred === null
            ? []
            : [denied(barred, 'Nothing can be sent by this line now: `!wr sms line list` says why.')]),
          ...(message.isFile ? [denied('file', 'Files are not sent as texts.')] : []),
          ...(this.#flow.requireCrossSigned && !message.crossSigned
            ? [
                denied(
                  'unverified-device',
                  'Your device is not verified by you: what it writes may be somebody else’s words.',
                ),
              ]
            : []),
        ],
      }),
      policy: gatePolicyOf(texting),
      release,
      notice: wordsOfLine(to.line, 'notice'),
    });
  }

  async #decided(
    tx: Tx,
    to: Addressee,
    { room, event, sender, body }: Pick<Message, 'room' | 'event' | 'sender' | 'body'>,
    text: Text,
    { verdict, send, reasons, contentClass }: GateVerdict,
  ): Promise<AuditEntry> {
    const words = verdict === 'hold' ? body.reveal().trim() : (send ?? '');
    await tx.texts.queue(text, to.number, new Phi({ body: words, media: [] }));
    if (text.state === 'cancelled') await tx.texts.forgetContent(text.id);
    await tx.texts.owe(
      {
        id: `${text.id}.verdict`,
        text: text.id,
        line: to.line.name,
        patient: to.patient,
        room,
        edits: null,
        at: text.at,
      },
      contentOf({
        body: [headline(verdict, to, send), ...reasons.map(({ what }) => `– ${what}`)].join('\n'),
        mark: {
          text_id: text.id,
          direction: 'out',
          state: text.state,
          verdict,
          reasons: reasons.map(({ code }) => code),
        },
        isNotice: true,
        inReplyTo: event,
      }),
    );
    return {
      ...entryOf(
        text,
        `text.${verdict === 'allow' ? 'allowed' : verdict === 'rewrite' ? 'rewritten' : verdict === 'hold' ? 'held' : 'blocked'}`,
      ),
      actor: sender,
      outcome: verdict === 'block' ? 'refused' : 'ok',
      detail: {
        ...entryOf(text, '').detail,
        class: contentClass,
        reasons: reasons.map(({ code, rule, regulation }) => ({ code, rule, regulation })),
        // A commitment to what was judged, never the words.
        words: this.#flow.digest(`words:${body.reveal()}`),
      },
    };
  }

  /** Where there is nobody to whom it could go. */
  async #nobody(tx: Tx, line: TextLine, { room, event, sender }: Message, { code, body }: typeof NO_TELEPHONE) {
    const id = `${event}.nobody`;
    if ((await tx.texts.postedAs(id)) !== null) return null;
    await tx.texts.owe(
      { id, text: null, line: line.name, patient: null, room, edits: null, at: this.#flow.clock.now() },
      contentOf({
        body,
        mark: { direction: 'out', state: 'cancelled', verdict: 'block', reasons: [code] },
        isNotice: true,
        inReplyTo: event,
      }),
    );
    const entry: AuditEntry = { action: 'text.blocked', outcome: 'refused', actor: sender, code, room, event };
    return { value: null, audit: [entry] as const };
  }

  /** The telephone of the text that is answered, else the one that the patient texted from last, else the one on file last. */
  async #addressee(tx: Tx, line: TextLine, patient: PatientRef, answers: EventId | null): Promise<Addressee | null> {
    const phones = await tx.texts.phonesOf(patient);
    const about = answers === null ? null : await tx.texts.textOfEvent(answers);
    const meant = about === null ? null : await tx.texts.one(about);
    const last = meant?.text.patient === patient ? meant : await tx.texts.lastFrom(line.name, patient);
    const known = (ref: Text['phone'] | undefined): PatientPhone | undefined =>
      phones.find(({ phone }) => phone === ref);
    const phone = known(last?.text.phone) ?? phones.at(-1);
    if (phone === undefined) return null;
    const { number } = phone.names.reveal();
    return { line, patient, number: new Phi(number as PhoneNumber), phone: phone.phone };
  }
}

const NO_TELEPHONE = {
  code: 'no-telephone',
  body: 'This went to nobody: no telephone is on file. Reply `!patient REFERENCE` to a text to say whose telephone it is, or record one with `!wr consent record`.',
};
const NO_COMMAND = {
  code: 'no-such-command',
  body: 'This went to nobody: there is no such command here. There are `!patient`, `!consent`, `!send` and `!recall`; `!wr` is heard in the control room. A note among colleagues begins with `//`.',
};

const STATES = { allow: 'queued', rewrite: 'queued', hold: 'held', block: 'cancelled' } as const;

const textOf = (flow: TextingFlow, to: Addressee, message: Message, { verdict, reasons }: GateVerdict): Text =>
  newText(flow, to.line, {
    phone: to.phone,
    patient: to.patient,
    purpose: verdict === 'rewrite' ? 'notice' : 'answer',
    state: STATES[verdict],
    code: reasons[0]?.code ?? null,
    room: message.room,
    event: message.event,
    author: message.sender,
  });

function headline(verdict: GateVerdict['verdict'], { number }: Addressee, send: string | null): string {
  const to = lastFour(number);
  switch (verdict) {
    case 'allow':
      return `Goes out as a text to ${to}.`;
    case 'rewrite':
      return `Your words stay here. Instead ${to} gets: “${send}”`;
    case 'hold':
      return `Held: not sent to ${to} yet. A second person may let it go by replying \`!send\` to it.`;
    case 'block':
      return `Not sent to ${to}.`;
  }
}

/** What was found; null where it could not be told: then nothing goes out. */
function findingsIn(words: string, known: Known): readonly Finding[] | null {
  try {
    return detect(words, known);
  } catch {
    return null;
  }
}

const denied = (code: string, what: string) => ({ code, what, rule: 'line', regulation: '45 CFR 164.530(c)' });
