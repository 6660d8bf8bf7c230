import type { PhoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import type { HandOver } from './carrierPort.ts';
import type { Bar } from './textFacts.ts';
import { lineOf, type TextingFlow } from './textingFlow.ts';
import type { OpenText, Text, TextContent } from './textsPort.ts';

/** Texts handed over at the same time, each to another telephone. */
const AT_ONCE = 20;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** What nobody could hand over for so long is of no use any more: people are told. */
const GIVE_UP_MS = 6 * 3_600_000;

export interface SendingFlow extends TextingFlow {
  /** Looked at right before it leaves: why it must not any more (consent ended, the number was stopped), or not yet; null: it may. */
  readonly bars: (tx: Tx, text: Text, number: Phi<PhoneNumber>) => Promise<Bar | null>;
  /** What became of a text, inside the transaction that says so. */
  readonly became: (tx: Tx, before: Text, after: Text, number: Phi<PhoneNumber>) => Promise<void>;
}

/**
 * Hands texts to carriers, in order per line and telephone, each one once: what is being handed over is on record before the carrier is asked,
 * and what a crash or a lost answer left open is `unknown` for good, for a person to look at (design.md 4).
 */
export class TextSender {
  readonly #flow: SendingFlow;

  constructor(flow: SendingFlow) {
    this.#flow = flow;
  }

  /** A process died in the middle: nobody knows whether the carrier heard. Call it once, before `look`, where this process leads. */
  async takeOver(): Promise<void> {
    for (const { id } of await this.#flow.store.read.texts.handing())
      await this.#end(id, 'handing', { outcome: 'unknown', code: 'process-ended' });
  }

  /** Sends what is due; whether there may be more. */
  async look(): Promise<boolean> {
    const { store, clock } = this.#flow;
    const due = await store.read.texts.due(clock.now(), AT_ONCE);
    await Promise.all(due.map((one) => this.#handOver(one)));
    return due.length > 0;
  }

  async #handOver({ text, number, content }: OpenText): Promise<void> {
    const { store, carriers, clock, crash } = this.#flow;
    const line = lineOf(this.#flow, text.line);
    const carrier = carriers.get(text.carrier);
    const barred = line?.barred() ?? null;
    if (line === null || carrier === undefined || barred !== null || content === null)
      return this.#cancel(text, number, barred ?? 'line-gone');
    const begun = await store.change<Text>(async (tx) => {
      const now = await tx.texts.forUpdate(text.id);
      if (now?.state !== 'queued') return null;
      const bar = await this.#flow.bars(tx, now, number);
      if (bar !== null && bar.until !== null) {
        const later: Text = { ...now, code: bar.code, dueAt: bar.until };
        await tx.texts.save(later);
        return { value: later, audit: [entryOf(later, 'text.postponed')] };
      }
      const after: Text =
        bar === null
          ? { ...now, state: 'handing', attempts: now.attempts + 1 }
          : { ...now, state: 'cancelled', code: bar.code };
      await tx.texts.save(after);
      if (bar !== null) await tx.texts.forgetContent(text.id);
      await this.#flow.became(tx, now, after, number);
      return { value: after, audit: [entryOf(after, bar === null ? 'text.handed_over' : 'text.cancelled')] };
    });
    if (begun?.state !== 'handing') return;
    crash.reach('text.handing');
    const outcome = await carrier
      .send({ id: text.id, from: line.number, to: number.reveal(), body: bodyOf(content) })
      .catch((): HandOver => ({ outcome: 'unknown', code: 'carrier-failed' }));
    crash.reach('text.handed_over');
    const isOld = clock.now() - text.at > GIVE_UP_MS;
    if (outcome.outcome === 'retry' && !isOld) return this.#later(begun, outcome);
    await this.#end(text.id, 'handing', outcome);
  }

  async #later(text: Text, { code, afterMs }: Extract<HandOver, { outcome: 'retry' }>): Promise<void> {
    const { store, clock } = this.#flow;
    const pause = afterMs ?? Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(text.attempts - 1, 10));
    const after: Text = { ...text, state: 'queued', code, dueAt: clock.now() + pause };
    await store.change(async (tx) => {
      await tx.texts.save(after);
      return { value: null, audit: [{ ...entryOf(after, 'text.postponed'), outcome: 'failed' }] };
    });
  }

  async #cancel(text: Text, number: Phi<PhoneNumber>, code: string): Promise<void> {
    await this.#flow.store.change(async (tx) => {
      const now = await tx.texts.forUpdate(text.id);
      if (now?.state !== 'queued') return null;
      const after: Text = { ...now, state: 'cancelled', code };
      await tx.texts.save(after);
      await tx.texts.forgetContent(text.id);
      await this.#flow.became(tx, now, after, number);
      return { value: null, audit: [{ ...entryOf(after, 'text.cancelled'), outcome: 'refused' }] };
    });
  }

  async #end(id: Text['id'], from: Text['state'], outcome: HandOver): Promise<void> {
    const { store, alarms } = this.#flow;
    const after = await store.change<Text>(async (tx) => {
      const before = await tx.texts.forUpdate(id);
      if (before?.state !== from) return null;
      const became = afterHandOver(before, outcome);
      await tx.texts.save(became);
      await tx.texts.forgetContent(id);
      const open = await tx.texts.one(id);
      if (open !== null) await this.#flow.became(tx, before, became, open.number);
      const failed = became.state === 'sent' ? 'ok' : 'failed';
      return { value: became, audit: [{ ...entryOf(became, `text.${became.state}`), outcome: failed }] };
    });
    if (after?.state === 'unknown') alarms.raise('text-unknown', {});
  }
}

/** What the carrier's answer makes of it. */
function afterHandOver(text: Text, outcome: HandOver): Text {
  switch (outcome.outcome) {
    case 'taken':
      return { ...text, state: 'sent', carrierId: outcome.carrierId, segments: outcome.segments, code: null };
    case 'refused':
      return { ...text, state: 'refused', code: outcome.code, carrierCode: outcome.carrierCode };
    case 'retry':
      return { ...text, state: 'refused', code: 'carrier-away' };
    case 'unknown':
      return { ...text, state: 'unknown', code: outcome.code };
  }
}

const bodyOf = (content: Phi<TextContent>) => new Phi(content.reveal().body);

/** Never the text, never the number. */
export const entryOf = (text: Text, action: string): AuditEntry => ({
  action,
  outcome: 'ok',
  actor: 'wardroom',
  ...(text.code === null ? {} : { code: text.code }),
  ...(text.room === null ? {} : { room: text.room }),
  ...(text.event === null ? {} : { event: text.event }),
  ...(text.ticket === null ? {} : { ticket: text.ticket }),
  detail: {
    text: text.id,
    line: text.line,
    purpose: text.purpose,
    phone: text.phone,
    patient: text.patient,
    segments: text.segments,
    carrier_code: text.carrierCode,
  },
});
