import type { Instant } from '../../kernel/clock.ts';
import type { Note, Originator, Received } from './operation.ts';
import type { XmlElement } from './parseXml.ts';
import { readTimestamp } from './timestamp.ts';

const TRUE: ReadonlySet<string> = new Set(['true', '1', 'yes', 'y']);
const FALSE: ReadonlySet<string> = new Set(['false', '0', 'no', 'n']);

/** Reads one element of WCTP leniently, and notes what was odd for it and for all read from it. */
export class Fields {
  readonly notes: Note[];
  readonly #element: XmlElement;

  constructor(element: XmlElement, notes: Note[] = []) {
    this.#element = element;
    this.notes = notes;
  }

  get text(): string {
    return this.#element.text;
  }

  /** The first child of this name (without `wctp-`), wherever it stands. */
  child(name: string): Fields | null {
    return this.children(name)[0] ?? null;
  }

  children(name: string): readonly Fields[] {
    return this.#element.children
      .filter((child) => child.name === `wctp-${name}`)
      .map((child) => new Fields(child, this.notes));
  }

  /** Notes that there is content in it which no name of these covers. */
  noteUnknown(...known: readonly string[]): void {
    const names = new Set(known.map((name) => `wctp-${name}`));
    if (this.#element.children.some(({ name }) => !names.has(name))) this.notes.push('unknown-element');
  }

  /** As it was written; null when it is missing or blank. Names in any case. */
  attribute(name: string): string | null {
    const value = this.#element.attributes.get(name.toLowerCase());
    return value === undefined || value.trim() === '' ? null : value;
  }

  truth(name: string, otherwise: boolean): boolean {
    const value = this.attribute(name)?.trim().toLowerCase();
    if (value === undefined) return otherwise;
    if (TRUE.has(value)) return true;
    if (FALSE.has(value)) return false;
    this.notes.push(`odd-${name}`);
    return otherwise;
  }

  instant(name: string): Instant | null {
    const value = this.attribute(name);
    const at = value === null ? null : readTimestamp(value);
    if (value !== null && at === null) this.notes.push(`odd-${name}`);
    return at;
  }

  originator(): Originator | null {
    const senderId = this.attribute('senderID');
    if (senderId === null) return null;
    return {
      senderId: senderId.trim(),
      securityCode: this.attribute('securityCode'),
      miscInfo: this.attribute('miscInfo'),
    };
  }

  /** A Success or Failure in it. Any 2xx is a success; what is neither is a failure of ours to read: try again later. */
  received(): Received {
    const success = this.child('Success')?.attribute('successCode');
    if (success && /^2\d\d$/.test(success.trim())) return { ok: true };
    const code = this.child('Failure')?.attribute('errorCode')?.trim() ?? '';
    return { ok: false, errorCode: /^\d{3}$/.test(code) ? Number(code) : 604 };
  }
}
