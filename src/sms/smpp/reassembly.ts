import { randomBytes } from 'node:crypto';
import type { CarrierName, CarrierTextId, InboundText } from '../../flows/texting/carrierPort.ts';
import type { PartsPort } from '../../flows/texting/partsPort.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Phi } from '../../kernel/phi.ts';
import { STATUS } from './commands.ts';
import type { DefaultAlphabet } from './dataCoding.ts';
import type { SmppFault, SmppTimes } from './options.ts';
import { packContent, textOf, unpackContent } from './partContent.ts';
import type { Verdict } from './session.ts';
import { type ArrivedPart, newTextId, WaitingText } from './waitingText.ts';
import { WaitingTexts } from './waitingTexts.ts';

/** Texts, parts and octets that may wait when one more text begins; the SMSC is told to come again later. */
export const MOST_WAITING = 2_000;
export const MOST_WAITING_PARTS = 3_000;
export const MOST_WAITING_OCTETS = 8_000_000;
/** Parts that may wait in all: those of texts that have begun are still taken when no text may begin any more. */
export const MOST_PARTS = 4_500;
/** Texts that one phone may have begun without ending them; its oldest is then passed on as it is. */
export const MOST_UNFINISHED_OF_ONE = 20;
/** A part of a concatenated text has a short message; more is a text of its own. */
const MOST_PART_OCTETS = 1_000;

export interface ReassemblyOptions {
  readonly carrier: CarrierName;
  readonly parts: PartsPort;
  readonly clock: Clock;
  readonly alphabet: DefaultAlphabet;
  readonly times: Pick<SmppTimes, 'partsMs' | 'repeatMs'>;
  readonly receive: (text: InboundText) => Promise<void>;
  readonly onFault: (fault: SmppFault) => void;
}

const NOT_NOW: Verdict = { status: STATUS.temporaryFailure, text: null };
const FULL: Verdict = { status: STATUS.queueFull, text: null };

/**
 * Puts texts together. Every part is durable before it is answered for, a text passed on before its last part is; it is forgotten when
 * the SMSC has surely read the answer. Until then the same part again is the SMSC's repetition, afterwards another text. What misses
 * parts for too long is passed on with the gaps named. Calls come one at a time.
 */
export class Reassembly {
  readonly #options: ReassemblyOptions;
  readonly #waiting = new WaitingTexts();

  constructor(options: ReassemblyOptions) {
    this.#options = options;
  }

  /** What an earlier process kept; whole texts are passed on. False: the database does not say. */
  async load(): Promise<boolean> {
    const { parts, carrier } = this.#options;
    const kept = await this.#try(() => parts.load(carrier));
    if (kept === null) return false;
    for (const part of [...kept].sort((a, b) => a.receivedAt - b.receivedAt)) {
      const text = this.#waiting.get(part.text) ?? new WaitingText(part.text, part, part.receivedAt);
      this.#waiting.put(text, part.number, unpackContent(part.content.reveal()));
    }
    for (const text of this.#waiting.all()) if (text.isWhole) await this.#passOn(text);
    return true;
  }

  /** `connection`: anything that stands for the one it came on. */
  async arrived(part: ArrivedPart, connection: object): Promise<Verdict> {
    const one = isPart(part) ? part : { ...part, reference: null, number: 1, total: 1 };
    const like = this.#waiting.like(one);
    const repeated = like.find((text) => text.answeredOn !== connection && text.has(one.number, one.content));
    if (repeated) return this.#verdict(repeated);
    const begun = like.find((text) => text.lacks(one.number));
    if (this.#waiting.parts >= MOST_PARTS || !(begun || (await this.#makeRoom(one)))) return FULL;
    const now = this.#options.clock.now();
    const text =
      begun ??
      new WaitingText(
        newTextId(() => randomBytes(16).toString('hex')),
        one,
        now,
      );
    const isKept = await this.#try(() =>
      this.#options.parts
        .save({
          carrier: this.#options.carrier,
          text: text.id,
          from: one.from,
          to: one.to,
          reference: one.reference,
          number: one.number,
          total: one.total,
          content: new Phi(packContent(one.content)),
          receivedAt: now,
        })
        .then(() => true),
    );
    if (!isKept) return NOT_NOW;
    this.#waiting.put(text, one.number, one.content);
    return this.#verdict(text);
  }

  /** The answer for the last part was written in good time: on this connection the same words again are another text. */
  answered(id: CarrierTextId, connection: object): void {
    const text = this.#waiting.get(id);
    if (text?.passedOnAt != null) text.answeredOn = connection;
  }

  /** The SMSC will not send these again. */
  async proven(ids: readonly CarrierTextId[]): Promise<void> {
    await this.#forget(ids.flatMap((id) => this.#waiting.get(id) ?? []).filter((text) => text.passedOnAt !== null));
  }

  /** To be called again and again: passes on what waited too long or could not be passed on, forgets what is old. */
  async sweep(): Promise<void> {
    const now = this.#options.clock.now();
    const { partsMs, repeatMs } = this.#options.times;
    for (const text of this.#waiting.all())
      if (text.passedOnAt === null && (text.isWhole || now - text.since >= partsMs)) await this.#passOn(text);
    await this.#forget(
      this.#waiting.all().filter(({ passedOnAt }) => passedOnAt !== null && now - passedOnAt >= repeatMs),
    );
  }

  async #verdict(text: WaitingText): Promise<Verdict> {
    if (text.isWhole && !(await this.#passOn(text))) return NOT_NOW;
    return { status: STATUS.ok, text: text.id };
  }

  /** Whether the flows have it. */
  async #passOn(text: WaitingText): Promise<boolean> {
    if (text.passedOnAt !== null) return true;
    const { receive, alphabet, clock, onFault } = this.#options;
    const isTaken = await this.#try(() =>
      receive({
        carrierId: text.id,
        from: text.from,
        to: text.to,
        body: new Phi(textOf(text.parts, alphabet)),
        media: [],
        optOut: null,
        sentAt: null,
      }).then(() => true),
    );
    if (!isTaken) return false;
    text.passedOnAt = clock.now();
    if (!text.isWhole) onFault('smpp-part-missing');
    return true;
  }

  /** One more text may wait. A phone that never ends its texts gets its oldest passed on as it is. */
  async #makeRoom(part: ArrivedPart): Promise<boolean> {
    const { size, parts, octets } = this.#waiting;
    if (size >= MOST_WAITING || parts >= MOST_WAITING_PARTS || octets >= MOST_WAITING_OCTETS) return false;
    if (part.total === 1) return true;
    const unfinished = this.#waiting.unfinishedOf(part.from);
    const [oldest] = unfinished;
    return unfinished.length < MOST_UNFINISHED_OF_ONE || !oldest || (await this.#passOn(oldest));
  }

  async #forget(texts: readonly WaitingText[]): Promise<void> {
    if (texts.length === 0) return;
    const { parts, carrier } = this.#options;
    const ids = texts.map(({ id }) => id);
    const isDone = await this.#try(() => parts.forget(carrier, ids).then(() => true));
    if (isDone) for (const text of texts) this.#waiting.remove(text);
  }

  /** Null: it failed, which is said. */
  async #try<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch {
      this.#options.onFault('smpp-not-kept');
      return null;
    }
  }
}

/** A part that a phone can have sent. */
const isPart = ({ total, content }: ArrivedPart): boolean => total === 1 || content.octets.length <= MOST_PART_OCTETS;
