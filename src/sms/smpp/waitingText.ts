import type { CarrierTextId } from '../../flows/texting/carrierPort.ts';
import type { Instant } from '../../kernel/clock.ts';
import type { PhoneNumber } from '../../kernel/ids.ts';
import type { PartContent } from './partContent.ts';

/** A part as it arrived. A text that is not concatenated is a part 1 of 1. */
export interface ArrivedPart {
  readonly from: PhoneNumber;
  readonly to: PhoneNumber;
  readonly reference: string | null;
  readonly number: number;
  readonly total: number;
  readonly content: PartContent;
}

/** A text of which not all parts are there, or of which it is not certain that the network knows that we have it. */
export class WaitingText {
  readonly id: CarrierTextId;
  readonly from: PhoneNumber;
  readonly to: PhoneNumber;
  readonly reference: string | null;
  readonly total: number;
  /** Of the first part. */
  readonly since: Instant;
  readonly #parts = new Map<number, PartContent>();
  /** When it was passed on; null: not yet. */
  passedOnAt: Instant | null = null;
  /** The connection on which the last part was answered in good time. */
  answeredOn: object | null = null;

  constructor(id: CarrierTextId, first: Omit<ArrivedPart, 'number' | 'content'>, since: Instant) {
    this.id = id;
    this.from = first.from;
    this.to = first.to;
    this.reference = first.reference;
    this.total = first.total;
    this.since = since;
  }

  get isWhole(): boolean {
    return this.size === this.total;
  }

  /** How many parts are there. */
  get size(): number {
    return this.#parts.size;
  }

  /** Of what is kept. */
  get octets(): number {
    let sum = 0;
    for (const { octets } of this.#parts.values()) sum += octets.length;
    return sum;
  }

  /** In order; null where one is missing. */
  get parts(): readonly (PartContent | null)[] {
    return Array.from({ length: this.total }, (_, index) => this.#parts.get(index + 1) ?? null);
  }

  put(number: number, content: PartContent): void {
    this.#parts.set(number, content);
  }

  /** Parts of the same text have it in common, and so may those of a later one. */
  get key(): string {
    return keyOf(this);
  }

  lacks(number: number): boolean {
    return this.passedOnAt === null && !this.#parts.has(number);
  }

  has(number: number, content: PartContent): boolean {
    const kept = this.#parts.get(number);
    return kept?.dataCoding === content.dataCoding && kept.octets.equals(content.octets);
  }
}

export const keyOf = ({ from, to, reference, total }: Omit<ArrivedPart, 'number' | 'content'>): string =>
  JSON.stringify([from, to, reference, total]);

/** Tells nothing of the text. */
export const newTextId = (random: () => string): CarrierTextId => `mo_${random()}` as CarrierTextId;
