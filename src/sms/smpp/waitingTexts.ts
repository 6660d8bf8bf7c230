import type { CarrierTextId } from '../../flows/texting/carrierPort.ts';
import type { PhoneNumber } from '../../kernel/ids.ts';
import type { PartContent } from './partContent.ts';
import { type ArrivedPart, keyOf, type WaitingText } from './waitingText.ts';

/** The texts that wait, by id, by what their parts have in common, and by phone. Bounded by who adds to it. */
export class WaitingTexts {
  readonly #byId = new Map<CarrierTextId, WaitingText>();
  readonly #byKey = new Map<string, Set<WaitingText>>();
  readonly #byPhone = new Map<PhoneNumber, Set<WaitingText>>();
  #octets = 0;
  #parts = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Of all texts together. */
  get parts(): number {
    return this.#parts;
  }

  /** Of all parts together. */
  get octets(): number {
    return this.#octets;
  }

  all(): readonly WaitingText[] {
    return [...this.#byId.values()];
  }

  get(id: CarrierTextId): WaitingText | undefined {
    return this.#byId.get(id);
  }

  /** Those a part may belong to, the oldest first. */
  like(part: ArrivedPart): readonly WaitingText[] {
    return [...(this.#byKey.get(keyOf(part)) ?? [])];
  }

  /** Those of one phone that were not passed on, the oldest first. */
  unfinishedOf(phone: PhoneNumber): readonly WaitingText[] {
    return [...(this.#byPhone.get(phone) ?? [])].filter(({ passedOnAt }) => passedOnAt === null);
  }

  /** One more part of a text, which may be the first; it lacks the part. */
  put(text: WaitingText, number: number, content: PartContent): void {
    this.#byId.set(text.id, text);
    addTo(this.#byKey, text.key, text);
    addTo(this.#byPhone, text.from, text);
    text.put(number, content);
    this.#octets += content.octets.length;
    this.#parts += 1;
  }

  remove(text: WaitingText): void {
    if (!this.#byId.delete(text.id)) return;
    removeFrom(this.#byKey, text.key, text);
    removeFrom(this.#byPhone, text.from, text);
    this.#octets -= text.octets;
    this.#parts -= text.size;
  }
}

function addTo<K, T>(sets: Map<K, Set<T>>, key: K, one: T): void {
  const set = sets.get(key) ?? new Set();
  set.add(one);
  sets.set(key, set);
}

function removeFrom<K, T>(sets: Map<K, Set<T>>, key: K, one: T): void {
  const set = sets.get(key);
  set?.delete(one);
  if (set?.size === 0) sets.delete(key);
}
