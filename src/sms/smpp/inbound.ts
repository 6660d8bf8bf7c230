import { setImmediate as immediate } from 'node:timers/promises';
import type { CarrierEvents, CarrierName, CarrierTextId } from '../../flows/texting/carrierPort.ts';
import { numberOf } from './address.ts';
import { STATUS } from './commands.ts';
import type { HandedSegments } from './handedSegments.ts';
import type { Message } from './message.ts';
import type { SmppFault } from './options.ts';
import type { Reassembly } from './reassembly.ts';
import { isReceipt, readReceipt } from './receipt.ts';
import type { Verdict } from './session.ts';
import { numberIn, TAG } from './tlvs.ts';
import { partOf, readUserData } from './userDataHeader.ts';
import type { ArrivedPart } from './waitingText.ts';

/** Messages that have no answer of ours yet; the SMSC is told to bring more of them later. */
const MOST_AT_ONCE = 100;
/** esm_class: the user data begin with a header. */
const WITH_HEADER = 0x40;

export interface InboundOptions {
  readonly carrier: CarrierName;
  readonly events: CarrierEvents;
  readonly reassembly: Reassembly;
  readonly handed: HandedSegments;
  readonly onFault: (fault: SmppFault) => void;
}

/** Everything the SMSC delivers, one after the other, so that a phone's texts stay in order. Never rejects. */
export class Inbound {
  readonly #options: InboundOptions;
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  async delivered(message: Message, connection: object): Promise<Verdict> {
    if (this.#count >= MOST_AT_ONCE) return { status: STATUS.queueFull, text: null };
    this.#count += 1;
    try {
      return await this.#next(() => (isReceipt(message) ? this.#receipt(message) : this.#part(message, connection)));
    } finally {
      this.#count -= 1;
    }
  }

  proven(texts: readonly CarrierTextId[]): void {
    void this.#next(() => this.#options.reassembly.proven(texts));
  }

  sweep(): Promise<void> {
    return this.#next(() => this.#options.reassembly.sweep());
  }

  /** Resolves when nothing is being worked on. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result;
    return result;
  }

  #part(message: Message, connection: object): Promise<Verdict> {
    return this.#options.reassembly.arrived(arrivedPart(message), connection);
  }

  async #receipt(message: Message): Promise<Verdict> {
    const { carrier, events, handed, onFault } = this.#options;
    // What the SMSC answered before this receipt, even in the same packet, is taken up first: the receipt may be of it.
    await immediate();
    const receipt = readReceipt(message);
    // Answered "taken": it would not be clearer the next time.
    if (receipt === null) onFault('smpp-unreadable-receipt');
    const report = receipt === null ? null : handed.reportOf(receipt);
    try {
      if (report !== null) await events.reported(carrier, report);
      return { status: STATUS.ok, text: null };
    } catch {
      onFault('smpp-not-kept');
      return { status: STATUS.temporaryFailure, text: null };
    }
  }
}

function arrivedPart({ source, destination, esmClass, dataCoding, userData, tlvs }: Message): ArrivedPart {
  const { content, concatenation } =
    esmClass & WITH_HEADER ? readUserData(userData) : { content: userData, concatenation: null };
  const part =
    concatenation ??
    partOf(
      `sar:${numberIn(tlvs, TAG.referenceNumber, 2)}`,
      numberIn(tlvs, TAG.totalSegments, 1) ?? 0,
      numberIn(tlvs, TAG.segmentNumber, 1) ?? 0,
    );
  return {
    from: numberOf(source),
    to: numberOf(destination),
    reference: part?.reference ?? null,
    number: part?.number ?? 1,
    total: part?.total ?? 1,
    // A copy: the octets arrived together with others.
    content: { dataCoding, octets: Buffer.from(content) },
  };
}
