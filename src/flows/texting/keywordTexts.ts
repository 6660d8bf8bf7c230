import { addressState, type Keyword, readKeyword } from '../../consent/index.ts';
import { Phi } from '../../kernel/phi.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { cancelWaiting } from './cancelWaiting.ts';
import type { InboundText } from './carrierPort.ts';
import { appendConsent, consentAbout } from './consentRecord.ts';
import type { Received } from './receiveTexts.ts';
import { lastFour, newText, sayIn, type TextingFlow } from './textingFlow.ts';
import type { PatientRef, TextPurpose } from './textsPort.ts';
import { wordsOfLine } from './wordsOfLine.ts';

/** After HELP was answered, the telephone is not answered again for so long: two machines must not talk to each other. */
const HELP_AGAIN_MS = 5 * 60_000;

/**
 * STOP, START and HELP, obeyed in the transaction in which the text is taken, before anybody reads it (47 CFR 64.1200(a)(10), (a)(12)): what waits for
 * the telephone is cancelled, one confirmation goes out, staff are told.
 */
export class KeywordTexts {
  readonly #flow: TextingFlow;

  constructor(flow: TextingFlow) {
    this.#flow = flow;
  }

  read({ body, optOut }: Pick<InboundText, 'body' | 'optOut'>): Keyword | null {
    const read = readKeyword(body.reveal());
    // Where the carrier acted on it already, it is one, whatever we would read.
    if (optOut === 'stop' && read?.keyword !== 'stop-phrase') return { keyword: 'stop', means: 'stop' };
    if (optOut === 'start' || optOut === 'help') return read ?? { keyword: optOut };
    return read;
  }

  async obey(tx: Tx, received: Received, keyword: Keyword): Promise<readonly AuditEntry[]> {
    switch (keyword.keyword) {
      case 'stop':
      case 'stop-phrase':
        return this.#stop(tx, received, keyword);
      case 'start':
        return this.#start(tx, received);
      case 'help':
        return this.#help(tx, received);
    }
  }

  async #stop(
    tx: Tx,
    received: Received,
    keyword: Extract<Keyword, { keyword: 'stop' | 'stop-phrase' }>,
  ): Promise<readonly AuditEntry[]> {
    const { text, number, body, patients } = received;
    const isWrongNumber = keyword.keyword === 'stop-phrase' && keyword.means === 'wrong-number';
    const now = this.#flow.clock.now();
    const consent = await consentAbout(this.#flow, tx, null, [number]);
    const wasStopped = addressState(consent, number.reveal(), now).stops.length > 0;
    const base = {
      id: text.id,
      at: now,
      by: 'patient',
      channel: 'sms' as const,
      to: number.reveal(),
      evidence: evidence(body),
    };
    const patient = patients.length === 1 ? (patients[0]?.names.reveal().reference ?? null) : null;
    await appendConsent(
      this.#flow,
      tx,
      isWrongNumber
        ? { ...base, type: 'reassigned', patient, method: 'sms', why: 'wrong-person' }
        : { ...base, type: 'revoked', patient, method: 'sms', topics: null, review: keyword.keyword === 'stop-phrase' },
    );
    const cancelled = await cancelWaiting(this.#flow, tx, text.phone);
    // One is allowed, and it is the only further text (47 CFR 64.1200(a)(12)).
    if (!wasStopped) await this.#answer(tx, received, 'confirmation', 'stopped');
    const asked = isWrongNumber ? 'says that this is the wrong number' : 'wants no more texts';
    const review =
      keyword.keyword === 'stop-phrase' || isWrongNumber ? ' Somebody has to look at it: `!wr suppress list`.' : '';
    await this.#tell(
      tx,
      received,
      `${lastFour(number)} ${asked}: “${body.reveal()}”. Nothing is texted to this telephone any more, for anybody who uses it.${review}`,
      'stopped',
    );
    this.#flow.alarms.raise('text-stopped', {});
    return [
      {
        action: 'consent.revoked',
        outcome: 'ok',
        actor: 'patient',
        code: keyword.keyword,
        detail: { phone: text.phone, line: text.line, means: keyword.means, cancelled },
      },
    ];
  }

  async #start(tx: Tx, received: Received): Promise<readonly AuditEntry[]> {
    const { text, number, body } = received;
    const now = this.#flow.clock.now();
    const consent = await consentAbout(this.#flow, tx, null, [number]);
    const wasStopped = addressState(consent, number.reveal(), now).stops.length > 0;
    await appendConsent(this.#flow, tx, {
      type: 'restarted',
      id: text.id,
      at: now,
      by: 'patient',
      channel: 'sms',
      to: number.reveal(),
      evidence: evidence(body),
      method: 'sms',
      reviewedBy: null,
    });
    const after = addressState(await consentAbout(this.#flow, tx, null, [number]), number.reveal(), now);
    if (after.stops.length > 0) {
      // Who has the telephone by now may want texts: what was agreed to was somebody else's.
      const stays = `${lastFour(number)} wrote “${body.reveal()}”, and stays stopped: it was said to be the wrong number. Somebody has to look at it: \`!wr suppress list\`.`;
      await this.#tell(tx, received, stays, 'stopped');
      const detail = { phone: text.phone, line: text.line };
      return [{ action: 'consent.restarted', outcome: 'refused', actor: 'patient', code: 'wrong-number', detail }];
    }
    await this.#answer(tx, received, 'confirmation', 'started');
    const what = wasStopped
      ? 'What was agreed to before counts again.'
      : 'That alone agrees to nothing: record a consent.';
    await this.#tell(tx, received, `${lastFour(number)} wants texts (“${body.reveal()}”). ${what}`, 'started');
    return [
      { action: 'consent.restarted', outcome: 'ok', actor: 'patient', detail: { phone: text.phone, line: text.line } },
    ];
  }

  async #help(tx: Tx, received: Received): Promise<readonly AuditEntry[]> {
    const { text, number } = received;
    const lately = await tx.texts.outSince(text.phone, this.#flow.clock.now() - HELP_AGAIN_MS);
    if (!lately.some(({ purpose }) => purpose === 'help')) await this.#answer(tx, received, 'help', 'help');
    await this.#tell(tx, received, `${lastFour(number)} asked for help (HELP) and was told whom to call.`, 'help');
    return [{ action: 'text.help', outcome: 'ok', actor: 'patient', detail: { phone: text.phone, line: text.line } }];
  }

  async #answer(
    tx: Tx,
    { line, text, number }: Received,
    purpose: TextPurpose,
    said: 'stopped' | 'started' | 'help',
  ): Promise<void> {
    const answer = newText(this.#flow, line, { phone: text.phone, purpose, patient: text.patient });
    await tx.texts.queue(answer, number, new Phi({ body: wordsOfLine(line, said), media: [] }));
  }

  /** In the room of everybody who uses the telephone; where nobody is known to, where unknown telephones are. */
  async #tell(tx: Tx, { line, text, patients }: Received, body: string, state: string): Promise<void> {
    const rooms: readonly (PatientRef | null)[] =
      patients.length === 0 ? [null] : patients.map(({ patient }) => patient);
    for (const [index, patient] of rooms.entries())
      await sayIn(
        this.#flow,
        tx,
        { id: `${text.id}.in.${index}`, text: text.id, line: line.name, patient },
        { body, mark: { text_id: text.id, direction: 'in', state, purpose: 'keyword' }, isNotice: false },
      );
  }
}

/** The patient's own words are the evidence. */
const evidence = (body: Phi<string>): string => body.reveal().trim().slice(0, 2000) || '(empty text)';
