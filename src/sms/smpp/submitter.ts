import type { HandOver, OutboundText, RefusalCode } from '../../flows/texting/carrierPort.ts';
import { addressOf } from './address.ts';
import { type HandedSegments, HandedText } from './handedSegments.ts';
import { writeMessage } from './message.ts';
import type { Pace } from './pace.ts';
import type { Answer } from './pending.ts';
import type { Segment } from './segments.ts';
import { readSubmitAnswer, type Submitted } from './submitAnswer.ts';
import type { Timers } from './timers.ts';
import type { Turns } from './turns.ts';

export interface SubmitterOptions {
  readonly turns: Turns;
  readonly pace: Pace;
  readonly timers: Timers;
  readonly handed: HandedSegments;
  readonly refusals: ReadonlyMap<number, RefusalCode>;
  /** On the connection there is; `unsent` without one. */
  readonly submit: (body: Buffer) => Promise<Answer>;
}

/** registered_delivery: a receipt of what became of it in the end (SMPP 3.4, section 5.2.17). */
const FINAL_RECEIPT = 0x01;
/** After the first segment was taken, the next one is tried so often before the text is given up as `unknown`. */
const TRIES_ONCE_BEGUN = 5;
/** When the SMSC wants a text later without saying that it is too fast. */
const LATER_MS = 5_000;

/**
 * Submits a text segment by segment, each after the answer to the one before: until the first is taken, "retry" and "refused" are the whole
 * truth; after that, whatever is not "taken" to the end is "unknown", for the phone may show a part.
 */
export class Submitter {
  readonly #options: SubmitterOptions;

  readonly #pauses = new Set<() => void>();
  #isStopped = false;

  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** Nothing is tried again any more. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#pauses) end();
  }

  async send(text: OutboundText, segments: readonly Segment[]): Promise<HandOver> {
    const { handed } = this.#options;
    const begun = new HandedText();
    for (const segment of segments) {
      const submitted = await this.#segment(text, segment, begun.segments.length > 0);
      if (submitted.kind === 'taken') {
        handed.taken(begun, submitted.id ?? `${text.id}.${begun.segments.length + 1}`);
        continue;
      }
      if (begun.segments.length > 0) return { outcome: 'unknown', code: 'smpp-partly-taken' };
      if (submitted.kind === 'unknown') return { outcome: 'unknown', code: submitted.code };
      if (submitted.kind === 'refused')
        return { outcome: 'refused', code: submitted.code, carrierCode: submitted.status };
      return { outcome: 'retry', code: submitted.code, afterMs: submitted.afterMs };
    }
    return { outcome: 'taken', carrierId: handed.finished(begun), segments: segments.length };
  }

  /** A segment that was certainly not taken may be submitted again; that is done here only when the text has begun. */
  async #segment(text: OutboundText, segment: Segment, hasBegun: boolean): Promise<Submitted & { afterMs: number }> {
    for (let tries = 1; ; tries += 1) {
      const submitted = await this.#once(text, segment);
      const isLater = submitted.kind === 'throttled' || submitted.kind === 'retry';
      const afterMs = submitted.kind === 'throttled' ? this.#options.pace.slowDown() : LATER_MS;
      if (!isLater || !hasBegun || tries >= TRIES_ONCE_BEGUN || this.#isStopped) return { ...submitted, afterMs };
      await this.#pause(afterMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        this.#pauses.delete(end);
        resolve();
      };
      const callOff = this.#options.timers.after(ms, end);
      this.#pauses.add(end);
    });
  }

  async #once(text: OutboundText, { userData, esmClass, dataCoding, tlvs }: Segment): Promise<Submitted> {
    const { turns, submit, refusals } = this.#options;
    if (!(await turns.take())) return { kind: 'retry', code: 'smpp-not-bound' };
    try {
      const body = writeMessage({
        source: addressOf(text.from),
        destination: addressOf(text.to),
        esmClass,
        registeredDelivery: FINAL_RECEIPT,
        dataCoding,
        userData,
        tlvs,
      });
      return readSubmitAnswer(await submit(body), refusals);
    } finally {
      turns.done();
    }
  }
}
